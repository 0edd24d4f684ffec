// @ts-check
/**
 * A few places for open streams, shared by all tabs.
 *
 * Over HTTP/1.1 a browser opens six connections to one origin, for all tabs together; streams
 * that took them all would leave none for a click.
 */

const PLACES = ["1", "2", "3", "4"].map((number) => `pressroom-stream-${number}`);

/** Take a place: a function that gives it back, or null when all are taken.
 * @returns {Promise<(() => void) | null>} */
export async function takeSlot() {
  if (!navigator.locks || isMultiplexed()) return () => {};

  for (const place of PLACES) {
    const release = await tryPlace(place);
    if (release) return release;
  }

  return null;
}

function isMultiplexed() {
  const [page] = performance.getEntriesByType("navigation");
  const protocol = /** @type {PerformanceNavigationTiming | undefined} */ (page)?.nextHopProtocol;
  return protocol === "h2" || protocol === "h3";
}

/** @param {string} place @returns {Promise<(() => void) | null>} */
function tryPlace(place) {
  return new Promise((taken) => {
    navigator.locks.request(place, { ifAvailable: true }, (lock) => {
      if (!lock) return taken(null);
      return new Promise((release) => taken(() => release(undefined)));
    });
  });
}
