// @ts-check
/** The page's language, chosen before anything is drawn: by the address, by the person, by the browser. */

import "./page-glyphs.js";
import { element } from "./dom.js";
import { glyph } from "./glyphs.js";
import { menu } from "./menu.js";
import { LANGUAGES, languageOf, speak } from "./words.js";

const KEY = "pressroom.language";

export const words = await speak(chosen());

Object.assign(document.documentElement, { lang: words.tag, dir: words.dir });

/** A button with the languages there are. */
export function languageButton() {
  const button = element("button", { type: "button", className: "button quiet icon" }, glyph("language"));
  button.setAttribute("aria-label", words.languageLabel);
  button.title = words.languageLabel;

  return menu(button, () => LANGUAGES.map((language) => ({
    word: nameOf(language),
    choose: () => choose(language),
  })));
}

/** In its own words: who needs it reads no other. @param {string} language */
function nameOf(language) {
  return new Intl.DisplayNames([language], { type: "language" }).of(language) ?? language;
}

function chosen() {
  const asked = new URLSearchParams(location.search).get("lang") ?? localStorage.getItem(KEY);
  return languageOf(asked ?? navigator.language);
}

/** @param {string} language */
function choose(language) {
  localStorage.setItem(KEY, language);
  const address = new URL(location.href);
  address.searchParams.delete("lang");
  // The same address but for its fragment would not be loaded again.
  if (address.href === location.href) location.reload();
  else location.href = address.href;
}
