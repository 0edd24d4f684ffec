// @ts-check
/** When a card shows what: no flash for a job that is quick, no bar that runs backwards. */

import { elapsedMs } from "./clock.js";

/** @typedef {import("./jobs.js").Job} Job */

const NOTHING_MS = 300; // what is over by then needs no card that works
const NO_BAR_MS = 1_000;
const BAR_AT_LEAST_MS = 500;

export class Pace {
  #shownAt = 0;
  #barAt = Infinity;
  #most = { attempt: 0, progress: 0 };

  begin() {
    this.#shownAt = performance.now();
  }

  /** How long the card has been there. */
  get shownMs() {
    return performance.now() - this.#shownAt;
  }

  get isTooEarly() {
    return this.shownMs < NOTHING_MS;
  }

  /** How much longer a bar that is seen has to stand. */
  get barRestMs() {
    const rest = this.#barAt + BAR_AT_LEAST_MS - performance.now();
    return Number.isFinite(rest) ? Math.max(0, rest) : 0;
  }

  /** @param {Job | null} job */
  showsBar(job) {
    const shows = job !== null && !job.final && elapsedMs(job.createdAt) >= NO_BAR_MS;
    this.#barAt = shows ? Math.min(this.#barAt, performance.now()) : Infinity;

    return shows;
  }

  /** A script may report 60 and then 40; the bar keeps 60 until another attempt begins.
   * @param {Job | null} job */
  progress(job) {
    const { attempt = 0, progress = 0, status } = job ?? {};
    if (attempt !== this.#most.attempt) this.#most = { attempt, progress: 0 };
    this.#most.progress = Math.max(this.#most.progress, progress ?? 0);

    return status === "processing" && this.#most.progress > 0 ? this.#most.progress : null;
  }
}
