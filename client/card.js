// @ts-check
/**
 * What the card looks like in each state; it draws a View and knows nothing of the network.
 *
 * @typedef {import("./jobs.js").Job} Job
 *
 * @typedef {object} View
 * @property {Job | null} job
 * @property {number | null} progress   0–100, never backwards within an attempt; null: unknown
 * @property {boolean} isUp             the server can be reached, or has been a moment ago
 * @property {boolean} isCancelling
 * @property {boolean} isNews           it ended before the person's eyes
 * @property {boolean} showsBar
 * @property {string | null} refused    why there is nothing to show
 * @property {string | null} notice     why an action did not work
 * @property {string | null} code
 * @property {HTMLElement | null} preview
 *
 * @typedef {{cancel: () => void, retry: () => void, edit: (() => void) | null}} Actions
 */

import { attribute, element, setText } from "./dom.js";
import { failure } from "./failure.js";
import { glyph } from "./glyphs.js";
import { line } from "./line.js";
import { menu } from "./menu.js";
import { percentWord, words } from "./words.js";

export class Card {
  #actionsOf = "";
  #belowOf = "";

  /** @param {() => Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.type = element("span", { className: "type" });
    this.title = element("bdi", {});
    this.mark = element("span", { className: "mark" });
    this.what = element("span", { className: "what", dir: "auto" });
    this.aside = element("span", { className: "aside" });
    this.buttons = element("div", { className: "actions" });
    this.fill = element("span", {});
    this.bar = element("div", { className: "bar", role: "progressbar" }, this.fill);
    this.percent = element("span", { className: "percent", "aria-hidden": "true" });
    this.notice = element("p", { className: "notice", role: "alert", dir: "auto" });
    this.below = element("div", { className: "below" });
    this.voice = element("p", { className: "unseen", role: "status" });
    this.root = this.#article();
  }

  /** @param {View} view */
  render(view) {
    const { job, refused } = view;
    attribute(this.root, "data-status", refused ? "gone" : (job?.status ?? "loading"));
    attribute(this.root, "data-final", job?.final ? "" : null);
    this.#renderText(view);
    this.#renderBar(view);
    this.#renderActions(view);
    this.#renderBelow(view);
  }

  #article() {
    const title = element("p", { className: "title", id: "title" }, this.title);
    const second = element("p", { className: "line", id: "line" }, this.mark, this.what, this.aside);
    const text = element("div", { className: "text" }, title, second);
    const progress = element("div", { className: "progress" }, this.bar, this.percent);
    const labels = { "aria-labelledby": "title", "aria-describedby": "line" };

