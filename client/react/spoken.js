// @ts-check
import { useEffect, useState } from "react";

import { known, languageOf, speak, words } from "../words.js";

/** The words of a language; English until those of another have been fetched.
 * @param {string} [lang] */
export function useWords(lang) {
  const language = languageOf(lang);
  const [, setFetched] = useState("");
  useEffect(() => {
    if (!known(language)) speak(language).then(() => setFetched(language));
  }, [language]);

  return known(language) ?? words;
}
