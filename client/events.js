// @ts-check
/**
 * The line to one job: every state newer than the last, in order, and the final one exactly once.
 *
 * All watches of a browser at one server share one connection: those of a page here, those of its
 * tabs through the one that leads.
 *
 * @typedef {import("./jobs.js").Job} Job
 * @typedef {import("./server.js").Place} Place
 * @typedef {import("./server.js").Server} Server
 * @typedef {import("./connection.js").State} State
 *
 * @typedef {object} Listener
 * @property {(job: Job) => void} [onJob]
 * @property {(isUp: boolean) => void} [onLine]        The server can, or cannot, be reached.
 * @property {(state: State) => void} [onConnection]   The same, and how.
 * @property {(problem: Problem) => void} [onRefused]  No such job for this person; the watch ends.
 *
 * @typedef {{jobId: string, seq: number, listener: Listener}} Watch
 *
 * What tabs say to each other:
 * @typedef {{from: string, wants: string[], isBack?: boolean}} Wish
 * @typedef {{job: Job} | {state: State} | {jobId: string, refused: Refusal}} News
 * @typedef {ConstructorParameters<typeof Problem>[0]} Refusal
 * @typedef {Wish | {leads: true} | News} Message
 */

import { Connection } from "./connection.js";
import { Problem, serverAt } from "./server.js";
import { Tabs } from "./tabs.js";
import { TIMING } from "./timing.js";

/** @type {WeakMap<Server, Exchange>} */
const exchanges = new WeakMap();

/** Watch a job until it is final; returns the function that stops earlier.
 * @param {string} jobId
 * @param {Listener} listener
 * @param {Place & {seq?: number, timing?: typeof TIMING}} [options]
 *   `seq`: what the caller has already; `timing` counts for the first watch at a server
 * @returns {() => void} */
export function watch(jobId, listener, { seq = 0, timing = TIMING, ...place } = {}) {
  const server = serverAt(place);
  const exchange = exchanges.get(server) ?? new Exchange(server, timing);
  exchanges.set(server, exchange);
  const watching = { jobId, seq, listener };
  exchange.add(watching);

  return () => exchange.remove(watching);
}

/** The watches of a page at one server. */
class Exchange {
  /** @type {Set<Watch>} */ #watches = new Set();
  /** @type {Map<string, string[]>} */ #wishes = new Map(); // what other tabs watch, while this one leads
  /** @type {Tabs | null} */ #tabs = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #unanswered;
  /** @type {State} */ #state = "connecting";
  #isDue = false;
  #me = Math.random().toString(36);

  /** @param {Server} server @param {typeof TIMING} timing */
  constructor(server, timing) {
    this.timing = timing;
    // Tokens may be of different people; the cookie is the whole browser's.
    this.name = server.token ? null : `pressroom-events ${server.base}`;
    this.connection = new Connection(server, timing, {
      onJob: (job) => this.#tell({ job }),
      onRefused: (jobId, refused) => this.#tell({ jobId, refused: { ...refused, detail: refused.message } }),
      onState: (state) => this.#tell({ state }),
    });
    this.#followPage();
  }

  /** @param {Watch} watching */
  add(watching) {
    this.#watches.add(watching);
    this.#settle();
  }

