// @ts-check
/** The attempts of a job on one axis of time: what it waited, how long each ran, how each ended. */

import { elapsedMs } from "../clock.js";
import { element } from "../dom.js";
import { words } from "../page.js";

/** @typedef {import("./calls.js").Detail} Detail */
/** @typedef {import("./calls.js").Attempt} Attempt */

/** @param {Detail} job */
export function timeline(job) {
  const whole = Math.max(1, elapsedMs(job.createdAt, job.completedAt));
  const first = job.attempts[0];
  const entries = job.attempts.map((attempt) => entry(attempt, job.createdAt, whole));

  return element(
    "ol",
    { className: "timeline" },
    waited(job.createdAt, first?.startedAt ?? job.completedAt, whole),
    ...entries,
  );
}

/** @param {string} from @param {string | null} to @param {number} whole */
function waited(from, to, whole) {
  const time = elapsedMs(from, to);
  const head = element("span", {}, words.waitedFor);
  return element("li", { "data-outcome": "waited" }, head, span(0, time, whole), words.measured(time));
}

/** @param {Attempt} attempt @param {string} origin @param {number} whole */
function entry({ attempt, workerId, startedAt, endedAt, outcome, error }, origin, whole) {
  const ran = elapsedMs(startedAt, endedAt);
  const how = outcome ? words.outcome(outcome) : words.stillRunning;
  const head = element("span", {}, words.attemptNumber(words.number(attempt)));
  const worker = element("bdi", { title: workerId }, workerId.slice(0, 8));
  const foot = element("small", {}, how, " · ", words.worker, " ", worker);
  const why = error?.message && element("small", { className: "why", dir: "auto" }, error.message);

  return element(
    "li",
    { "data-outcome": outcome ?? "running" },
    head, span(elapsedMs(origin, startedAt), ran, whole), words.measured(ran), foot, why,
  );
}

/** @param {number} from @param {number} length @param {number} whole all in milliseconds */
function span(from, length, whole) {
  const bar = element("i", {});
  bar.style.insetInlineStart = `${Math.min(99, (100 * from) / whole)}%`;
  bar.style.inlineSize = `${Math.max(1, (100 * length) / whole)}%`;

  return element("span", { className: "span", "aria-hidden": "true" }, bar);
}
