// @ts-check
/** All in milliseconds.
 * @typedef {typeof TIMING} Timing */
export const TIMING = Object.freeze({
  firstByte: 5_000, // a snapshot opens every stream; later than this, something buffers
  silence: 37_500, // two and a half of the server's comments
  doubt: 5_000, // on a page that comes back, a stream that spoke as lately is taken for alive
  reopen: { first: 500, most: 30_000 },
  poll: { first: 1_000, most: 5_000 },
  pollBeforeStream: 60_000,
  question: 15_000,
  answer: 2_000, // a tab that has the lead answers the others
});
