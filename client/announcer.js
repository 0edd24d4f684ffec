// @ts-check
/** A polite voice for screen readers: the newest sentence, at most one every ten seconds. */

const PAUSE_MS = 10_000;

export class Announcer {
  #spokeAt = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #later;

  /** @param {HTMLElement} region an element with role=status */
  constructor(region) {
    this.region = region;
  }

  /** Say it now, or when the pause is over; what is newer replaces what waits.
   * @param {string} sentence */
  say(sentence) {
    clearTimeout(this.#later);
    const wait = this.#spokeAt + PAUSE_MS - performance.now();
    if (wait <= 0) return this.sayNow(sentence);

    this.#later = setTimeout(() => this.sayNow(sentence), wait);
  }

  /** How a job ends is worth an interruption of the pause.
   * @param {string} sentence */
  sayNow(sentence) {
    this.stop();
    this.#spokeAt = performance.now();
    this.region.textContent = sentence;
  }

  stop() {
    clearTimeout(this.#later);
  }
}
