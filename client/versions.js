// @ts-check
/**
 * The versions of one document: the latest in the flow, all of them side by side on demand.
 *
 * A version is a job with the same `messageId`, which is the id of the document's first job.
 */

import "./document-job.js";
import { element, setText } from "./dom.js";
import { glyph } from "./glyphs.js";
import { words } from "./page.js";

/** @typedef {import("./jobs.js").Job} Job */
/** @typedef {import("./document-job.js").DocumentJob} DocumentJob */

export class Versions {
  #isSpread = false;

  /** @param {string} documentId */
  constructor(documentId) {
    this.documentId = documentId;
    this.count = element("span", {});
    this.button = element("button", { type: "button", className: "button quiet" });
    this.button.addEventListener("click", () => this.#spread(!this.#isSpread));
    this.head = element("div", { className: "versions-head", hidden: true }, this.count, this.button);
    this.cards = element("ol", { className: "versions" });
    this.root = element("li", {}, this.head, this.cards);
    this.#spread(false);
  }

  /** @param {DocumentJob} card @param {boolean} isOlder */
  add(card, isOlder) {
    const entry = element("li", {}, element("p", { className: "version" }), card);
    if (isOlder) this.cards.prepend(entry);
    else this.cards.append(entry);
    this.#number();
  }

  #number() {
    const entries = /** @type {HTMLElement[]} */ ([...this.cards.children]);
    this.head.hidden = entries.length < 2;
    setText(this.count, words.count("versions", entries.length));
    entries.forEach((entry, index) => {
      setText(/** @type {HTMLElement} */ (entry.firstElementChild), words.version(words.number(index + 1)));
    });
  }

  /** @param {boolean} isSpread */
  #spread(isSpread) {
    this.#isSpread = isSpread;
    this.root.toggleAttribute("data-spread", isSpread);
    this.button.setAttribute("aria-pressed", String(isSpread));
    const word = isSpread ? words.oneBelowTheOther : words.sideBySide;
    this.button.replaceChildren(glyph(isSpread ? "versions" : "columns"), word);
  }
}