    return element(
      "article",
      { className: "card", ...labels },
      this.type, text, this.buttons, progress,
      this.notice, this.below, this.voice,
    );
  }

  /** @param {View} view */
  #renderText(view) {
    const { job, refused } = view;
    const { what, aside } = line(view);
    setText(this.title, titleOf(job));
    setText(this.what, what);
    setText(this.aside, aside);
    setText(this.notice, view.notice ?? "");
    redraw(this.type, job?.jobType ?? "unknown");
    redraw(this.mark, refused ? "cancelled" : job?.final ? MARKS[job.status] : "");
  }

  /** @param {View} view */
  #renderBar({ job, progress, showsBar }) {
    const isKnown = progress !== null;
    attribute(this.root, "data-bar", showsBar ? "" : null);
    attribute(this.bar, "data-indeterminate", isKnown || job?.status === "pending" ? null : "");
    attribute(this.bar, "aria-label", words.progressOf(titleOf(job)));
    attribute(this.bar, "aria-valuenow", isKnown ? String(progress) : null);
    attribute(this.bar, "aria-valuetext", isKnown ? percentWord(progress) : null);
    attribute(this.bar, "aria-hidden", showsBar ? null : "true");
    this.fill.style.inlineSize = isKnown ? `${progress}%` : "";
    setText(this.percent, isKnown ? percentWord(progress) : "");
  }

  /** Buttons change only with what can be done, so that focus stays where it is.
   * @param {View} view */
  #renderActions({ job, isCancelling, refused }) {
    const shown = refused || !job ? "none" : `${job.seq * Number(job.final)} ${isCancelling}`;
    if (shown === this.#actionsOf) return;

    this.#actionsOf = shown;
    const root = /** @type {ShadowRoot | Document} */ (this.root.getRootNode());
    const hadFocus = this.buttons.contains(root.activeElement);
    this.buttons.replaceChildren(...(job && !refused ? this.#buttonsFor(job, isCancelling) : []));
    // Focus that stood on a button which is gone would fall to the top of the page.
    const next = /** @type {HTMLElement | null} */ (this.buttons.querySelector("button, a"));
    if (hadFocus) next?.focus();
  }

  /** @param {Job} job @param {boolean} isCancelling */
  #buttonsFor(job, isCancelling) {
    const { cancel, retry, edit } = this.actions();
    const name = titleOf(job);
    if (job.result) return [more(job, edit), download(job.result)];
    if (job.final) return [edit && button(words.edit, name, edit), button(words.tryAgain, name, retry)].filter(present);
    const stop = button(isCancelling ? words.cancelling : words.cancel, name, cancel);
    if (isCancelling) stop.setAttribute("aria-disabled", "true");

    return [stop];
  }

  /** @param {View} view */
  #renderBelow({ job, code, preview, isNews }) {
    const error = job?.status === "failed" ? job.error : null;
    const shown = error ? `${job?.seq} ${code !== null}` : preview ? "preview" : "";
    if (shown === this.#belowOf) return;

    this.#belowOf = shown;
    const content = error ? failure(error, code, job?.jobId ?? "", isNews) : preview;
    this.below.replaceChildren(...(content ? [content] : []));
  }
}

/** @type {Record<string, string>} */
const MARKS = { completed: "ready", failed: "failed", cancelled: "cancelled" };

/** @param {Job | null} job */
function titleOf(job) {
  return job?.result?.file_name ?? job?.title ?? words.unnamed;
}

/** @param {HTMLElement} place @param {string} name */
function redraw(place, name) {
  if (place.dataset.glyph === name) return;

  place.dataset.glyph = name;
  place.replaceChildren(...(name ? [glyph(name)] : []));
}

/** @param {string} word @param {string} name @param {() => void} onClick */
function button(word, name, onClick) {
  const node = element("button", { type: "button", className: "button" }, word);
  node.setAttribute("aria-label", words.heard(name, word));
  node.addEventListener("click", onClick);

  return node;
}

/** @param {import("./jobs.js").Result} result */
function download(result) {
  const properties = { className: "button primary", href: result.download_url, download: result.file_name };
  const node = element("a", properties, glyph("download"), words.download);
  node.setAttribute("aria-label", words.downloadOf(result.file_name));

  return node;
}

/** @param {Job} job @param {(() => void) | null} edit */
function more(job, edit) {
  const opener = element("button", { type: "button", className: "button icon" }, glyph("more"));
  opener.setAttribute("aria-label", words.heard(titleOf(job), words.more));

  return menu(opener, () => [
    ...others(job),
    ...(edit ? [{ word: words.editCode, choose: edit }] : []),
    { word: words.copyLink, choose: () => copy(link(job)) },
    { word: words.copyId, choose: () => copy(job.jobId) },
  ]);
}

/** The files beside the main one. @param {Job} job */
function others({ result }) {
  const rest = (result?.artifacts ?? []).slice(1);
  return rest.map((artifact) => ({
    word: words.downloadOf(artifact.file_name),
    href: artifact.download_url,
    name: artifact.file_name,
  }));
}

/** @param {Job} job */
function link({ result }) {
  return new URL(result?.download_url ?? "", document.baseURI).href;
}

/** @param {string} text */
function copy(text) {
  return navigator.clipboard?.writeText(text);
}

/** @template T @param {T | null} value @returns {value is T} */
function present(value) {
  return value !== null;
}
