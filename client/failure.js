// @ts-check
/** How a job failed: first for the person, then for the programmer. */

import { element, setText } from "./dom.js";

/** @typedef {import("./jobs.js").Failure} Failure */
/** @typedef {import("./words.js").Words} Words */

const LINES_AROUND = 2;
// Of these the exception's class says something; other messages are ours, and whole sentences.
const BY_THE_SCRIPT = ["script_error", "syntax_error"];

/**
 * @param {Failure} error
 * @param {string | null} code   as it was sent
 * @param {string} jobId
 * @param {boolean} isNews       it failed before the person's eyes, so say it aloud
 * @param {Words} words
 */
export function failure(error, code, jobId, isNews, words) {
  const reason = element("p", { className: "reason", dir: "auto" }, kind(error), error.message);
  if (isNews) reason.setAttribute("role", "alert");

  return element(
    "div",
    { className: "failure", part: "failure" },
    reason, excerpt(error, code), details(error, jobId, words),
  );
}

/** @param {Failure} error */
function kind({ code, type }) {
  return type && BY_THE_SCRIPT.includes(code) ? element("code", {}, `${type}: `) : null;
}

/** The failing line with its neighbours. @param {Failure} error @param {string | null} code */
export function excerpt({ line }, code) {
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

/** @param {Failure} error @param {string} jobId @param {Words} words */
function details(error, jobId, words) {
  const identity = element("bdi", {}, `${error.code} · ${jobId}`);
  return element(
    "details",
    {},
    element("summary", {}, words.details),
    printed(words.traceback, error.traceback),
    printed(words.output, error.stdout),
    printed(words.errors, error.stderr),
    element("p", { className: "identity" }, identity, copier(error, jobId, words)),
  );
}

/** What a person sends to whoever can help. @param {Failure} error @param {string} jobId @param {Words} words */
function copier(error, jobId, words) {
  const button = element("button", { type: "button", className: "button quiet" }, words.copyDetails);
  button.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(report(error, jobId));
    setText(button, words.copied);
  });

  return button;
}

/** @param {Failure} error @param {string} jobId */
function report({ code, type, message, line, traceback, stdout, stderr }, jobId) {
  const head = `${type ?? code}: ${message}${line ? ` (line ${line})` : ""}`;
  return [`${code} ${jobId}`, head, traceback, stdout, stderr].filter((part) => part?.trim()).join("\n\n");
}

/** @param {string} title @param {string | null | undefined} text */
export function printed(title, text) {
  if (!text?.trim()) return null;

  const content = element("pre", { dir: "ltr", tabIndex: 0 }, text.trimEnd());
  return element("section", {}, element("p", {}, title), content);
}
