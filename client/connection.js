// @ts-check
/**
 * One line to a server for all the jobs of a browser: a stream while it gets through, else questions.
 *
 * The stream tells states, not a log: whoever connects gets the present ones first. So nothing has
 * to be resumed; to be in doubt is to connect again.
 *
 * @typedef {import("./jobs.js").Job} Job
 * @typedef {import("./server.js").Server} Server
 * @typedef {"connecting" | "live" | "polling" | "reconnecting" | "offline"} State
 *
 * @typedef {object} Hearer
 * @property {(job: Job) => void} onJob
 * @property {(jobId: string, problem: Problem) => void} onRefused
 * @property {(state: State) => void} onState
 */

import { Problem } from "./server.js";
import { frames } from "./sse.js";

const FAILURES_BEFORE_POLL = 3;
const NAMED_MOST = 100; // more than these the server takes for all of one's own

// How a stream ended, and the reasons for which one is cut.
const AGAIN = "again"; // something else is wanted now
const ENDED = "ended";
const BROKEN = "broken";
const BUFFERED = "buffered";

export class Connection {
  /** @type {Map<string, Job | null>} */ #jobs = new Map(); // what is wanted, in its newest state
  /** @type {Set<string>} */ #told = new Set(); // by this stream
  #turn = new AbortController();
  #isRunning = false;
  #failures = 0;
  #news = 0;
  #retryMs = 0;
  #waitMs = 0;
  #spokeAt = 0;
  /** @type {State} */ state = "connecting";

  /** @param {Server} server @param {import("./timing.js").Timing} timing @param {Hearer} hearer */
  constructor(server, timing, hearer) {
    this.server = server;
    this.timing = timing;
    this.hearer = hearer;
  }

  /** Hear of exactly these jobs; of none: close.
   * @param {Iterable<string>} jobIds */
  want(jobIds) {
    const before = this.#jobs;
    this.#jobs = new Map([...jobIds].map((jobId) => [jobId, before.get(jobId) ?? null]));
    const isMore = [...this.#jobs.keys()].some((jobId) => !before.has(jobId));
    if (isMore || !this.#jobs.size) this.#turn.abort(AGAIN);
    if (!this.#isRunning) this.#run();
  }

  /** @param {string} jobId */
  latest(jobId) {
    return this.#jobs.get(jobId);
  }

  /** Phones kill sockets in silence while nobody looks: after any return, look. */
  wake() {
    const isTrusted = this.state === "live" && performance.now() - this.#spokeAt < this.timing.doubt;
    if (!isTrusted) this.#turn.abort(AGAIN);
  }

  /** The browser says that the network is gone. */
  lose() {
    if (this.state === "live") this.#turn.abort(BROKEN);
  }

  async #run() {
    this.#isRunning = true;
    while (this.#jobs.size) await this.#after(await this.#stream());
    this.#isRunning = false;
    this.#show("connecting");
  }

  /** @param {string} end how the stream ended */
  async #after(end) {
    if (end === AGAIN || !this.#jobs.size) return;

    this.#failures = end === ENDED ? 0 : this.#failures + 1;
    this.#show(lost());
    if (end === BUFFERED || this.#failures >= FAILURES_BEFORE_POLL) await this.#poll();
    else await this.#pause(this.#delay());
  }

  /** Full jitter, so that a restarted server does not meet all its pages at once. */
  #delay() {
    const { first, most } = this.timing.reopen;
    return Math.random() * Math.min(most, Math.max(this.#retryMs, first * 2 ** this.#failures));
  }

  /** Read one stream to its end. @returns {Promise<string>} how it ended */
  async #stream() {
    const turn = this.#begin();
    this.#told.clear();
    const early = performance.now() + this.timing.firstByte;
    let guard = setTimeout(() => turn.abort(BUFFERED), this.timing.firstByte);
    const onBytes = () => {
      this.#spokeAt = performance.now();
      // What only ever spoke at its beginning is let through in lumps.
      const reason = this.#spokeAt < early ? BUFFERED : BROKEN;
      clearTimeout(guard);
      guard = setTimeout(() => turn.abort(reason), this.timing.silence);
    };
    try {
      await this.#readAll(await this.#open(turn.signal), onBytes);
      return this.state === "live" ? ENDED : BROKEN;
    } catch (error) {
      return turn.signal.aborted ? turn.signal.reason : await this.#judge(error);
    } finally {
      clearTimeout(guard);
    }
  }

  #begin() {
    this.#waitMs = 0;
    return (this.#turn = new AbortController());
  }

  /** @param {AbortSignal} signal */
  async #open(signal) {
    const headers = { Accept: "text/event-stream" };
    const { body, headers: told } = await this.server.fetch(this.#path(), { headers, signal });
    // A captive portal answers anything with its own page.
    if (!body || !told.get("Content-Type")?.startsWith("text/event-stream")) throw new TypeError();

    return body;
  }

  #path() {
    const jobIds = [...this.#jobs.keys()];
    const named = new URLSearchParams(jobIds.map((jobId) => ["job", jobId]));
    if (jobIds.length > NAMED_MOST) return "/api/events";

    return jobIds.length === 1 ? `${path(jobIds[0] ?? "")}/events` : `/api/events?${named}`;
  }

  /** @param {ReadableStream<Uint8Array>} body @param {() => void} onBytes */
  async #readAll(body, onBytes) {
    for await (const { data, retry } of frames(body, onBytes)) {
      this.#retryMs = retry ?? this.#retryMs;
      if (data) this.#read(JSON.parse(data));
    }
  }

  /** @param {any} event a job's state, or the server's word on the stream itself */
  #read(event) {
    if (event.code === "token_expired") return this.server.renew();

    this.#failures = 0;
    this.#show("live");
    if (event.type === "error") this.#refuse(event);
    else if (event.type === "ready") this.#askForUntold();
    else this.#take(event);
  }

  /** @param {{jobId: string, code: string, message: string}} refusal of one job among many */
  #refuse({ jobId, code, message }) {
    this.#drop(jobId);
    this.hearer.onRefused(jobId, new Problem({ status: 404, code, detail: message }));
  }

  /** What has ended, a stream without names does not begin with. */
  #askForUntold() {
    for (const [jobId, known] of this.#jobs) {
      if (!this.#told.has(jobId)) this.#askFor(jobId, known, this.#turn.signal);
    }
  }

  /** @param {Job} job */
  #take(job) {
    const known = this.#jobs.get(job.jobId);
    this.#told.add(job.jobId);
    if (known === undefined || job.seq <= (known?.seq ?? 0)) return;

    this.#news += 1;
    this.#jobs.set(job.jobId, job);
    if (job.final) this.#drop(job.jobId);
    this.hearer.onJob(job);
  }

