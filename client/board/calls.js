// @ts-check
/**
 * What the jobs page asks the server beside what a card asks.
 *
 * @typedef {import("../jobs.js").Job} Job
 *
 * @typedef {object} Attempt
 * @property {number} attempt
 * @property {string} workerId
 * @property {string} startedAt
 * @property {string | null} endedAt
 * @property {string | null} outcome
 * @property {import("../jobs.js").Failure | null} error
 *
 * @typedef {Job & {payload: {code: string, data?: any}, attempts: Attempt[], priority: number,
 *   expiresAt: string | null}} Detail
 *
 * @typedef {object} Worker
 * @property {string} workerId
 * @property {string} hostname
 * @property {number} pid
 * @property {number} slots
 * @property {number} running
 * @property {boolean} isAlive
 * @property {string} startedAt
 * @property {Record<string, any> | null} sandbox
 *
 * @typedef {object} Figures
 * @property {number} waiting
 * @property {number} running
 * @property {number} perMinute
 * @property {number | null} waitP95Seconds
 * @property {number} workers
 *
 * @typedef {{jobType: string, pausedAt: string | null}} JobType
 * @typedef {Record<string, string>} Filters   by their names in the API; an empty one is left out
 */

import { serverAt } from "../server.js";

const POST = { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" };

const here = serverAt();

/** @param {Filters} filters @param {string | null} cursor
 * @returns {Promise<{jobs: Job[], nextCursor: string | null}>} */
export function list(filters, cursor) {
  const given = Object.entries({ ...filters, ...(cursor && { cursor }) }).filter(([, value]) => value);
  return here.call(`/api/jobs?${new URLSearchParams(given)}`);
}

/** A job with its code and its history. @param {string} jobId @returns {Promise<Detail>} */
export function detail(jobId) {
  return here.call(`/api/jobs/${encodeURIComponent(jobId)}?include=payload,attempts`);
}

/** @returns {Promise<Figures>} */
export function figures() {
  return here.call("/api/figures");
}

/** @returns {Promise<Worker[]>} */
export async function workers() {
  return (await here.call("/api/workers")).workers;
}

/** @returns {Promise<JobType[]>} */
export async function jobTypes() {
  return (await here.call("/api/job-types")).jobTypes;
}

/** @param {string} jobType @param {boolean} isPaused @returns {Promise<JobType[]>} */
export async function setPaused(jobType, isPaused) {
  const verb = isPaused ? "pause" : "resume";
  return (await here.call(`/api/job-types/${encodeURIComponent(jobType)}/${verb}`, POST)).jobTypes;
}
