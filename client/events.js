// @ts-check
/**
 * The line to one job: every state newer than the last, in order, and the final one exactly once.
 *
 * EventSource first. What it cannot do is done here: it gives up for good on a 502, it may sit
 * open over a dead connection, and a proxy may hold its bytes back. Then the job itself is asked.
 *
 * @typedef {import("./jobs.js").Job} Job
 *
 * @typedef {object} Listener
 * @property {(job: Job) => void} onJob
 * @property {(isUp: boolean) => void} onLine       The server can, or cannot, be reached.
 * @property {(problem: Problem) => void} onRefused  No such job for this person; the watch ends.
 */

import { Problem, eventsUrl, read } from "./jobs.js";
import { takeSlot } from "./slots.js";

/** All in milliseconds. */
export const TIMING = Object.freeze({
  firstEvent: 5_000, // a snapshot opens every stream; later than this, something buffers
  silence: 40_000, // two and a half of the server's comments, which EventSource hides from us
  reopen: { first: 500, most: 30_000 },
  poll: { first: 1_000, most: 5_000 },
  pollBeforeStream: 60_000,
  pollForSlot: 5_000,
  hidden: 60_000, // a page out of sight gives its stream to those in sight
});

const FAILURES_BEFORE_POLL = 3;
const EVENTS = ["status", "job-complete", "job-failed"];

/** Watch a job until it is final; returns the function that stops earlier.
 * @param {string} jobId
 * @param {Listener} listener
 * @param {{seq?: number, timing?: typeof TIMING}} [options] `seq`: what the caller has already
 * @returns {() => void} */
export function watch(jobId, listener, { seq = 0, timing = TIMING } = {}) {
  const watching = new Watch(jobId, listener, seq, timing);
  watching.start();

  return () => watching.stop();
}

class Watch {
  #ended = new AbortController();
  #failures = 0;
  #isPolling = false;
  /** @type {EventSource | null} */ #source = null;
  #release = () => {};
  #wakePoll = () => {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #watchdog;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #outOfSight;

  /** @param {string} jobId @param {Listener} listener @param {number} seq
   * @param {typeof TIMING} timing */
  constructor(jobId, listener, seq, timing) {
    this.jobId = jobId;
    this.listener = listener;
    this.seq = seq;
    this.timing = timing;
  }

  start() {
    const { signal } = this.#ended;
    document.addEventListener("visibilitychange", () => this.#seen(), { signal });
    window.addEventListener("pageshow", () => this.#wake(), { signal });
    window.addEventListener("online", () => this.#wake(), { signal });
    this.#open();
  }

  stop() {
    this.#ended.abort();
    this.#close();
    clearTimeout(this.#outOfSight);
    this.#wakePoll();
  }

  async #open() {
    const release = await takeSlot();
    if (!release) return this.#poll(this.timing.pollForSlot);
    if (this.#ended.signal.aborted || this.#source || this.#isPolling) return release();

    this.#release = release;
    this.#source = new EventSource(eventsUrl(this.jobId));
    for (const name of EVENTS) this.#source.addEventListener(name, (event) => this.#hear(event));
    this.#source.addEventListener("error", () => this.#trouble());
    this.#guard(this.timing.firstEvent, () => this.#fallBack());
  }

  #close() {
    clearTimeout(this.#watchdog);
    this.#source?.close();
    this.#source = null;
    this.#release();
    this.#release = () => {};
  }

  /** @param {MessageEvent} event */
  #hear(event) {
    this.#failures = 0;
    this.#guard(this.timing.silence, () => this.#probe());
    this.listener.onLine(true);
    this.#take(JSON.parse(event.data));
  }

  /** @param {Job | null} job */
  #take(job) {
    if (!job || job.seq <= this.seq || this.#ended.signal.aborted) return;

    this.seq = job.seq;
    if (job.final) this.stop();
    this.listener.onJob(job);
  }

  /** The stream broke, or the server said why it must (an `error` event): both end up here. */
  #trouble() {
    this.#failures += 1;
    this.listener.onLine(false);
    if (this.#failures >= FAILURES_BEFORE_POLL) return this.#fallBack();
    if (this.#source?.readyState !== EventSource.CLOSED) {
      return this.#guard(this.timing.firstEvent, () => this.#fallBack());
    }

    this.#close();
    this.#ask(); // EventSource hides why it was refused; the job itself says
    this.#guard(jittered(this.timing.reopen, this.#failures), () => this.#open());
  }

  #fallBack() {
    this.#close();
    this.#poll(this.timing.pollBeforeStream);
  }

  /** Ask whether silence means that nothing happened; a newer state proves the stream dead. */
  async #probe() {
    const before = this.seq;
    const isReachable = await this.#ask();
    if (this.#ended.signal.aborted || !this.#source) return;
    if (!isReachable || this.seq > before) return this.#reopen();

    this.#guard(this.timing.silence, () => this.#probe());
  }

  #reopen() {
    this.#close();
    this.#open();
  }

  /** Ask the job itself, from often to seldom, then try the stream again.
   * @param {number} lasting */
  async #poll(lasting) {
    if (this.#isPolling) return;
    this.#isPolling = true;
    await this.#pollUntil(performance.now() + lasting);
    this.#isPolling = false;
    this.#failures = 0;
    if (!this.#ended.signal.aborted) this.#open();
  }

  /** @param {number} end */
  async #pollUntil(end) {
    const { first, most } = this.timing.poll;
    let wait = first;
    let wasReachable = true;

    while (!this.#ended.signal.aborted) {
      const before = this.seq;
      const isReachable = await this.#ask();
      const isBack = isReachable && !wasReachable;
      if (!document.hidden && (isBack || performance.now() > end)) return;

      wasReachable = isReachable;
      wait = this.seq > before ? first : Math.min(wait * 1.5, most);
      await this.#pause(wait);
    }
  }

  /** @returns {Promise<boolean>} whether an answer came */
  async #ask() {
    try {
      this.#take(await read(this.jobId, this.seq, this.#ended.signal));
      this.listener.onLine(true);
      return true;
    } catch (error) {
      if (this.#ended.signal.aborted) return false;
      if (!(error instanceof Problem)) throw error;
      if (isRefusal(error)) this.#refuse(error);
      else this.listener.onLine(false);
      return false;
    }
  }

  /** @param {Problem} problem */
  #refuse(problem) {
    this.stop();
    this.listener.onRefused(problem);
  }

  #seen() {
    clearTimeout(this.#outOfSight);
    if (!document.hidden) return this.#wake();

    this.#outOfSight = setTimeout(() => this.#fallBack(), this.timing.hidden);
  }

  /** Phones kill sockets in silence while nobody looks: after any return, look. */
  #wake() {
    this.#wakePoll();
    if (this.#source?.readyState === EventSource.OPEN) this.#probe();
    if (this.#source?.readyState === EventSource.CLOSED) this.#reopen();
  }

  /** @param {number} milliseconds @param {() => void} then */
  #guard(milliseconds, then) {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(then, milliseconds);
  }

  /** @param {number} milliseconds @returns {Promise<void>} */
  #pause(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wakePoll = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Full jitter, so that a restarted server does not meet all its pages at once.
 * @param {{first: number, most: number}} range @param {number} failures */
function jittered({ first, most }, failures) {
  return Math.random() * Math.min(most, first * 2 ** failures);
}

/** @param {Problem} problem */
function isRefusal({ status }) {
  return status === 401 || status === 403 || status === 404;
}