  /** @param {string} jobId */
  #drop(jobId) {
    this.#jobs.delete(jobId);
    if (!this.#jobs.size) this.#turn.abort(AGAIN);
  }

  /** Learn from an answer that is no stream. @param {unknown} error */
  async #judge(error) {
    if (!(error instanceof Problem)) return BROKEN;
    // It may be meant for one job of many: each one is asked for by itself.
    if (isRefusal(error)) await this.#ask();
    this.#waitMs = error.waitMs;

    return error.status === 429 ? BUFFERED : BROKEN;
  }

  /** Ask, from often to seldom, then try the stream again. */
  async #poll() {
    const end = performance.now() + this.timing.pollBeforeStream;
    const { first, most } = this.timing.poll;
    let wait = first;
    let wasReachable = true;

    while (this.#jobs.size) {
      const before = this.#news;
      const isReachable = await this.#ask();
      if (this.#turn.signal.reason === AGAIN) continue;
      this.#show(isReachable ? "polling" : lost());
      if ((isReachable && !wasReachable) || performance.now() > end) break;

      wasReachable = isReachable;
      wait = this.#news > before ? first : Math.min(wait * 1.5, most);
      await this.#pause(wait * (0.75 + Math.random() / 2));
    }
    this.#failures = 0;
  }

  /** Ask for every job by itself. @returns {Promise<boolean>} whether an answer came */
  async #ask() {
    const turn = this.#begin();
    const guard = setTimeout(() => turn.abort(BROKEN), this.timing.question);
    const asked = [...this.#jobs].map(([jobId, known]) => this.#askFor(jobId, known, turn.signal));
    const answers = await Promise.all(asked);
    clearTimeout(guard);

    return answers.some(Boolean);
  }

  /** @param {string} jobId @param {Job | null} known @param {AbortSignal} signal */
  async #askFor(jobId, known, signal) {
    const headers = new Headers(known ? { "If-None-Match": `"${known.seq}"` } : {});
    try {
      const job = await this.server.call(path(jobId), { headers, signal });
      if (job) this.#take(job);
      return true;
    } catch (error) {
      return error instanceof Problem && this.#isAnswer(jobId, error);
    }
  }

  /** @param {string} jobId @param {Problem} problem */
  #isAnswer(jobId, problem) {
    this.#waitMs = Math.max(this.#waitMs, problem.waitMs);
    if (!isRefusal(problem)) return false;

    this.#drop(jobId);
    this.hearer.onRefused(jobId, problem);
    return true;
  }

  /** @param {State} state */
  #show(state) {
    if (state === this.state) return;

    this.state = state;
    this.hearer.onState(state);
  }

  /** @param {number} milliseconds @returns {Promise<void>} */
  #pause(milliseconds) {
    return new Promise((resolve) => {
      if (this.#turn.signal.reason === AGAIN) return resolve();

      const timer = setTimeout(resolve, Math.max(milliseconds, this.#waitMs));
      this.#turn = new AbortController();
      this.#turn.signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

/** @param {string} jobId */
function path(jobId) {
  return `/api/jobs/${encodeURIComponent(jobId)}`;
}

/** @returns {State} */
function lost() {
  return globalThis.navigator?.onLine === false ? "offline" : "reconnecting";
}

/** @param {Problem} problem */
function isRefusal({ status }) {
  return status === 401 || status === 403 || status === 404;
}
