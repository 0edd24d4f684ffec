// @ts-check
/** The documents of a session, the newest at the bottom beside the composer. */

import { element } from "./dom.js";
import { list } from "./jobs.js";
import { words } from "./page.js";
import { Versions } from "./versions.js";

/** @typedef {import("./jobs.js").Job} Job */
/** @typedef {import("./document-job.js").DocumentJob} DocumentJob */

const NEAR_END_PX = 48;

export class Feed {
  #generation = 0;
  /** @type {Map<string, Versions>} */ #documents = new Map();

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
    this.#documents.clear();
    this.cards.replaceChildren();
    this.more.replaceChildren();
    await this.#page(sessionId, null);
  }

  /** Add a job that was just accepted, and bring it into sight.
   * @param {string} jobId @param {{code: string, documentId?: string}} draft */
  add(jobId, { code, documentId = jobId }) {
    const card = cardOf(jobId);
    card.code = code;
    card.isAwaited = true;
    this.#place(card, documentId, false);
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

  /** Put a card beside the other versions of its document, or at an end of the flow.
   * @param {DocumentJob} card @param {string} documentId @param {boolean} isOlder */
  #place(card, documentId, isOlder) {
    const known = this.#documents.get(documentId);
    const versions = known ?? new Versions(documentId);
    this.#documents.set(documentId, versions);
    versions.add(card, isOlder);
    // A document stands where its latest version does.
    if (!isOlder) this.cards.append(versions.root);
    else if (!known) this.cards.prepend(versions.root);
  }

  /** @param {string} sessionId @param {string | null} cursor */
  async #page(sessionId, cursor) {
    const generation = this.#generation;
    const { jobs, nextCursor } = await list(sessionId, cursor);
    if (generation !== this.#generation) return; // another session was opened meanwhile

    for (const job of jobs) this.#placeJob(job);
    this.#offerEarlier(sessionId, nextCursor);
    this.onChange();
  }

  /** @param {Job} job */
  #placeJob(job) {
    const card = cardOf(job.jobId);
    card.job = job;
    this.#place(card, job.messageId ?? job.jobId, true);
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

/** @param {string} jobId */
function cardOf(jobId) {
  const card = /** @type {DocumentJob} */ (document.createElement("document-job"));
  card.setAttribute("job-id", jobId);
  card.setAttribute("editable", "");

  return card;
}
