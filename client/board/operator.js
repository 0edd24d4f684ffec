// @ts-check
/** What only who operates sees: figures, workers with their slots, job types to pause. */

import { element } from "../dom.js";
import { glyph } from "../glyphs.js";
import { Problem } from "../jobs.js";
import { words } from "../page.js";
import { figures, jobTypes, setPaused, workers } from "./calls.js";
import { Strip } from "./strip.js";

/** @typedef {import("./calls.js").Worker} Worker */
/** @typedef {import("./calls.js").JobType} JobType */

const SAMPLE_MS = 2_000;

export class Operator {
  #workersOf = "";
  #typesOf = "";

  constructor() {
    this.strip = new Strip();
    this.types = element("ul", { className: "job-types" });
    this.workers = element("ul", { className: "workers" });
    this.workers.setAttribute("aria-label", words.workers);
    this.root = element("div", { className: "operator", hidden: true }, this.strip.root, this.types, this.workers);
  }

  /** Whether this person operates; then what they see moves. */
  async start() {
    const isAllowed = await this.#sample().catch(refused);
    this.root.hidden = !isAllowed;
    if (isAllowed) setInterval(() => document.hidden || this.#sample().catch(refused), SAMPLE_MS);

    return isAllowed;
  }

  async #sample() {
    const [now, known, types] = await Promise.all([figures(), workers(), jobTypes()]);
    this.strip.add(now);
    this.#showTypes(types);
    this.#showWorkers(known);

    return true;
  }

  /** @param {JobType[]} types */
  #showTypes(types) {
    const shown = JSON.stringify(types.map((type) => Boolean(type.pausedAt)));
    if (shown === this.#typesOf) return;

    this.#typesOf = shown;
    const at = [...this.types.querySelectorAll("button")].indexOf(/** @type {any} */ (document.activeElement));
    this.types.replaceChildren(...types.map((type) => this.#type(type)));
    this.types.querySelectorAll("button")[at]?.focus();
  }

  /** @param {JobType} type */
  #type({ jobType, pausedAt }) {
    const isPaused = pausedAt !== null;
    const name = words.type(jobType);
    const button = element("button", { type: "button", className: "button" }, glyph(isPaused ? "run" : "pause"));
    button.append(isPaused ? words.resume : words.pause);
    button.setAttribute("aria-label", isPaused ? words.resumeOf(name) : words.pauseOf(name));
    button.addEventListener("click", async () => this.#showTypes(await setPaused(jobType, !isPaused)));
    const kind = element("span", { className: "kind", "data-type": jobType }, glyph(jobType), name);
    const note = isPaused && element("span", { className: "attention" }, words.paused);

    return element("li", {}, kind, note, button);
  }

  /** @param {Worker[]} known */
  #showWorkers(known) {
    const shown = JSON.stringify(known.map((w) => [w.workerId, w.running, w.isAlive]));
    if (shown === this.#workersOf) return;

    this.#workersOf = shown;
    const open = new Set([...this.workers.querySelectorAll("details[open]")].map((node) => node.id));
    this.workers.replaceChildren(...known.map(entry));
    for (const id of open) this.workers.querySelector(`[id="${id}"]`)?.setAttribute("open", "");
    if (known.length === 0) this.workers.append(element("li", { className: "attention" }, words.noWorkers));
  }
}

/** @param {Worker} worker */
function entry({ workerId, hostname, pid, slots, running, isAlive, sandbox }) {
  const squares = Array.from({ length: slots }, (_, index) => (
    element("i", { className: index < running ? "busy" : "" })
  ));
  const said = words.slots(words.number(running), words.number(slots));
  const row = element("span", { className: "slots", role: "img" }, ...squares);
  row.setAttribute("aria-label", said);
  const report = element(
    "details",
    { id: `sandbox-${workerId}` },
    element("summary", {}, words.sandbox),
    element("dl", { dir: "ltr" }, ...Object.entries(sandbox ?? {}).flatMap(fact)),
  );
  const name = element("bdi", {}, `${hostname} · ${pid}`);
  const note = !isAlive && element("span", { className: "attention" }, words.silent);

  return element("li", {}, element("span", { className: "name" }, name), row, element("small", {}, said), note, report);
}

/** @param {[string, any]} layer */
function fact([name, value]) {
  const said = typeof value === "object" ? JSON.stringify(value) : String(value);
  return [element("dt", {}, name), element("dd", {}, said)];
}

/** Who may not operate sees nothing of it; an outage shows in the table. @param {unknown} error */
function refused(error) {
  if (!(error instanceof Problem)) throw error;
  return false;
}
