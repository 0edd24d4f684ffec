// @ts-check
/**
 * The card's second line: what is happening, and beside it the numbers that must not be cut off.
 *
 * @typedef {import("./jobs.js").Job} Job
 * @typedef {import("./card.js").View} View
 * @typedef {{what: string, aside: string}} Line
 */

import { elapsedMs, remainingMs } from "./clock.js";
import {
  countWord, durationWord, sizeWord, stageWord, statusWord, typeWord, words,
} from "./words.js";

// Below this a stopwatch only adds noise.
const ELAPSED_FROM_MS = 3_000;

/** @param {View} view @returns {Line} */
export function line({ job, isUp, isCancelling, refused }) {
  if (refused) return { what: refused, aside: "" };
  if (!job) return { what: isUp ? words.loading : sentence(words.reconnecting), aside: "" };
  if (job.final) return end(job);
  if (isCancelling) return { what: words.cancelling, aside: "" };
  if (!isUp) return { what: joined([step(job), words.reconnecting]), aside: "" };
  return job.status === "pending" ? waiting(job) : working(job);
}

/** @param {Job} job */
function end(job) {
  const { result, error } = job;
  if (result) return { what: statusWord(job.status), aside: facts(job) };
  const how = job.status === "failed" ? words.stopped(error?.line) : null;

  return { what: joined([statusWord(job.status), how]), aside: joined([afterwards(job)]) };
}

/** @param {Job} job */
function facts(job) {
  const result = job.result ?? { file_size: 0 };
  return joined([countWord(result), sizeWord(result.file_size), taken(job)]);
}

/** @param {Job} job */
function taken({ startedAt, completedAt }) {
  const milliseconds = startedAt && completedAt ? elapsedMs(startedAt, completedAt) : 0;
  return milliseconds >= 1_000 ? durationWord(milliseconds) : null;
}

/** @param {Job} job */
function afterwards(job) {
  const time = taken(job);
  return job.status === "cancelled" && time ? words.after(time) : null;
}

/** @param {Job} job */
function waiting(job) {
  return { what: joined([typeWord(job.jobType), words.queued]), aside: joined([due(job), attempt(job)]) };
}

/** @param {Job} job */
function due({ retryAt, scheduledAt }) {
  const wait = Math.ceil(remainingMs(retryAt ?? scheduledAt) / 1_000) * 1_000;
  if (wait <= 1_000) return null;

  return retryAt ? words.retriesIn(durationWord(wait)) : words.startsIn(durationWord(wait));
}

/** @param {Job} job */
function working(job) {
  return { what: step(job), aside: joined([attempt(job), elapsed(job)]) };
}

/** @param {Job} job */
function step(job) {
  if (job.status === "pending") return joined([typeWord(job.jobType), words.queued]);
  return job.message || stageWord(job.stage);
}

/** @param {Job} job */
function attempt({ retryCount, maxRetries }) {
  return retryCount > 0 ? words.attempt(retryCount + 1, maxRetries + 1) : null;
}

/** @param {Job} job */
function elapsed({ startedAt }) {
  const milliseconds = startedAt ? elapsedMs(startedAt) : 0;
  if (milliseconds < ELAPSED_FROM_MS) return null;

  return durationWord(Math.floor(milliseconds / 1_000) * 1_000);
}

/** @param {(string | null)[]} parts */
function joined(parts) {
  return parts.filter(Boolean).join(" · ");
}

/** @param {string} text */
function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
