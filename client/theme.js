// @ts-check
/** Light, dark, or as the system says: a quiet button goes round. */

import { element } from "./dom.js";
import { glyph } from "./glyphs.js";
import { words } from "./page.js";

/** @typedef {keyof typeof import("./words/en.js").default.themes} Theme */

const KEY = "pressroom.theme";
const THEMES = /** @type {Theme[]} */ (["system", "light", "dark"]);

/** Put on the theme that was chosen last, and return the button that changes it. */
export function themeButton() {
  const button = element("button", { type: "button", className: "button quiet icon" });
  button.addEventListener("click", () => wear(next(chosen()), button));
  wear(chosen(), button);

  return button;
}

/** @param {Theme} theme @param {HTMLButtonElement} button */
function wear(theme, button) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem(KEY, theme);
  button.replaceChildren(glyph(theme));
  button.title = words.themes[theme];
  button.setAttribute("aria-label", words.themes[theme]);
}

/** @returns {Theme} */
function chosen() {
  return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? "system";
}

/** @param {Theme} theme */
function next(theme) {
  return THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
}
