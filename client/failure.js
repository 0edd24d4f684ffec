// @ts-check
/** How a job failed: first for the person, then for the programmer. */

import { element } from "./dom.js";
import { words } from "./words.js";

/** @typedef {import("./jobs.js").Failure} Failure */

const LINES_AROUND = 2;
// Of these the exception's class says something; other messages are ours, and whole sentences.
const BY_THE_SCRIPT = ["script_error", "syntax_error"];

/**
 * @param {Failure} error
 * @param {string | null} code   as it was sent
 * @param {string} jobId
 * @param {boolean} isNews       it failed before the person's eyes, so say it aloud
 */
export function failure(error, code, jobId, isNews) {
  const reason = element("p", { className: "reason", dir: "auto" }, kind(error), error.message);
  if (isNews) reason.setAttribute("role", "alert");

  return element("div", { className: "failure" }, reason, excerpt(error, code), details(error, jobId));
}

/** @param {Failure} error */
function kind({ code, type }) {
  return type && BY_THE_SCRIPT.includes(code) ? element("code", {}, `${type}: `) : null;
}

/** The failing line with its neighbours. @param {Failure} error @param {string | null} code */
function excerpt({ line }, code) {
  if (!line || !code) return null;

  const lines = code.trimEnd().split("\n");
  const first = Math.max(1, line - LINES_AROUND);
  const shown = lines.slice(first - 1, line + LINES_AROUND);
  const rows = shown.map((text, index) => row(first + index, text, first + index === line));
  return element("pre", { className: "excerpt", dir: "ltr", tabIndex: 0 }, ...rows);
}

/** @param {number} number @param {string} text @param {boolean} isCulprit */
function row(number, text, isCulprit) {
  const content = [element("span", { className: "number" }, String(number)), `${text}\n`];
  return isCulprit ? element("mark", {}, ...content) : element("span", {}, ...content);
}

/** @param {Failure} error @param {string} jobId */
function details(error, jobId) {
  return element(
    "details",
    {},
    element("summary", {}, words.details),
    printed(words.traceback, error.traceback),
    printed(words.output, error.stdout),
    printed(words.errors, error.stderr),
    element("p", { className: "identity" }, element("bdi", {}, `${error.code} · ${jobId}`)),
  );
}

/** @param {string} title @param {string | null | undefined} text */
function printed(title, text) {
  if (!text?.trim()) return null;

  const content = element("pre", { dir: "ltr", tabIndex: 0 }, text.trimEnd());
  return element("section", {}, element("p", {}, title), content);
}
