// @ts-check
/**
 * A job as one line and a bar.
 *
 * @typedef {import("./job-status.js").JobStatus} JobStatus
 *
 * @typedef {object} Own
 * @property {string | null | undefined} jobId
 * @property {string} [lang]
 * @property {string} [className]
 * @property {(status: JobStatus) => import("react").ReactNode} [children] Draws it in place of us.
 *
 * @typedef {Own & import("../server.js").Place & import("./end.js").End} JobProgressProps
 */

import { createElement } from "react";

import { useEnd } from "./end.js";
import { useJobStatus } from "./job-status.js";
import { useWords } from "./spoken.js";

/** @param {JobProgressProps} props */
export function JobProgress({ jobId, src, token, lang, className, children, onComplete, onError }) {
  const status = useJobStatus(jobId, { src, token });
  const words = useWords(lang);
  useEnd(status, { onComplete, onError });
  if (children) return children(status);

  const { job, connection } = status;
  const shown = { className, lang, dir: words.dir, "data-status": job?.status, "data-connection": connection };
  return createElement("div", shown, bar(status, words), " ", heard(status, words), seen(status));
}

/** @param {JobStatus} status @param {import("../words.js").Words} words */
function bar({ job, progress }, words) {
  if (job?.final) return null;
  const name = job ? (job.title ?? words.untitled(job.jobType)) : words.unnamed;
  const label = words.progressOf(name);

  return createElement("progress", { max: 100, value: progress ?? undefined, "aria-label": label });
}

/** Read aloud when it changes, which is seldom.
 * @param {JobStatus} status @param {import("../words.js").Words} words */
function heard({ job, problem }, words) {
  const isWrong = Boolean(problem) || job?.status === "failed";
  const word = problem ? words.gone : job ? words.status(job.status) : words.loading;

  return createElement("span", { role: isWrong ? "alert" : "status" }, word);
}

/** @param {JobStatus} status */
function seen({ job }) {
  const said = job?.error?.message ?? (job?.final ? null : job?.message);
  return said ? createElement("span", { dir: "auto" }, " · ", said) : null;
}
