// @ts-check
/**
 * The end of a job, told once.
 *
 * @typedef {import("../jobs.js").Job} Job
 * @typedef {import("../jobs.js").Failure} Failure
 * @typedef {import("../jobs.js").Result} Result
 * @typedef {import("../server.js").Problem} Problem
 *
 * @typedef {object} End
 * @property {(result: Result, job: Job) => void} [onComplete]  Once for each time that a job completes.
 * @property {(error: Failure | Problem, job: Job | null) => void} [onError]
 *   Once for each time that it fails or is cancelled, or that there is no such job for this person.
 */

import { useEffect, useRef } from "react";

/** Tell the end, however often React mounts and draws.
 * @param {import("./job-status.js").JobStatus} status @param {End} end */
export function useEnd({ job, problem }, { onComplete, onError }) {
  const told = useRef("");
  useEffect(() => {
    const end = nameOf(job, problem);
    if (!end || told.current === end) return;

    told.current = end;
    if (problem) onError?.(problem, job);
    else if (job?.result) onComplete?.(job.result, job);
    else if (job?.error) onError?.(job.error, job);
  }, [job, problem]);
}

/** An explicit retry may end again, at a later seq.
 * @param {Job | null} job @param {Problem | null} problem */
function nameOf(job, problem) {
  if (problem) return problem.code;
  return job?.final ? `${job.jobId} ${job.seq}` : "";
}
