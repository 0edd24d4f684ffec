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
 * @property {string} createdAt
 * @property {string} scheduledAt
 * @property {string | null} startedAt
 * @property {string | null} completedAt
 * @property {{code: string}} [payload]
 *
 * @typedef {object} Artifact
 * @property {string} download_url
 * @property {string} file_name
 * @property {number} file_size     Bytes.
 *
 * @typedef {object} Result
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
 * @typedef {{code: string, documentType: string, title: string, sessionId: string}} JobRequest
 */

import { learn } from "./clock.js";

/** What the server (or the line to it: status 0) answered instead of what was asked for. */
export class Problem extends Error {
  /** @param {{status: number, code: string, detail: string, field?: string}} body */
  constructor({ status, code, detail, field }) {
    super(detail);
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

/** Send a job; the same key never makes a second one.
 * @param {JobRequest} request
 * @param {string} key
 * @returns {Promise<{jobId: string}>} */
export function submit(request, key) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  return call("/api/jobs", { method: "POST", headers, body: JSON.stringify(request) });
}

/** The jobs of one session, newest first.
 * @param {string} sessionId
 * @param {string | null} [cursor]
 * @returns {Promise<{jobs: Job[], nextCursor: string | null}>} */
export function list(sessionId, cursor) {
  const query = new URLSearchParams({ sessionId, ...(cursor && { cursor }) });
  return call(`/api/jobs?${query}`);
}

/** The job when it is newer than `seq`, else null.
 * @param {string} jobId
 * @param {number} [seq]
 * @param {AbortSignal} [signal]
 * @returns {Promise<Job | null>} */
export function read(jobId, seq, signal) {
  const headers = new Headers(seq ? { "If-None-Match": `"${seq}"` } : {});
  return call(path(jobId), { headers, signal });
}

/** The code that a job was made with.
 * @param {string} jobId
 * @returns {Promise<string>} */
export async function code(jobId) {
  const job = await call(`${path(jobId)}?include=payload`);
  return job.payload.code;
}

/** @param {string} jobId */
export function cancel(jobId) {
  return call(`${path(jobId)}/cancel`, POST);
}

/** @param {string} jobId */
export function retry(jobId) {
  return call(`${path(jobId)}/retry`, POST);
}

/** @returns {Promise<Example[]>} */
export function examples() {
  return call("/api/examples");
}

/** Where one job's events come from.
 * @param {string} jobId */
export function eventsUrl(jobId) {
  return `${path(jobId)}/events`;
}

/** Turn a user's token into the cookie of this browser.
 * @param {string} token */
export function signIn(token) {
  const headers = { ...POST.headers, Authorization: `Bearer ${token}` };
  return call("/api/session", { ...POST, headers });
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

/** @param {string} url @param {RequestInit} [options] @returns {Promise<any>} */
async function call(url, options = {}) {
  const response = await reach(url, options);
  learn(response.headers.get("Date"));

  if (response.status === 304) return null;
  if (!response.ok) throw await problem(response);

  return response.json();
}

/** @param {string} url @param {RequestInit} options */
async function reach(url, options) {
  try {
    return await fetch(url, { cache: "no-store", ...options });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Problem({ status: 0, code: "unreachable", detail: "" });
  }
}

/** @param {Response} response */
async function problem(response) {
  const body = await response.json().catch(() => ({}));
  return new Problem({
    status: response.status,
    code: body.code ?? "unknown",
    detail: body.detail ?? body.title ?? response.statusText,
    field: body.field,
  });
}
