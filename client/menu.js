// @ts-check
/**
 * A button with a menu: arrow keys move, Escape and a click elsewhere close, focus comes back.
 *
 * @typedef {{word: string, glyph?: string, detail?: string, href?: string, name?: string,
 *   choose?: () => void}} Item
 */

import { element } from "./dom.js";
import { glyph } from "./glyphs.js";

const MARGIN_PX = 8;

/** Give a button a menu, whose items are asked for at every opening.
 * @param {HTMLButtonElement} button
 * @param {() => Item[]} items
 * @returns {HTMLElement} the button and its menu, to be placed in the page */
export function menu(button, items) {
  const list = element("div", { role: "menu", className: "menu", hidden: true });
  list.setAttribute("aria-label", button.getAttribute("aria-label") ?? button.textContent ?? "");
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");

  const opened = { current: new AbortController() };
  const close = () => {
    opened.current.abort();
    list.hidden = true;
    raise(holder, false);
    button.setAttribute("aria-expanded", "false");
  };
  const open = () => {
    list.replaceChildren(...items().map((item) => entry(item, () => leave(button, close))));
    list.hidden = false;
    raise(holder, true);
    place(list, button);
    button.setAttribute("aria-expanded", "true");
    opened.current = new AbortController();
    closeOnOutside(holder, close, opened.current.signal);
    focusables(list)[0]?.focus();
  };
  button.addEventListener("click", () => (list.hidden ? open() : close()));
  list.addEventListener("keydown", (event) => onKey(event, list, () => leave(button, close)));
  list.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !holder.contains(/** @type {Node} */ (event.relatedTarget))) close();
  });

  const holder = element("div", { className: "menu-holder" }, button, list);
  return holder;
}

/** Open into the larger part of the window, and stay inside it.
 * @param {HTMLElement} list @param {HTMLElement} button */
function place(list, button) {
  const { clientWidth, clientHeight } = document.documentElement;
  const { top, left, width } = button.getBoundingClientRect();
  const isOnTheLeft = left + width / 2 < clientWidth / 2;
  const isReadFromTheLeft = getComputedStyle(list).direction === "ltr";
  list.classList.toggle("above", top > clientHeight / 2);
  list.classList.toggle("from-start", isOnTheLeft === isReadFromTheLeft);

  // Beside a button in the middle of a phone there is room on neither side.
  list.style.translate = "";
  const edge = list.getBoundingClientRect();
  const right = Math.max(0, MARGIN_PX - edge.left);
  const back = Math.max(0, edge.right + MARGIN_PX - clientWidth);
  list.style.translate = `${right - back}px`;
}

/** A card cannot see into its own shadow, so it is told that a menu is open there.
 * @param {HTMLElement} holder @param {boolean} isOpen */
function raise(holder, isOpen) {
  const root = holder.getRootNode();
  if (root instanceof ShadowRoot) root.host.toggleAttribute("data-menu", isOpen);
}

/** @param {Item} item @param {() => void} done */
function entry(item, done) {
  const content = [item.glyph && glyph(item.glyph), element("span", {}, item.word)];
  const detail = item.detail && element("small", {}, item.detail);
  const node = item.href
    ? element("a", { href: item.href, download: item.name ?? "" }, ...content, detail)
    : element("button", { type: "button" }, ...content, detail);
  node.setAttribute("role", "menuitem");
  node.tabIndex = -1;
  node.addEventListener("click", () => {
    done();
    item.choose?.();
  });

  return node;
}

/** @param {HTMLElement} button @param {() => void} close */
function leave(button, close) {
  close();
  button.focus();
}

/** @param {KeyboardEvent} event @param {HTMLElement} list @param {() => void} done */
function onKey(event, list, done) {
  const entries = focusables(list);
  const root = /** @type {Document | ShadowRoot} */ (list.getRootNode());
  const at = entries.indexOf(/** @type {HTMLElement} */ (root.activeElement));
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Escape") done();
  else if (next === undefined) return;
  else entries.at(next % entries.length)?.focus();

  event.preventDefault();
  event.stopPropagation();
}

/** @param {HTMLElement} list @returns {HTMLElement[]} */
function focusables(list) {
  return [...list.querySelectorAll("[role=menuitem]")].map((node) => /** @type {any} */ (node));
}

/** @param {HTMLElement} holder @param {() => void} close @param {AbortSignal} signal */
function closeOnOutside(holder, close, signal) {
  const onPointer = (/** @type {Event} */ event) => {
    if (!event.composedPath().includes(holder)) close();
  };
  document.addEventListener("pointerdown", onPointer, { signal });
}
