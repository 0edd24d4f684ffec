// @ts-check
/** What the table shows, kept in the address, so that a link shows the same. */

import { element } from "../dom.js";
import { glyph } from "../glyphs.js";
import { words } from "../page.js";

/** @typedef {import("./calls.js").Filters} Filters */
/** @typedef {import("../jobs.js").Job} Job */

const STATUSES = ["pending", "processing", "completed", "failed", "cancelled"];
const TYPES = ["spreadsheet", "document", "pdf", "presentation"];
const NAMES = ["status", "jobType", "userId", "search", "sessionId", "batchId"];
const PAUSE_MS = 250;

export class Bar {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #typing;

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.status = select(words.filterStatus, STATUSES, (status) => words.status(status));
    this.jobType = select(words.filterType, TYPES, (type) => words.type(type));
    this.person = field("text", words.filterPerson);
    this.search = field("search", words.search);
    const key = element("kbd", { "aria-hidden": "true" }, words.searchKey);
    const searching = element("label", { className: "searching" }, glyph("search"), this.search, key);
    this.people = element("span", { className: "people", hidden: true }, this.person);
    this.root = element(
      "form", { className: "filters", role: "search" }, searching, this.status, this.jobType, this.people,
    );
    this.root.addEventListener("submit", (event) => event.preventDefault());
    this.root.addEventListener("change", () => this.#changed());
    this.root.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.#changed(), PAUSE_MS);
    });
    window.addEventListener("popstate", () => this.#restore());
    this.#fill();
  }

  /** By the names of the API. @returns {Filters} */
  get values() {
    const query = new URLSearchParams(location.search);
    return Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ""]));
  }

  /** Whether a job belongs into the list as it is filtered. @param {Job} job */
  matches(job) {
    const { search, ...others } = this.values;
    const isFound = !search || (job.title ?? "").toLowerCase().includes(search.toLowerCase());
    const own = /** @type {Record<string, any>} */ (job);
    return isFound && Object.entries(others).every(([name, value]) => !value || String(own[name]) === value);
  }

  #changed() {
    clearTimeout(this.#typing);
    const address = new URL(location.href);
    const chosen = {
      status: this.status.value, jobType: this.jobType.value,
      userId: this.person.value.trim(), search: this.search.value.trim(),
    };
    for (const [name, value] of Object.entries(chosen)) {
      if (value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
    }
    if (address.href === location.href) return;

    history.pushState(null, "", address);
    this.onChange();
  }

  #restore() {
    this.#fill();
    this.onChange();
  }

  #fill() {
    const { status, jobType, userId, search } = this.values;
    this.status.value = status;
    this.jobType.value = jobType;
    this.person.value = userId;
    this.search.value = search;
  }
}

/** @param {string} label @param {string[]} values @param {(value: string) => string} word */
function select(label, values, word) {
  const all = element("option", { value: "" }, `${label}: ${words.all}`);
  const options = values.map((value) => element("option", { value }, word(value)));
  const node = element("select", {}, all, ...options);
  node.setAttribute("aria-label", label);

  return node;
}

/** @param {string} type @param {string} label */
function field(type, label) {
  const node = element("input", { type, placeholder: label, autocomplete: "off", dir: "auto" });
  node.setAttribute("aria-label", label);

  return node;
}