  /** @param {Watch} watching */
  remove(watching) {
    if (this.#watches.delete(watching)) this.#settle();
  }

  #followPage() {
    const { document, addEventListener: listen } = globalThis;
    if (!document) return;

    listen("pageshow", () => this.#wake());
    listen("online", () => this.#wake());
    listen("offline", () => this.connection.lose());
    listen("pagehide", () => this.#leave());
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake());
  }

  /** Act once on all that one turn of the page's code adds and removes. */
  #settle() {
    if (this.#isDue) return;

    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (this.#watches.size) this.#attend();
      else this.#leave();
    });
  }

  #attend(isBack = false) {
    this.#tabs ??= new Tabs(this.name, {
      onLead: (isLeading) => this.#take(isLeading),
      onMessage: (message) => this.#hear(message),
    });
    if (this.#tabs.isLeading) this.#lead();
    else this.#wish(isBack);
    if (this.#state !== "connecting") this.#show(this.#state);
  }

  #leave() {
    clearTimeout(this.#unanswered);
    this.#tabs?.say({ from: this.#me, wants: [] });
    this.#tabs?.leave();
    this.#tabs = null;
    this.#wishes.clear();
    this.connection.want([]);
    this.#state = "connecting";
  }

  #wake() {
    if (!this.#watches.size) return;

    this.#attend(true);
    if (this.#tabs?.isLeading) this.connection.wake();
  }

  /** @param {boolean} isLeading */
  #take(isLeading) {
    clearTimeout(this.#unanswered);
    this.#wishes.clear();
    if (!isLeading) return this.connection.want([]);

    this.#tabs?.say({ leads: true });
    this.#lead();
  }

  #lead() {
    const own = this.#wants();
    this.connection.want(new Set([...own, ...[...this.#wishes.values()].flat()]));
    this.#latest(own).forEach((job) => this.#give({ job }));
  }

  /** Ask the tab that leads; it answers, or loses the lead. */
  #wish(isBack = false) {
    clearTimeout(this.#unanswered);
    this.#unanswered = setTimeout(() => this.#tabs?.seize(), this.timing.answer);
    this.#tabs?.say({ from: this.#me, wants: this.#wants(), isBack });
  }

  #wants() {
    return [...this.#watches].map(({ jobId }) => jobId);
  }

  /** @param {string[]} jobIds */
  #latest(jobIds) {
    return jobIds.map((jobId) => this.connection.latest(jobId)).filter((job) => job != null);
  }

  /** @param {Message} message from another tab */
  #hear(message) {
    if ("wants" in message) return this.#tabs?.isLeading && this.#grant(message);
    if ("leads" in message) return this.#wish();

    clearTimeout(this.#unanswered);
    this.#give(message);
  }

  /** @param {Wish} wish */
  #grant({ from, wants, isBack }) {
    this.#wishes.set(from, wants);
    this.#lead();
    if (isBack) this.connection.wake();
    this.#tabs?.say({ state: this.connection.state });
    this.#latest(wants).forEach((job) => this.#tabs?.say({ job }));
  }

  /** @param {News} news from the connection, for all tabs */
  #tell(news) {
    this.#tabs?.say(news);
    this.#give(news);
  }

  /** @param {News} news */
  #give(news) {
    if ("state" in news) return this.#show(news.state);

    const jobId = "job" in news ? news.job.jobId : news.jobId;
    const concerned = [...this.#watches].filter((watching) => watching.jobId === jobId);
    for (const watching of concerned) {
      if ("job" in news) this.#hand(watching, news.job);
      else this.#refuse(watching, new Problem(news.refused));
    }
  }

  /** @param {Watch} watching @param {Job} job */
  #hand(watching, job) {
    const isNews = job.seq > watching.seq;
    if (job.final) this.remove(watching);
    if (!isNews) return;

    watching.seq = job.seq;
    heed(() => watching.listener.onJob?.(job));
  }

  /** @param {Watch} watching @param {Problem} problem */
  #refuse(watching, problem) {
    this.remove(watching);
    heed(() => watching.listener.onRefused?.(problem));
  }

  /** @param {State} state */
  #show(state) {
    this.#state = state;
    const isUp = state !== "reconnecting" && state !== "offline";
    for (const { listener } of this.#watches) {
      heed(() => listener.onConnection?.(state));
      heed(() => listener.onLine?.(isUp));
    }
  }
}

/** What a listener throws is its page's to report, and does not break the line.
 * @param {() => void} call */
function heed(call) {
  try {
    call();
  } catch (error) {
    globalThis.reportError?.(error);
  }
}
