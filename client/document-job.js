// @ts-check
/**
 * `<document-job job-id="…">`: one job as a card that keeps itself up to date.
 *
 * The id is enough; every state is rebuilt from the server. Attribute `editable` offers Edit.
 * Events, which bubble: `document-job-show` {} when a card that was blank at first can be seen,
 * `document-job-change` {job} and `document-job-edit` {job, code}.
 */

import { Announcer } from "./announcer.js";
import { Card } from "./card.js";
import { elapsedMs } from "./clock.js";
import { watch } from "./events.js";
import * as jobs from "./jobs.js";
import { preview } from "./preview.js";
import { percentWord, stageWord, statusWord, words } from "./words.js";

/** @typedef {import("./jobs.js").Job} Job */

const NOTHING_MS = 300; // what is over by then needs no card that works
const NO_BAR_MS = 1_000;
const BAR_AT_LEAST_MS = 500;
const LOSS_UNSAID_MS = 2_000;
const TICK_MS = 250;
const NOTICE_MS = 6_000;
/** @type {Record<number, string>} */ const REFUSALS = { 401: words.signInToSee, 404: words.gone };

const SHEETS = await Promise.all(["tokens", "controls", "document-job"].map(sheet));

export class DocumentJob extends HTMLElement {
  static observedAttributes = ["job-id"];

