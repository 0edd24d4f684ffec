// @ts-check
/** How long jobs of each type have run; asked for once, for all cards of a page. */

/** @typedef {import("./remaining.js").History} History */
/** @typedef {import("./server.js").Server} Server */

/** @type {WeakMap<Server, Promise<Record<string, History>>>} */
const asked = new WeakMap();

/** What is known of a job type, or null. @param {Server} server @param {string} jobType */
export async function historyOf(server, jobType) {
  const known = asked.get(server) ?? ask(server);
  asked.set(server, known);

  return (await known)[jobType] ?? null;
}

/** @param {Server} server @returns {Promise<Record<string, History>>} */
async function ask(server) {
  // Only a range of time hangs on it, so a refusal is no trouble.
  const { jobTypes } = await server.call("/api/job-types").catch(() => ({ jobTypes: [] }));
  return Object.fromEntries(jobTypes.map((/** @type {any} */ type) => [type.jobType, type.ran]));
}
