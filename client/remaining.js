// @ts-check
/**
 * How much longer, as a range: only where enough jobs of the type have run to say so.
 *
 * @typedef {{p50: number, p90: number, samples: number}} History   seconds that jobs of a type ran
 */

const ENOUGH_SAMPLES = 20;
// What is over in a moment needs no prophecy.
const WORTH_SAYING_S = 10;

/** "about 10 s to 20 s left", or null. It only ever shrinks: the history stands still meanwhile.
 * @param {History} history
 * @param {number} elapsedMs
 * @param {import("./words.js").Words} words */
export function remaining({ p50, p90, samples }, elapsedMs, words) {
  const most = round(p90 - elapsedMs / 1000);
  if (samples < ENOUGH_SAMPLES || p90 < WORTH_SAYING_S || most <= 0) return null;

  const least = Math.min(most, Math.max(round(p50 - elapsedMs / 1000), 5));
  return words.remaining(words.duration(least * 1000), words.duration(most * 1000));
}

/** To a step that a person would say. @param {number} seconds */
function round(seconds) {
  const step = seconds <= 30 ? 5 : seconds <= 120 ? 10 : 60;
  return Math.ceil(seconds / step) * step;
}
