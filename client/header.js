// @ts-check
/** The head of every page: where one is, where else one can go, how it looks. */

import { element } from "./dom.js";
import { glyph } from "./glyphs.js";
import { languageButton, words } from "./page.js";
import { themeButton } from "./theme.js";

const PAGES = [
  { path: "/", word: words.chat },
  { path: "/jobs", word: words.jobs },
];

/** @param {...Node} controls   the page's own
 * @returns {HTMLElement} */
export function header(...controls) {
  const skip = element("a", { className: "skip", href: "#main" }, words.skip);
  const name = element("h1", {}, glyph("press"), words.product);
  const places = element("nav", { className: "places" }, ...PAGES.map(place));
  const own = element("div", { className: "own" }, ...controls);

  return element("header", {}, skip, name, places, own, languageButton(), themeButton());
}

/** @param {{path: string, word: string}} page */
function place({ path, word }) {
  const link = element("a", { href: path, className: "button quiet" }, word);
  if (path === location.pathname) link.setAttribute("aria-current", "page");

  return link;
}
