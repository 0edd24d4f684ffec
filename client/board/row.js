// @ts-check
/** One job as a row of the table: changed in place, never drawn anew. */

import { elapsedMs } from "../clock.js";
import { attribute, element, setText } from "../dom.js";
import { glyph } from "../glyphs.js";
import { words } from "../page.js";

/** @typedef {import("../jobs.js").Job} Job */

/** @type {Record<string, string>} */
const GLYPHS = { completed: "ready", failed: "failed", cancelled: "cancelled" };

export class Row {
  /** @param {Job} job @param {{open: (row: Row) => void, onSelect: () => void}} table */
  constructor(job, table) {
    this.job = job;
    this.box = element("input", { type: "checkbox" });
    this.box.addEventListener("change", table.onSelect);
    this.state = element("span", { className: "state" });
    this.word = element("span", {});
    this.title = element("button", { type: "button", className: "title", tabIndex: -1, dir: "auto" });
    this.type = element("span", { className: "kind" });
    this.person = element("bdi", {});
    this.attempt = element("td", { "data-column": "attempt" });
    this.waited = element("td", { "data-column": "waited" });
    this.ran = element("td", { "data-column": "ran" });
    this.when = element("time", {});
    this.root = this.#row(() => table.open(this));
    this.update(job);
  }

  get isSelected() {
    return this.box.checked;
  }

  /** @param {boolean} isSelected */
  select(isSelected) {
    this.box.checked = isSelected;
    this.box.dispatchEvent(new Event("change"));
  }

  /** Take a state of the job, unless it is older. @param {Job} job */
  update(job) {
    if (job.seq < this.job.seq) return;

    this.job = job;
    const title = job.title ?? words.untitled(job.jobType);
    attribute(this.root, "data-status", job.status);
    redraw(this.state, GLYPHS[job.status] ?? job.status);
    setText(this.title, title);
    attribute(this.box, "aria-label", words.select(title));
    attribute(this.type, "data-type", job.jobType);
    if (!this.type.hasChildNodes()) this.type.append(glyph(job.jobType), words.type(job.jobType));
    setText(this.person, job.userId);
    setText(this.attempt, job.attempt ? words.number(job.attempt) : "");
    setText(this.when, words.moment(job.createdAt));
    this.when.dateTime = job.createdAt;
    this.when.title = words.exact(job.createdAt);
    this.tick();
  }

  /** What the clock changes. */
  tick() {
    const { status, progress, scheduledAt, startedAt, completedAt } = this.job;
    const percent = status === "processing" && progress ? ` ${words.percent(progress)}` : "";
    setText(this.word, words.status(status) + percent);
    const waited = status === "pending" ? elapsedMs(scheduledAt) : startedAt && elapsedMs(scheduledAt, startedAt);
    setText(this.waited, waited === null ? "" : words.measured(waited || 0));
    const isRunning = startedAt !== null && status !== "pending";
    setText(this.ran, isRunning ? words.measured(elapsedMs(startedAt, completedAt)) : "");
  }

  /** @param {() => void} open */
  #row(open) {
    const root = element(
      "tr",
      {},
      element("td", { className: "choice" }, this.box),
      element("td", {}, element("span", { className: "status" }, this.state, this.word)),
      element("td", { "data-column": "title" }, this.title),
      element("td", { "data-column": "type" }, this.type),
      element("td", { "data-column": "person" }, this.person),
      this.attempt, this.waited, this.ran,
      element("td", { "data-column": "when" }, this.when),
    );
    root.addEventListener("click", (event) => {
      if (!(/** @type {Element} */ (event.target).closest(".choice"))) open();
    });

    return root;
  }
}

/** @param {HTMLElement} place @param {string} name */
function redraw(place, name) {
  if (place.dataset.glyph === name) return;

  place.dataset.glyph = name;
  place.replaceChildren(glyph(name));
}
