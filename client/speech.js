// @ts-check
/** What a card says aloud as its job goes on. */

import { titleOf } from "./card.js";

/** @typedef {import("./jobs.js").Job} Job */
/** @typedef {import("./words.js").Words} Words */

/** A failure speaks for itself, as an alert.
 * @param {Job} job @param {import("./announcer.js").Announcer} announcer @param {Words} words */
export function announce(job, announcer, words) {
  const sentence = words.heard(titleOf(job, words), spoken(job, words));
  if (!job.final) announcer.say(sentence);
  else if (job.status !== "failed") announcer.sayNow(sentence);
}

/** @param {Job} job @param {Words} words */
function spoken(job, words) {
  if (job.status !== "processing") return words.status(job.status);

  const step = job.message || words.stage(job.stage);
  return job.progress ? `${step}, ${words.percent(job.progress)}` : step;
}
