// @ts-check
/** Why an action did not work; it stays long enough to be read, whatever the job does meanwhile. */

import { Problem } from "./jobs.js";

const READ_MS = 6_000;

export class Notice {
  /** @type {string | null} */ text = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #read;

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
  }

  /** Do what the person asked for, or say why not; whether it worked.
   * @param {() => Promise<any>} call @param {string} otherwise   when the server gives no reason */
  async attempt(call, otherwise) {
    this.say(null);
    try {
      await call();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.say(error.message || otherwise);
    }
    this.onChange();

    return this.text === null;
  }

  /** @param {string | null} text */
  say(text) {
    clearTimeout(this.#read);
    this.text = text;
    if (text) this.#read = setTimeout(() => this.say(null), READ_MS);
    this.onChange();
  }
}
