// @ts-check
/** One job in full, beside the table: its card, its attempts, what it printed, its code. */

import "../document-job.js";
import { attribute, element } from "../dom.js";
import { glyph } from "../glyphs.js";
import { Problem } from "../jobs.js";
import { words } from "../page.js";
import { detail } from "./calls.js";
import { timeline } from "./timeline.js";

/** @typedef {import("../jobs.js").Job} Job */
/** @typedef {import("./calls.js").Detail} Detail */

export class Drawer {
  #seq = 0;
  /** @type {string | null} */ #jobId = null;

  /** @param {() => void} onClose */
  constructor(onClose) {
    this.onClose = onClose;
    this.place = element("div", { className: "drawer-card" });
    this.facts = element("div", { className: "facts" });
    this.close = element("button", { type: "button", className: "button quiet icon" }, glyph("close"));
    this.close.setAttribute("aria-label", words.close);
    this.close.addEventListener("click", () => this.hide());
    this.heading = element("h2", { tabIndex: -1 }, words.identity);
    this.root = element(
      "aside",
      { className: "drawer", hidden: true },
      element("header", {}, this.heading, this.close),
      this.place,
      this.facts,
    );
    this.root.setAttribute("aria-label", words.details);
    this.root.addEventListener("keydown", (event) => event.key === "Escape" && this.hide());
  }

  get jobId() {
    return this.#jobId;
  }

  /** @param {Job} job */
  show(job) {
    const isOther = this.#jobId !== job.jobId;
    this.#jobId = job.jobId;
    this.#seq = 0;
    this.root.hidden = false;
    if (isOther) {
      this.place.replaceChildren(cardOf(job));
      this.facts.replaceChildren();
    }
    this.refresh(job);
  }

  focus() {
    this.heading.focus();
  }

  hide() {
    if (this.root.hidden) return;
    this.root.hidden = true;
    this.#jobId = null;
    this.place.replaceChildren();
    this.onClose();
  }

  /** Read the job again when this state of it is new. @param {Job} job */
  async refresh(job) {
    if (job.jobId !== this.#jobId || job.seq <= this.#seq) return;
    this.#seq = job.seq;
    const known = await detail(job.jobId).catch(ignoreProblem);
    if (!known || known.jobId !== this.#jobId || known.seq < this.#seq) return;

    const open = [...this.facts.querySelectorAll("details")].map((node) => node.open);
    this.facts.replaceChildren(...sections(known));
    this.facts.querySelectorAll("details").forEach((node, index) => (node.open = open[index] ?? node.open));
  }
}

/** @param {Job} job */
function cardOf(job) {
  const card = /** @type {import("../document-job.js").DocumentJob} */ (document.createElement("document-job"));
  attribute(card, "job-id", job.jobId);
  card.job = job;

  return card;
}

/** @param {Detail} job */
function sections(job) {
  const code = element("pre", { className: "code", dir: "ltr", tabIndex: 0 }, numbered(job.payload?.code ?? ""));
  const data = job.payload?.data == null ? null : JSON.stringify(job.payload.data, null, 2);

  return [
    section(words.attempts, timeline(job)),
    section(words.details, identity(job)),
    fold(words.code, code),
    data && fold("DATA", element("pre", { dir: "ltr", tabIndex: 0 }, data)),
  ].filter((part) => part instanceof Node);
}

/** @param {string} title @param {Node} content */
function section(title, content) {
  return element("section", {}, element("h3", {}, title), content);
}

/** @param {string} title @param {Node} content */
function fold(title, content) {
  return element("details", {}, element("summary", {}, title), content);
}

/** @param {Detail} job */
function identity(job) {
  /** @type {[string, string | null][]} */ const facts = [
    [words.identity, job.jobId],
    [words.columns.person, job.userId],
    [words.session, job.sessionId],
    [words.priority, job.priority ? words.number(job.priority) : null],
    [words.created, words.exact(job.createdAt)],
    [words.began, job.startedAt && words.exact(job.startedAt)],
    [words.ended, job.completedAt && words.exact(job.completedAt)],
    [words.expires, job.expiresAt && words.exact(job.expiresAt)],
  ];
  const rows = facts.filter(([, value]) => value).flatMap(([name, value]) => [
    element("dt", {}, name), element("dd", {}, element("bdi", {}, value)),
  ]);
  return element("dl", {}, ...rows);
}

/** @param {string} code */
function numbered(code) {
  const lines = code.trimEnd().split("\n");
  const width = String(lines.length).length;
  return lines.map((line, index) => `${String(index + 1).padStart(width)}  ${line}`).join("\n");
}

/** What was deleted meanwhile leaves the drawer as it is. @param {unknown} error */
function ignoreProblem(error) {
  if (!(error instanceof Problem)) throw error;
  return null;
}
