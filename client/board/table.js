// @ts-check
/** The table of jobs: new ones on top, the others where they are, one row under the keys. */

import { element } from "../dom.js";
import { words } from "../page.js";
import { Row } from "./row.js";

/** @typedef {import("../jobs.js").Job} Job */

const COLUMNS = /** @type {(keyof typeof words.columns)[]} */ ([
  "status", "title", "type", "person", "attempt", "waited", "ran", "when",
]);
const TICK_MS = 1_000;

export class Table {
  /** @type {Map<string, Row>} */ #rows = new Map();
  /** @type {Row | null} */ #current = null;
  /** @type {WeakMap<Element, Row>} */ #byRoot = new WeakMap();
  #isChosen = false; // by a person; before, it is the topmost

  /** @param {{onOpen: (row: Row) => void, onSelect: () => void}} page */
  constructor(page) {
    this.page = page;
    this.body = element("tbody", {});
    this.all = element("input", { type: "checkbox" });
    this.all.setAttribute("aria-label", words.selectAll);
    this.all.addEventListener("change", () => this.rows.forEach((row) => row.select(this.all.checked)));
    this.root = element("table", { className: "board" }, this.#head(), this.body);
    this.root.setAttribute("aria-label", words.jobs);
    this.body.addEventListener("focusin", (event) => this.#focused(event));
    setInterval(() => this.#tick(), TICK_MS);
  }

  /** In the order in which they are seen. */
  get rows() {
    return [...this.body.children].map((root) => /** @type {Row} */ (this.#byRoot.get(root)));
  }

  get selected() {
    return this.rows.filter((row) => row.isSelected);
  }

  /** The row under the keys. */
  get current() {
    return this.#current;
  }

  clear() {
    this.#rows.clear();
    this.#current = null;
    this.#isChosen = false;
    this.all.checked = false;
    this.body.replaceChildren();
  }

  /** Put a page of jobs at the end. @param {Job[]} jobs newest first */
  append(jobs) {
    for (const job of jobs) {
      if (!this.update(job)) this.body.append(this.#add(job).root);
    }
    this.#keepMark();
  }

  /** A job that was not there a moment ago. @param {Job} job */
  prepend(job) {
    const { root } = this.#add(job);
    root.classList.add("new");
    const next = this.rows.find((row) => row.job.createdAt <= job.createdAt);
    this.body.insertBefore(root, next?.root ?? null);
    this.#keepMark();
  }

  /** Whether there was a row to change. @param {Job} job */
  update(job) {
    const row = this.#rows.get(job.jobId);
    row?.update(job);

    return row !== undefined;
  }

  /** Move the keys' row. @param {number} by */
  move(by) {
    const { rows } = this;
    const at = this.#isChosen && this.#current ? rows.indexOf(this.#current) : -1;
    const next = rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
    next?.title.focus();
    next?.root.scrollIntoView({ block: "nearest" });

    return next;
  }

  #head() {
    const heads = COLUMNS.map((name) => (
      element("th", { scope: "col", "data-column": name }, words.columns[name])
    ));
    return element("thead", {}, element("tr", {}, element("td", { className: "choice" }, this.all), ...heads));
  }

  /** @param {Job} job */
  #add(job) {
    const row = new Row(job, { open: (opened) => this.page.onOpen(opened), onSelect: this.page.onSelect });
    this.#rows.set(job.jobId, row);
    this.#byRoot.set(row.root, row);

    return row;
  }

  /** @param {FocusEvent} event */
  #focused(event) {
    const root = /** @type {Element} */ (event.target).closest("tr");
    this.#isChosen = true;
    this.#mark((root && this.#byRoot.get(root)) ?? null);
  }

  #keepMark() {
    if (!this.#isChosen) this.#mark(this.rows[0] ?? null);
  }

  /** One row can be reached by Tab; the others by the keys. @param {Row | null} row */
  #mark(row) {
    if (this.#current) this.#current.title.tabIndex = -1;
    this.#current?.root.classList.remove("current");
    this.#current = row;
    row?.root.classList.add("current");
    if (row) row.title.tabIndex = 0;
  }

  #tick() {
    for (const row of this.#rows.values()) if (!row.job.final) row.tick();
  }
}
