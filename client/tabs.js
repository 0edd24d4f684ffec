// @ts-check
/**
 * The tabs of one browser, of which one leads.
 *
 * Over HTTP/1.1 a browser opens six connections to an origin, for all its tabs together: streams
 * that took them all would leave none for a click. So the tab that holds a lock has the stream and
 * tells the others; the browser gives the lock on when that tab is closed or crashes.
 *
 * @typedef {object} Member
 * @property {(isLeading: boolean) => void} onLead
 * @property {(message: any) => void} onMessage
 */

export class Tabs {
  /** @type {BroadcastChannel | null} */ #channel = null;
  #waiting = new AbortController();
  #release = () => {};
  isLeading = false;

  /** @param {string | null} name null: share with nobody
   * @param {Member} member */
  constructor(name, member) {
    this.name = name ?? "";
    this.member = member;
    if (name && canShare()) this.#join();
    else this.isLeading = true;
  }

  /** To all others. @param {object} message */
  say(message) {
    this.#channel?.postMessage(message);
  }

  leave() {
    this.isLeading = false;
    this.#waiting.abort();
    this.#release();
    this.#channel?.close();
  }

  /** Take the lead from a tab that does not answer: phones freeze those out of sight. */
  seize() {
    this.#waiting.abort();
    this.#claim({ steal: true });
  }

  #join() {
    this.#channel = new BroadcastChannel(this.name);
    this.#channel.onmessage = ({ data }) => this.member.onMessage(data);
    this.#queue();
  }

  #queue() {
    this.#waiting = new AbortController();
    this.#claim({ signal: this.#waiting.signal });
  }

  /** @param {LockOptions} options */
  async #claim(options) {
    try {
      await navigator.locks.request(this.name, options, () => this.#lead());
    } catch {
      if (this.isLeading) this.#follow(); // otherwise we have left the queue ourselves
    }
  }

  /** @returns {Promise<void>} for as long as the lead is held */
  #lead() {
    this.isLeading = true;
    this.member.onLead(true);

    return new Promise((resolve) => (this.#release = resolve));
  }

  #follow() {
    this.isLeading = false;
    this.member.onLead(false);
    this.#queue();
  }
}

/** Browsers withhold locks from plain http on a LAN. */
function canShare() {
  return "BroadcastChannel" in globalThis && Boolean(globalThis.navigator?.locks);
}
