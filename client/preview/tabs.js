// @ts-check
/** A row of tabs: the arrows move and choose at once. */

import { element } from "../dom.js";

/** @param {string[]} names
 * @param {number} at
 * @param {(index: number) => void} choose
 * @returns {HTMLElement} */
export function tabs(names, at, choose) {
  const buttons = names.map((name, index) => {
    const button = element("button", { type: "button", role: "tab", dir: "auto" }, name);
    button.addEventListener("click", () => select(index));
    return button;
  });
  const root = element("div", { className: "tabs", role: "tablist" }, ...buttons);
  const mark = (/** @type {number} */ chosen) => buttons.forEach((button, index) => {
    button.setAttribute("aria-selected", String(index === chosen));
    button.tabIndex = index === chosen ? 0 : -1;
  });
  const select = (/** @type {number} */ index) => {
    mark(index);
    choose(index);
  };
  root.addEventListener("keydown", (event) => {
    const from = buttons.findIndex((button) => button.tabIndex === 0);
    const to = target(event.key, from, buttons.length, getComputedStyle(root).direction === "rtl");
    if (to === null) return;

    event.preventDefault();
    event.stopPropagation();
    select(to);
    buttons[to].focus();
  });
  mark(at);

  return root;
}

/** @param {string} key @param {number} from @param {number} count @param {boolean} isMirrored */
function target(key, from, count, isMirrored) {
  const forward = isMirrored ? "ArrowLeft" : "ArrowRight";
  const back = isMirrored ? "ArrowRight" : "ArrowLeft";
  if (key === forward) return (from + 1) % count;
  if (key === back) return (from - 1 + count) % count;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : null;
}