  /** @type {Job | null} */ #job = null;
  /** @type {string | null} */ #code = null;
  /** @type {string | null} */ #refused = null;
  /** @type {string | null} */ #notice = null;
  /** @type {HTMLElement | null} */ #preview = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #ticking;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #held;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #noticed;
  /** Whether somebody has just sent it: then its end is news, however fast it came. */
  isAwaited = false;
  #shownAt = 0;
  #barAt = Infinity;
  #downSince = Infinity;
  #isCancelling = false;
  #isRetrying = false;
  #isNews = false;
  #most = { attempt: 0, progress: 0 };
  #stopWatching = () => {};
  #left = new AbortController();

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = SHEETS;
    this.card = new Card(() => ({
      cancel: () => this.cancel(),
      retry: () => this.retry(),
      edit: this.hasAttribute("editable") ? () => this.edit() : null,
    }));
    this.announcer = new Announcer(this.card.voice);
    root.append(this.card.root);
  }

  /** The job as it is known; setting it spares the first question. */
  get job() {
    return this.#job;
  }

  set job(job) {
    this.#job = job;
    if (this.isConnected) this.#begin();
  }

  /** The code of the job, for the lines around a failure; asked for when not set.
   * @param {string | null} code */
  set code(code) {
    this.#code = code;
    this.#render();
  }

  connectedCallback() {
    this.#shownAt = performance.now();
    this.#left = new AbortController();
    this.#begin();
  }

  disconnectedCallback() {
    this.#left.abort();
    this.announcer.stop();
    this.#say(null);
    this.#rest();
  }

  /** @param {string} _name @param {string | null} before @param {string | null} now */
  attributeChangedCallback(_name, before, now) {
    if (before === null || before === now || this.#job?.jobId === now) return;

    this.#job = this.#code = this.#preview = this.#refused = null;
    if (this.isConnected) this.#begin();
  }

  async cancel() {
    if (this.#isCancelling) return;
    this.#isCancelling = true;
    await this.#act(() => jobs.cancel(this.#id));
    // When it worked, the word stands until the final state arrives.
    if (this.#notice || this.#job?.final) this.#isCancelling = false;
    this.#render();
  }

  async retry() {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    await this.#act(() => jobs.retry(this.#id));
    this.#isRetrying = false;
    if (!this.#notice) this.#follow();
  }

  async edit() {
    await this.#act(() => this.#readCode());
    if (this.#code !== null) this.#tell("document-job-edit", { job: this.#job, code: this.#code });
  }

  get #id() {
    return this.getAttribute("job-id") ?? "";
  }

  #begin() {
    if (this.#job?.final) this.#finish();
    else if (this.#id) this.#follow();
  }

  #follow() {
    this.#rest();
    this.#ticking = setInterval(() => this.#render(), TICK_MS);
    const listener = {
      onJob: (/** @type {Job} */ job) => this.#take(job),
      onLine: (/** @type {boolean} */ isUp) => this.#line(isUp),
      onRefused: (/** @type {jobs.Problem} */ problem) => this.#refuse(problem),
    };
    this.#stopWatching = watch(this.#id, listener, { seq: this.#job?.seq });
    this.#render();
  }

  /** No timer and no connection is left behind. */
  #rest() {
    this.#stopWatching();
    clearInterval(this.#ticking);
    clearTimeout(this.#held);
    this.#downSince = Infinity;
  }

  /** @param {Job} job */
  #take(job) {
    const rest = job.final ? this.#barAt + BAR_AT_LEAST_MS - performance.now() : 0;
    if (rest > 0 && Number.isFinite(rest)) this.#held = setTimeout(() => this.#show(job), rest);
    else this.#show(job);
  }

  /** @param {Job} job */
  #show(job) {
    const isFirst = this.#job === null;
    this.#isNews = job.completedAt !== null && (this.isAwaited || elapsedMs(job.completedAt) < this.#shownMs());
    this.#job = job;
    if (this.#isNews || !isFirst) this.#announce(job);
    this.#tell("document-job-change", { job });
    if (job.final) this.#finish();
    else this.#render();
  }

  #finish() {
    this.#rest();
    this.#isCancelling = false;
    this.#barAt = Infinity;
    this.#render();
    this.#complete();
  }

  /** Fetch what the final state shows beside itself. */
  async #complete() {
    const { signal } = this.#left;
    const { result, error } = this.#job ?? {};
    // A failure shows well enough without the lines around it.
    if (error?.line) await this.#readCode().catch(() => null);
    if (result?.preview_url) this.#preview = await preview(result.preview_url, result.file_name, signal);
    if (!signal.aborted) this.#render();
  }

  async #readCode() {
    this.#code ??= await jobs.code(this.#id);
  }

  /** Do what the person asked for, or say why not. @param {() => Promise<any>} call */
  async #act(call) {
    this.#say(null);
    try {
      await call();
    } catch (error) {
      if (!(error instanceof jobs.Problem)) throw error;
      this.#say(error.message || words.actionFailed);
    }
    this.#render();
  }

  /** A notice stays long enough to be read, whatever the job does meanwhile.
   * @param {string | null} notice */
  #say(notice) {
    clearTimeout(this.#noticed);
    this.#notice = notice;
    if (notice) this.#noticed = setTimeout(() => this.#say(null), NOTICE_MS);
    this.#render();
  }

  /** @param {boolean} isUp */
  #line(isUp) {
    if (isUp) this.#downSince = Infinity;
    else this.#downSince = Math.min(this.#downSince, performance.now());
  }

  /** @param {jobs.Problem} problem */
  #refuse({ status }) {
    this.#refused = REFUSALS[status] ?? words.notYours;
    this.#rest();
    this.#render();
  }

  #render() {
    const now = performance.now();
    const showsBar = this.#showsBar();
    this.#barAt = showsBar ? Math.min(this.#barAt, now) : Infinity;
    const wasQuiet = this.hasAttribute("data-quiet");
    const isKnown = Boolean(this.#job?.final || this.#refused);
    const isQuiet = !isKnown && this.#shownMs() < NOTHING_MS;
    this.toggleAttribute("data-quiet", isQuiet);
    this.card.render({
      job: this.#job,
      progress: this.#progress(),
      isUp: now - this.#downSince < LOSS_UNSAID_MS,
      isCancelling: this.#isCancelling,
      isNews: this.#isNews,
      showsBar,
      refused: this.#refused,
      notice: this.#notice,
      code: this.#code,
      preview: this.#preview,
    });
    if (wasQuiet && !isQuiet) this.#tell("document-job-show", {});
  }

  #shownMs() {
    return performance.now() - this.#shownAt;
  }

  #showsBar() {
    return this.#job !== null && !this.#job.final && elapsedMs(this.#job.createdAt) >= NO_BAR_MS;
  }

  /** A script may report 60 and then 40; the bar keeps 60 until another attempt begins. */
  #progress() {
    const { attempt = 0, progress = 0, status } = this.#job ?? {};
    if (attempt !== this.#most.attempt) this.#most = { attempt, progress: 0 };
    this.#most.progress = Math.max(this.#most.progress, progress ?? 0);

    return status === "processing" && this.#most.progress > 0 ? this.#most.progress : null;
  }

  /** A failure speaks for itself, as an alert. @param {Job} job */
  #announce(job) {
    const title = job.result?.file_name ?? job.title ?? words.unnamed;
    const sentence = words.heard(title, spoken(job));
    if (!job.final) this.announcer.say(sentence);
    else if (job.status !== "failed") this.announcer.sayNow(sentence);
  }

  /** @param {string} name @param {object} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

/** @param {Job} job */
function spoken(job) {
  if (job.status !== "processing") return statusWord(job.status);

  const step = job.message || stageWord(job.stage);
  return job.progress ? `${step}, ${percentWord(job.progress)}` : step;
}

/** @param {string} name */
async function sheet(name) {
  const answer = await fetch(new URL(`./${name}.css`, import.meta.url));
  return new CSSStyleSheet().replace(await answer.text());
}

customElements.define("document-job", DocumentJob);
