// @ts-check
/**
 * A job's state as React sees it.
 *
 * @typedef {import("../connection.js").State} State
 * @typedef {import("../jobs.js").Job} Job
 * @typedef {import("../server.js").Place} Place
 *
 * @typedef {object} JobStatus
 * @property {Job | null} job            The newest state; null until one is known.
 * @property {number | null} progress    0–100, never backwards within an attempt; null: unknown.
 * @property {State} connection          How the server is reached.
 * @property {Problem | null} problem    Why there is no such job for this person.
 */

import { useMemo, useState, useSyncExternalStore } from "react";

import { watch } from "../events.js";
import { Problem } from "../server.js";

/** @type {JobStatus} */
const UNKNOWN = Object.freeze({ job: null, progress: null, connection: "connecting", problem: null });

/** Follow a job until it is final; without an id, wait for one.
 *
 * All hooks and cards of a page share one connection. A function as `token` is taken from the
 * first render, as an initial state is; give every hook the same one.
 * @param {string | null | undefined} jobId
 * @param {Place} [place]
 * @returns {JobStatus} */
export function useJobStatus(jobId, { src, token } = {}) {
  const [first] = useState(() => token);
  const lasting = typeof token === "function" ? first : token;
  const followed = useMemo(() => new Followed(jobId, { src, token: lasting }), [jobId, src, lasting]);

  return useSyncExternalStore(followed.subscribe, followed.now, () => UNKNOWN);
}

/** What a component is subscribed to; it holds a line only meanwhile. */
class Followed {
  #status = UNKNOWN;
  #most = { attempt: 0, progress: 0 };

  /** @param {string | null | undefined} jobId @param {Place} place */
  constructor(jobId, place) {
    this.jobId = jobId;
    this.place = place;
  }

  now = () => this.#status;

  /** @param {() => void} onChange */
  subscribe = (onChange) => {
    const { job } = this.#status;
    if (!this.jobId || job?.final) return () => {};

    /** @param {Partial<JobStatus>} news */
    const change = (news) => {
      this.#status = Object.freeze({ ...this.#status, ...news });
      onChange();
    };
    return watch(this.jobId, {
      onJob: (job) => change({ job, progress: this.#progress(job) }),
      onConnection: (connection) => change({ connection }),
      onRefused: (problem) => change({ problem }),
    }, { seq: job?.seq, ...this.place });
  };

  /** @param {Job} job */
  #progress({ attempt, progress, status }) {
    if (status === "completed") return 100;
    if (attempt !== this.#most.attempt) this.#most = { attempt, progress: 0 };
    this.#most.progress = Math.max(this.#most.progress, progress ?? 0);

    return this.#most.progress || null;
  }
}
