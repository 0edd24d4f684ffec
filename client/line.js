// @ts-check
/**
 * The card's second line: what is happening, and beside it the numbers that must not be cut off.
 *
 * @typedef {import("./jobs.js").Job} Job
 * @typedef {import("./card.js").View} View
 * @typedef {import("./words.js").Words} Words
 * @typedef {{what: string, aside: string}} Line
 */

import { elapsedMs, remainingMs } from "./clock.js";
import { remaining } from "./remaining.js";

// Below this a stopwatch only adds noise.
const ELAPSED_FROM_MS = 3_000;
const COUNTED = ["sheets", "pages", "slides", "paragraphs"];

/** @param {View} view @param {Words} words @returns {Line} */
export function line({ job, connection, isCancelling, isSending, isExpired, refused, history }, words) {
  if (isSending) return { what: words.sending, aside: "" };
  if (isExpired) return { what: words.expired, aside: "" };
  if (refused !== null) return { what: refusal(refused, words), aside: "" };
  if (!job) return { what: connection ? sentence(words[connection]) : words.loading, aside: "" };
  if (job.final) return end(job, words);
  if (isCancelling) return { what: words.cancelling, aside: "" };
  if (connection) return { what: joined([step(job, words), words[connection]]), aside: "" };
  return job.status === "pending" ? waiting(job, words) : working(job, words, history);
}

/** @param {number} status @param {Words} words */
function refusal(status, words) {
  /** @type {Record<number, string>} */ const said = { 401: words.signInToSee, 404: words.gone };
  return said[status] ?? words.notYours;
}

/** @param {Job} job @param {Words} words */
function end(job, words) {
  const { result, error } = job;
  if (result) return { what: words.status(job.status), aside: facts(job, words) };
  const at = error?.line ? words.number(error.line) : null;
  const how = job.status === "failed" ? words.stopped(at) : null;

  return { what: joined([words.status(job.status), how]), aside: joined([afterwards(job, words)]) };
}

/** @param {Job} job @param {Words} words */
function facts(job, words) {
  const result = /** @type {Record<string, any>} */ (job.result ?? { file_size: 0 });
  const noun = COUNTED.find((name) => Number.isFinite(result[name]));
  const count = noun ? words.count(noun, result[noun]) : null;
  return joined([count, words.size(result.file_size), taken(job, words)]);
}

/** @param {Job} job @param {Words} words */
function taken({ startedAt, completedAt }, words) {
  const milliseconds = startedAt && completedAt ? elapsedMs(startedAt, completedAt) : 0;
  return milliseconds >= 1_000 ? words.duration(milliseconds) : null;
}

/** @param {Job} job @param {Words} words */
function afterwards(job, words) {
  const time = taken(job, words);
  return job.status === "cancelled" && time ? words.after(time) : null;
}

/** @param {Job} job @param {Words} words */
function waiting(job, words) {
  const what = joined([words.type(job.jobType), words.queued]);
  return { what, aside: joined([due(job, words), attempt(job, words)]) };
}

/** @param {Job} job @param {Words} words */
function due({ retryAt, scheduledAt }, words) {
  const wait = Math.ceil(remainingMs(retryAt ?? scheduledAt) / 1_000) * 1_000;
  if (wait <= 1_000) return null;

  return retryAt ? words.retriesIn(words.duration(wait)) : words.startsIn(words.duration(wait));
}

/** @param {Job} job @param {Words} words @param {View["history"]} history */
function working(job, words, history) {
  const elapsed = job.startedAt ? elapsedMs(job.startedAt) : 0;
  const said = elapsed >= ELAPSED_FROM_MS ? words.duration(Math.floor(elapsed / 1_000) * 1_000) : null;
  const left = said && history ? remaining(history, elapsed, words) : null;

  return { what: step(job, words), aside: joined([attempt(job, words), said, left]) };
}

/** @param {Job} job @param {Words} words */
function step(job, words) {
  if (job.status === "pending") return joined([words.type(job.jobType), words.queued]);
  return job.message || words.stage(job.stage);
}

/** @param {Job} job @param {Words} words */
function attempt({ retryCount, maxRetries }, words) {
  if (retryCount === 0) return null;
  return words.attempt(words.number(retryCount + 1), words.number(maxRetries + 1));
}

/** @param {(string | null)[]} parts */
function joined(parts) {
  return parts.filter(Boolean).join(" · ");
}

/** @param {string} text */
function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
