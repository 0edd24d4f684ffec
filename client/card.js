// @ts-check
/**
 * What the card looks like in each state; it draws a View and knows nothing of the network.
 *
 * @typedef {import("./jobs.js").Job} Job
 *
 * @typedef {object} View
 * @property {Job | null} job
 * @property {number | null} progress   0–100, never backwards within an attempt; null: unknown
 * @property {"reconnecting" | "polling" | "offline" | null} connection   null: as it should be
 * @property {boolean} isSending        on its way to the server
 * @property {boolean} isCancelling
 * @property {boolean} isExpired        gone, but it can be made again
 * @property {boolean} isNews           it ended before the person's eyes
 * @property {boolean} showsBar
 * @property {{jobType: string, title: string | null} | null} made   what the document is
 * @property {number | null} refused    the status of an answer that shows nothing
 * @property {string | null} notice     why an action did not work
 * @property {string | null} code
 * @property {import("./remaining.js").History | null} history
 * @property {HTMLElement | null} preview
 */

import { buttons } from "./actions.js";
import { attribute, element, setText } from "./dom.js";
import { failure } from "./failure.js";
import { glyph } from "./glyphs.js";
import { line } from "./line.js";

/** @typedef {import("./words.js").Words} Words */

/** @type {Record<string, string>} */
const MARKS = { completed: "ready", failed: "failed", cancelled: "cancelled" };

export class Card {
  #actionsOf = "";
  #belowOf = "";

  /** @param {() => import("./actions.js").Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.type = element("span", { className: "type", part: "type" });
    this.title = element("bdi", {});
    this.mark = element("span", { className: "mark" });
    this.what = element("span", { className: "what", dir: "auto" });
    this.aside = element("span", { className: "aside" });
    this.buttons = element("div", { className: "actions", part: "actions" });
    this.fill = element("span", { part: "fill" });
    this.bar = element("div", { className: "bar", role: "progressbar", part: "bar" }, this.fill);
    this.percent = element("span", { className: "percent", "aria-hidden": "true" });
    this.notice = element("p", { className: "notice", role: "alert", dir: "auto" });
    this.below = element("div", { className: "below" });
    this.voice = element("p", { className: "unseen", role: "status" });
    this.root = this.#article();
  }

  /** @param {View} view @param {Words} words */
  render(view, words) {
    attribute(this.root, "data-status", statusOf(view));
    attribute(this.root, "data-final", isOver(view) ? "" : null);
    this.#renderText(view, words);
    this.#renderBar(view, words);
    this.#renderActions(view, words);
    this.#renderBelow(view, words);
  }

  /** Draw everything anew: the words have changed. */
  forget() {
    this.#actionsOf = this.#belowOf = "";
  }

  #article() {
    const title = element("p", { className: "title", id: "title", part: "title" }, this.title);
    const second = element(
      "p", { className: "line", id: "line", part: "line" }, this.mark, this.what, this.aside,
    );
    const text = element("div", { className: "text" }, title, second);
    const progress = element("div", { className: "progress" }, this.bar, this.percent);
    const labels = { "aria-labelledby": "title", "aria-describedby": "line" };

    return element(
      "article",
      { className: "card", part: "card", ...labels },
      this.type, text, this.buttons, progress,
      this.notice, this.below, this.voice,
    );
  }

  /** @param {View} view @param {Words} words */
  #renderText(view, words) {
    const { job, made, refused } = view;
    const { what, aside } = line(view, words);
    setText(this.title, titleOf(job ?? made, words));
    setText(this.what, what);
    setText(this.aside, aside);
    setText(this.notice, view.notice ?? "");
    redraw(this.type, made?.jobType ?? "unknown");
    redraw(this.mark, refused ? "cancelled" : job && isOver(view) ? MARKS[job.status] : "");
  }

  /** @param {View} view @param {Words} words */
  #renderBar({ job, progress, showsBar }, words) {
    const isKnown = progress !== null;
    const percent = isKnown ? words.percent(progress) : "";
    attribute(this.root, "data-bar", showsBar ? "" : null);
    attribute(this.bar, "data-indeterminate", isKnown || job?.status === "pending" ? null : "");
    attribute(this.bar, "aria-label", words.progressOf(titleOf(job, words)));
    attribute(this.bar, "aria-valuenow", isKnown ? String(progress) : null);
    attribute(this.bar, "aria-valuetext", percent || null);
    attribute(this.bar, "aria-hidden", showsBar ? null : "true");
    this.fill.style.inlineSize = isKnown ? `${progress}%` : "";
    setText(this.percent, percent);
  }

  /** Buttons change only with what can be done, so that focus stays where it is.
   * @param {View} view @param {Words} words */
  #renderActions(view, words) {
    const { job, isCancelling, isExpired, isSending, refused } = view;
    const can = [job ? job.seq * Number(job.final) : -1, isCancelling, isExpired, isSending, refused];
    const shown = can.join(" ");
    if (shown === this.#actionsOf) return;

    this.#actionsOf = shown;
    const root = /** @type {ShadowRoot | Document} */ (this.root.getRootNode());
    const hadFocus = this.buttons.contains(root.activeElement);
    this.buttons.replaceChildren(...buttons(view, titleOf(job ?? view.made, words), this.actions(), words));
    // Focus that stood on a button which is gone would fall to the top of the page.
    const next = /** @type {HTMLElement | null} */ (this.buttons.querySelector("button, a"));
    if (hadFocus) next?.focus();
  }

  /** @param {View} view @param {Words} words */
  #renderBelow({ job, code, preview, isNews, isExpired }, words) {
    const error = job?.status === "failed" && !isExpired ? job.error : null;
    const shown = error ? `${job?.seq} ${code !== null}` : preview ? "preview" : "";
    if (shown === this.#belowOf) return;

    this.#belowOf = shown;
    const content = error ? failure(error, code, job?.jobId ?? "", isNews, words) : preview;
    this.below.replaceChildren(...(content ? [content] : []));
  }
}

/** @param {View} view */
function isOver({ job, isExpired, isSending }) {
  return !isSending && (isExpired || Boolean(job?.final));
}

/** @param {View} view */
function statusOf({ job, refused, isExpired, isSending }) {
  if (isExpired) return "expired";
  if (isSending) return "sending";

  return refused ? "gone" : (job?.status ?? "loading");
}

/** @param {Partial<Job> | null} job @param {Words} words */
export function titleOf(job, words) {
  const name = job?.result?.file_name ?? job?.title;
  return name ?? (job?.jobType ? words.untitled(job.jobType) : words.unnamed);
}

/** @param {HTMLElement} place @param {string} name */
function redraw(place, name) {
  if (place.dataset.glyph === name) return;

  place.dataset.glyph = name;
  place.replaceChildren(...(name ? [glyph(name)] : []));
}
