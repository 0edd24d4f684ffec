// @ts-check
/** The jobs of a session as cards, the newest at the bottom beside the composer. */

import "./document-job.js";
import { element } from "./dom.js";
import { list } from "./jobs.js";
import { words } from "./words.js";

/** @typedef {import("./jobs.js").Job} Job */
/** @typedef {import("./document-job.js").DocumentJob} DocumentJob */

const NEAR_END_PX = 48;

export class Feed {
  #generation = 0;

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.cards = element("ol", { className: "cards" });
    this.cards.setAttribute("aria-label", words.jobs);
    this.more = element("div", { className: "earlier" });
    this.root = element("section", { className: "feed" }, this.more, this.cards);
    this.root.addEventListener("document-job-change", onChange);
    this.onChange = onChange;
    followEnd(this.root);
  }

  /** Show the jobs of a session as the server knows them. @param {string} sessionId */
  async load(sessionId) {
    this.#generation += 1;
    this.cards.replaceChildren();
    this.more.replaceChildren();
    await this.#page(sessionId, null);
  }

  /** Add a job that was just accepted, and bring it into sight.
   * @param {string} jobId @param {string} code */
  add(jobId, code) {
    const card = cardOf(jobId);
    card.code = code;
    card.isAwaited = true;
    this.cards.append(element("li", {}, card));
    this.onChange();
    window.scrollTo({ top: document.documentElement.scrollHeight });
  }

  get isEmpty() {
    return this.cards.childElementCount === 0;
  }

  /** How many jobs are not final yet. */
  get working() {
    const cards = /** @type {DocumentJob[]} */ ([...this.cards.querySelectorAll("document-job")]);
    return cards.filter((card) => !card.job?.final).length;
  }

  /** @param {string} sessionId @param {string | null} cursor */
  async #page(sessionId, cursor) {
    const generation = this.#generation;
    const { jobs, nextCursor } = await list(sessionId, cursor);
    if (generation !== this.#generation) return; // another session was opened meanwhile

    this.cards.prepend(...jobs.map(itemOf).reverse());
    this.#offerEarlier(sessionId, nextCursor);
    this.onChange();
  }

  /** @param {string} sessionId @param {string | null} cursor */
  #offerEarlier(sessionId, cursor) {
    const button = element("button", { type: "button", className: "button quiet" }, words.earlier);
    button.addEventListener("click", () => this.#page(sessionId, cursor), { once: true });
    this.more.replaceChildren(...(cursor ? [button] : []));
  }
}

/** Stay at the end of the page when a card grows there; leave a reader elsewhere alone.
 * @param {HTMLElement} root */
function followEnd(root) {
  const page = document.documentElement;
  let isAtEnd = true;
  window.addEventListener("scroll", () => {
    isAtEnd = page.scrollHeight - page.clientHeight - page.scrollTop < NEAR_END_PX;
  });
  new ResizeObserver(() => {
    if (isAtEnd && !isUnfolding()) page.scrollTop = page.scrollHeight;
  }).observe(root);
}

/** What a person unfolds by hand is not to move under the hand. */
function isUnfolding() {
  return document.activeElement?.shadowRoot?.activeElement?.localName === "summary";
}

/** @param {Job} job */
function itemOf(job) {
  const card = cardOf(job.jobId);
  card.job = job;

  return element("li", {}, card);
}

/** @param {string} jobId */
function cardOf(jobId) {
  const card = /** @type {DocumentJob} */ (document.createElement("document-job"));
  card.setAttribute("job-id", jobId);
  card.setAttribute("editable", "");

  return card;
}
