// @ts-check
/** What is said of the line to the server: nothing while it holds, and nothing at once when not. */

/** @typedef {import("./connection.js").State} State */

const LOSS_UNSAID_MS = 2_000;

export class Reach {
  #since = Infinity;
  /** @type {"reconnecting" | "polling" | "offline" | null} */ #word = null;

  /** @param {State} state */
  take(state) {
    const isLost = state === "reconnecting" || state === "offline";
    this.#since = isLost ? Math.min(this.#since, performance.now()) : Infinity;
    this.#word = isLost || state === "polling" ? state : null;
  }

  forget() {
    this.take("live");
  }

  /** The word that is due now, or null. */
  get word() {
    const isUnsaid = this.#since < Infinity && performance.now() - this.#since < LOSS_UNSAID_MS;
    return isUnsaid ? null : this.#word;
  }
}
