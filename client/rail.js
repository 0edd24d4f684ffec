// @ts-check
/** The sessions at the side of the page; a button folds them away. */

import { element } from "./dom.js";
import { glyph } from "./glyphs.js";
import { words } from "./page.js";
import * as session from "./session.js";

const KEY = "pressroom.rail";
const WIDE = matchMedia("(min-width: 1040px)");

export class Rail {
  /** @param {() => void} onOpen   another session became the current one */
  constructor(onOpen) {
    this.onOpen = onOpen;
    this.list = element("ul", {});
    this.root = element("nav", { className: "rail", id: "rail" }, this.list);
    this.root.setAttribute("aria-label", words.sessions);
    this.button = element("button", { type: "button", className: "button quiet" }, glyph("rail"));
    this.button.append(element("span", {}, words.sessions));
    this.button.setAttribute("aria-controls", "rail");
    this.button.addEventListener("click", () => this.#fold(!this.root.hidden));
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.#yield());
    document.addEventListener("pointerdown", (event) => this.#isOutside(event) && this.#yield());
    WIDE.addEventListener("change", () => this.#begin());
    this.#begin();
    this.render();
  }

  render() {
    const { id } = session.current();
    this.list.replaceChildren(...session.earlier().map((one) => this.#entry(one, one.id === id)));
  }

  /** @param {session.Session} one @param {boolean} isCurrent */
  #entry({ id, title, begunAt }, isCurrent) {
    const name = element("span", { dir: "auto" }, title ?? words.untitledSession);
    const button = element("button", { type: "button" }, name, element("small", {}, words.moment(begunAt)));
    if (isCurrent) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => {
      session.open(id);
      if (!WIDE.matches) this.#fold(true);
      this.onOpen();
    });

    return element("li", {}, button);
  }

  /** Beside a wide page it stands as it was left, over a narrow one it waits. */
  #begin() {
    this.#set(!WIDE.matches || localStorage.getItem(KEY) === "folded");
  }

  /** Over a narrow page it lies only while somebody chooses. */
  #yield() {
    if (WIDE.matches || this.root.hidden) return;
    const hadFocus = this.root.contains(document.activeElement);
    this.#set(true);
    if (hadFocus) this.button.focus();
  }

  /** @param {PointerEvent} event */
  #isOutside({ target }) {
    const node = /** @type {Node} */ (target);
    return !this.root.contains(node) && !this.button.contains(node);
  }

  /** @param {boolean} isFolded */
  #fold(isFolded) {
    this.#set(isFolded);
    if (WIDE.matches) localStorage.setItem(KEY, isFolded ? "folded" : "open");
  }

  /** @param {boolean} isFolded */
  #set(isFolded) {
    this.root.hidden = isFolded;
    this.button.setAttribute("aria-expanded", String(!isFolded));
  }
}
