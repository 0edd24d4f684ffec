// @ts-check
/** The server's clock as this browser can know it: elapsed times must not depend on a wrong laptop. */

// `Date` has whole seconds and travels; below this the local clock is the better one.
const TRUSTED_DRIFT_MS = 2_000;

let driftMs = 0;

/** Take the `Date` header of an answer that has just arrived.
 * @param {string | null} date */
export function learn(date) {
  const measured = Date.parse(date ?? "") - Date.now();
  if (!Number.isNaN(measured)) driftMs = Math.abs(measured) > TRUSTED_DRIFT_MS ? measured : 0;
}

/** Milliseconds from one instant to another, or to now; never negative.
 * @param {string} from
 * @param {string | null} [to] */
export function elapsedMs(from, to) {
  return Math.max(0, (to ? Date.parse(to) : now()) - Date.parse(from));
}

/** Milliseconds until an instant; 0 when it has passed.
 * @param {string} instant */
export function remainingMs(instant) {
  return Math.max(0, Date.parse(instant) - now());
}

function now() {
  return Date.now() + driftMs;
}
