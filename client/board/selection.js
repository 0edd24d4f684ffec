// @ts-check
/** What can be done with many jobs at once. */

import { element, setText } from "../dom.js";
import * as jobs from "../jobs.js";
import { words } from "../page.js";

/** @typedef {import("./row.js").Row} Row */

const AT_ONCE = 4;

export class Selection {
  /** @param {{rows: () => Row[], onTrouble: (why: string) => void}} page */
  constructor(page) {
    this.page = page;
    this.count = element("span", { role: "status" });
    this.cancel = this.#button(words.cancel, () => this.#each(mayCancel, jobs.cancel));
    this.retry = this.#button(words.tryAgain, () => this.#each(mayRetry, jobs.retry));
    const clear = this.#button(words.clearSelection, () => this.#clear(), "quiet");
    this.root = element("div", { className: "selection", hidden: true }, this.count, this.cancel, this.retry, clear);
  }

  render() {
    const rows = this.page.rows();
    this.root.hidden = rows.length === 0;
    setText(this.count, words.selected(words.count("jobs", rows.length)));
    this.cancel.disabled = !rows.some(mayCancel);
    this.retry.disabled = !rows.some(mayRetry);
  }

  /** @param {string} word @param {() => void} onClick @param {string} [look] */
  #button(word, onClick, look = "") {
    const button = element("button", { type: "button", className: `button ${look}` }, word);
    button.addEventListener("click", onClick);

    return button;
  }

  #clear() {
    this.page.rows().forEach((row) => row.select(false));
  }

  /** @param {(row: Row) => boolean} may @param {(jobId: string) => Promise<any>} call */
  async #each(may, call) {
    const rows = this.page.rows().filter(may);
    const workers = Array.from({ length: AT_ONCE }, async () => {
      for (let row = rows.shift(); row; row = rows.shift()) await act(row, call, this.page.onTrouble);
    });
    await Promise.all(workers);
    this.render();
  }
}

/** @param {Row} row */
export function mayCancel({ job }) {
  return !job.final;
}

/** @param {Row} row */
export function mayRetry({ job }) {
  return job.status === "failed" || job.status === "cancelled";
}

/** Change one job; its row follows at once, and the stream says the same.
 * @param {Row} row @param {(jobId: string) => Promise<any>} call @param {(why: string) => void} onTrouble */
export async function act(row, call, onTrouble) {
  try {
    row.update(await call(row.job.jobId));
  } catch (error) {
    if (!(error instanceof jobs.Problem)) throw error;
    onTrouble(error.message || words.unreachable);
  }
}
