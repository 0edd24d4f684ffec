// @ts-check
/**
 * The calls on jobs. Each resolves with parsed JSON or throws a Problem.
 *
 * @typedef {object} Job            The job as every route and event gives it.
 * @property {string} jobId
 * @property {string} jobType
 * @property {string | null} title
 * @property {"pending" | "processing" | "completed" | "failed" | "cancelled"} status
 * @property {boolean} final
 * @property {number | null} progress   0–100
 * @property {string | null} message
 * @property {string | null} stage
 * @property {number} attempt
 * @property {number} retryCount
 * @property {number} maxRetries
 * @property {string | null} retryAt
 * @property {number} seq           Grows with every visible change.
 * @property {Result | null} result
 * @property {Failure | null} error
 * @property {string} userId
 * @property {string | null} sessionId
 * @property {string | null} messageId
 * @property {string} createdAt
 * @property {string} scheduledAt
 * @property {string | null} startedAt
 * @property {string | null} completedAt
 * @property {{code: string}} [payload]
 *
 * @typedef {object} Artifact
 * @property {string} artifact_id
 * @property {string} download_url
 * @property {string} file_name
 * @property {number} file_size     Bytes.
 *
 * @typedef {object} Result
 * @property {string} artifact_id
 * @property {string} download_url
 * @property {string | null} [preview_url]
 * @property {string} file_name
 * @property {number} file_size     Bytes.
 * @property {Artifact[]} [artifacts]
 * @property {number} [sheets]
 * @property {number} [pages]
 * @property {number} [slides]
 * @property {number} [paragraphs]
 *
 * @typedef {object} Failure
 * @property {string} code          Stable, for machines.
 * @property {string | null} [type] The exception's class.
 * @property {string} message
 * @property {number | null} [line] In the code as it was sent.
 * @property {string | null} [traceback]
 * @property {string | null} [stdout]
 * @property {string | null} [stderr]
 * @property {boolean} [retryable]
 *
 * @typedef {{documentType: string, title: string, code: string}} Example
 * @typedef {{code: string, documentType: string, title: string | null,
 *   sessionId?: string | null, messageId?: string | null}} JobRequest
 */

import { Problem, serverAt } from "./server.js";

export { Problem };

/** @typedef {import("./server.js").Server} Server */

/** The server that the page came from. */
const here = serverAt();

/** Send a job; the same key never makes a second one.
 * @param {JobRequest} request
 * @param {string} key
 * @param {Server} [server]
 * @returns {Promise<{jobId: string}>} */
export function submit(request, key, server = here) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  return server.call("/api/jobs", { method: "POST", headers, body: JSON.stringify(request) });
}

/** The jobs of one session, newest first.
 * @param {string} sessionId
 * @param {string | null} [cursor]
 * @param {Server} [server]
 * @returns {Promise<{jobs: Job[], nextCursor: string | null}>} */
export function list(sessionId, cursor, server = here) {
  const query = new URLSearchParams({ sessionId, ...(cursor && { cursor }) });
  return server.call(`/api/jobs?${query}`);
}

/** The code that a job was made with.
 * @param {string} jobId
 * @param {Server} [server]
 * @returns {Promise<string>} */
export async function code(jobId, server = here) {
  const job = await server.call(`${path(jobId)}?include=payload`);
  return job.payload.code;
}

/** @param {string} jobId @param {Server} [server] */
export function cancel(jobId, server = here) {
  return server.call(`${path(jobId)}/cancel`, POST);
}

/** @param {string} jobId @param {Server} [server] */
export function retry(jobId, server = here) {
  return server.call(`${path(jobId)}/retry`, POST);
}

/** @returns {Promise<Example[]>} */
export function examples() {
  return here.call("/api/examples");
}

/** Turn a user's token into the cookie of this browser.
 * @param {string} token */
export function signIn(token) {
  const headers = { ...POST.headers, Authorization: `Bearer ${token}` };
  return here.call("/api/session", { ...POST, headers });
}

/** A key that no other click has.  */
export function newKey() {
  // Not crypto.randomUUID(): browsers withhold it from plain http on a LAN.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The content type tells the server that no foreign form sent this.
const POST = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" };

/** @param {string} jobId */
function path(jobId) {
  return `/api/jobs/${encodeURIComponent(jobId)}`;
}
