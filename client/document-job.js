// @ts-check
/**
 * `<document-job job-id="…">`: one job as a card that keeps itself up to date.
 *
 * The id is enough; every state is rebuilt from the server. Attributes: `src`, a server on another
 * origin; `token`, a user's token where no cookie speaks (the property takes a function, too);
 * `lang`; `editable`, which offers Edit; `document-type` and `document-title`, with which and the
 * property `code` a document that has expired can be made again.
 * Events, which bubble: `document-job-show` {} when a card that was blank at first can be seen,
 * `document-job-change` {job}, `document-job-edit` {job, code}, and `document-job-regenerate`
 * {job, code}: whoever prevents its default makes the new job, else the card does.
 */

import { Announcer } from "./announcer.js";
import { Card } from "./card.js";
import { elapsedMs } from "./clock.js";
import { watch } from "./events.js";
import { historyOf } from "./history.js";
import * as jobs from "./jobs.js";
import { addresses } from "./links.js";
import { look } from "./look.js";
import { Notice } from "./notice.js";
import { Pace } from "./pace.js";
import { Reach } from "./reach.js";
import { serverAt } from "./server.js";
import { announce } from "./speech.js";
import { styles } from "./styles.js";
import { known, languageOf, speak } from "./words.js";

/** @typedef {import("./jobs.js").Job} Job */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("./card.js").View} View */

const TICK_MS = 250;

const SHEETS = await Promise.all([
  new URL("./tokens.css", import.meta.url),
  new URL("./controls.css", import.meta.url),
  new URL("./document-job.css", import.meta.url),
  new URL("./failure.css", import.meta.url),
].map(styles));

export class DocumentJob extends HTMLElement {
  static observedAttributes = ["job-id", "lang", "src", "token"];

  /** @type {Job | null} */ #job = null;
  /** @type {string | null} */ #code = null;
  /** @type {number | null} the status of a refusal */ #refused = null;
  /** @type {import("./remaining.js").History | null} */ #history = null;
  /** @type {import("./look.js").Look | null} */ #preview = null;
  /** @type {Words | null} */ #words = null;
  /** @type {Promise<void> | null} */ #speaking = null;
  /** @type {import("./server.js").Token | null} */ #token = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #ticking;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #held;
  /** Whether somebody has just sent it: then its end is news, however fast it came. */
  isAwaited = false;
  #pace = new Pace();
  #reach = new Reach();
  #notice = new Notice(() => this.#render());
  #isCancelling = false;
  #isRetrying = false;
  #isSending = false;
  #isNews = false;
  #stopWatching = () => {};
  #left = new AbortController();

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = SHEETS;
    this.card = new Card(() => ({
      cancel: () => this.cancel(),
      retry: () => this.retry(),
      regenerate: () => this.regenerate(),
      edit: this.hasAttribute("editable") ? () => this.edit() : null,
      open: this.#preview && (() => this.#preview?.open()),
      address: async ({ artifact_id: id, download_url: path }) => (await addresses(this.server, id))(path),
      say: (sentence) => this.announcer.sayNow(sentence),
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

  /** A user's token, or a function that gives one and is asked again when it has run out.
   * @param {import("./server.js").Token | null} token */
  set token(token) {
    if (token === this.#token) return;
    this.#token = token;
    if (this.isConnected) this.#begin();
  }

  /** The server that the job lives on. */
  get server() {
    return serverAt(this.#place);
  }

  connectedCallback() {
    this.#pace.begin();
    this.#left = new AbortController();
    this.#speaking = this.#speak();
    this.#begin();
  }

  disconnectedCallback() {
    this.#left.abort();
    this.announcer.stop();
    this.#notice.say(null);
    this.#rest();
  }

  /** @param {string} name @param {string | null} before @param {string | null} now */
  attributeChangedCallback(name, before, now) {
    if (before === now || !this.isConnected) return;
    if (name === "lang") this.#speaking = this.#speak();
    else if (name !== "job-id" || this.#job?.jobId !== now) this.#beginAnew();
  }

  async cancel() {
    if (this.#isCancelling) return;
    this.#isCancelling = true;
    const isCancelled = await this.#act(() => jobs.cancel(this.#id, this.server));
    // When it worked, the word stands until the final state arrives.
    if (!isCancelled || this.#job?.final) this.#isCancelling = false;
    this.#render();
  }

  async retry() {
    if (this.#isRetrying) return;
    this.#isRetrying = true;
    const isRetried = await this.#act(() => jobs.retry(this.#id, this.server));
    this.#isRetrying = false;
    if (isRetried) this.#follow();
  }

  async edit() {
    await this.#act(() => this.#readCode());
    if (this.#code !== null) this.#tell("document-job-edit", { job: this.#job, code: this.#code });
  }

  /** Make the document once more, as a new job. */
  async regenerate() {
    await this.#act(() => this.#readCode());
    const [made, code] = [this.#made, this.#code];
    if (code === null || made === null) return;
    if (!this.#tell("document-job-regenerate", { job: this.#job, code })) return;

    this.#isSending = true;
    await this.#act(() => this.#makeAgain(made, code));
    this.#isSending = false;
    this.#render();
  }

  get #place() {
    return { src: this.getAttribute("src"), token: this.#token ?? this.getAttribute("token") };
  }

  get #id() {
    return this.getAttribute("job-id") ?? "";
  }

  /** What the document is, as the job says it or, where there is none, the page. */
  get #made() {
    const jobType = this.#job?.jobType ?? this.getAttribute("document-type");
    const title = this.#job?.title ?? this.getAttribute("document-title");

    return jobType === null ? null : { jobType, title };
  }

  /** @param {{jobType: string, title: string | null}} made @param {string} code */
  async #makeAgain({ jobType: documentType, title }, code) {
    const { sessionId, messageId } = this.#job ?? {};
    const request = { documentType, title, sessionId, messageId, code };
    const { jobId } = await jobs.submit(request, jobs.newKey(), this.server);
    this.isAwaited = true;
    this.setAttribute("job-id", jobId);
    this.#code = code;
  }

  #beginAnew() {
    this.#job = this.#code = this.#preview = this.#refused = null;
    this.card.forget();
    this.#begin();
  }

  #begin() {
    if (this.#job?.final) this.#finish();
    else if (this.#id) this.#follow();
    if (this.#job && !this.#job.final) this.#remember(this.#job);
  }

  /** Another language than English may have to be fetched; nothing is shown before. */
  async #speak() {
    const nearest = /** @type {HTMLElement | null} */ (this.closest("[lang]"));
    const language = languageOf(nearest?.lang);
    this.#words = known(language);
    this.#words ??= await speak(language);
    this.card.root.dir = this.lang ? this.#words.dir : "";
    this.card.forget();
    this.#render();
  }

  #follow() {
    this.#rest();
    this.#refused = null;
    this.#ticking = setInterval(() => this.#render(), TICK_MS);
    const listener = {
      onJob: (/** @type {Job} */ job) => this.#take(job),
      onConnection: (/** @type {import("./connection.js").State} */ state) => this.#reach.take(state),
      onRefused: (/** @type {jobs.Problem} */ problem) => this.#refuse(problem),
    };
    this.#stopWatching = watch(this.#id, listener, { seq: this.#job?.seq, ...this.#place });
    this.#render();
  }

  /** No timer and no connection is left behind. */
  #rest() {
    this.#stopWatching();
    clearInterval(this.#ticking);
    clearTimeout(this.#held);
    this.#reach.forget();
  }

  /** @param {Job} job */
  #take(job) {
    const rest = job.final ? this.#pace.barRestMs : 0;
    if (rest > 0) this.#held = setTimeout(() => this.#show(job), rest);
    else this.#show(job);
  }

  /** @param {Job} job */
  #show(job) {
    const isFirst = this.#job === null;
    const endedHere = job.completedAt !== null && elapsedMs(job.completedAt) < this.#pace.shownMs;
    this.#isNews = job.final && (this.isAwaited || endedHere);
    this.#job = job;
    if (this.#words && (this.#isNews || !isFirst)) announce(job, this.announcer, this.#words);
    this.#tell("document-job-change", { job });
    if (job.final) return this.#finish();

    this.#render();
    this.#remember(job);
  }

  /** @param {Job} job */
  async #remember({ jobType }) {
    this.#history ??= await historyOf(this.server, jobType);
  }

  #finish() {
    this.#rest();
    this.#isCancelling = false;
    this.#render();
    this.#complete();
  }

  /** Fetch what the final state shows beside itself. */
  async #complete() {
    const { signal } = this.#left;
    const { result, error } = this.#job ?? {};
    // A failure shows well enough without the lines around it, and a document without its picture.
    if (error?.line) await this.#readCode().catch(() => null);
    await this.#speaking;
    if (result?.preview_url && this.#words) {
      this.#preview = await look(this, result, this.#words, signal).catch(() => null);
    }
    if (!signal.aborted) this.#render();
  }

  async #readCode() {
    this.#code ??= await jobs.code(this.#id, this.server);
  }

  /** @param {() => Promise<any>} call */
  #act(call) {
    return this.#notice.attempt(call, this.#words?.actionFailed ?? "");
  }

  /** @param {jobs.Problem} problem */
  #refuse({ status }) {
    this.#refused = status;
    this.#rest();
    this.#render();
  }

  #render() {
    const isQuiet = !this.#words || (!this.#isDecided && this.#pace.isTooEarly);
    const wasQuiet = this.hasAttribute("data-quiet");
    this.toggleAttribute("data-quiet", isQuiet);
    if (this.#words) this.card.render(this.#view, this.#words);
    if (wasQuiet && !isQuiet) this.#tell("document-job-show", {});
  }

  get #isDecided() {
    return Boolean(this.#job?.final || this.#refused);
  }

  /** @returns {View} */
  get #view() {
    return {
      job: this.#job,
      made: this.#made,
      progress: this.#pace.progress(this.#job),
      connection: this.#reach.word,
      isSending: this.#isSending,
      isCancelling: this.#isCancelling,
      isExpired: this.#refused === 404 && this.#code !== null && this.#made !== null,
      isNews: this.#isNews,
      showsBar: !this.#isDecided && this.#pace.showsBar(this.#job),
      refused: this.#refused,
      notice: this.#notice.text,
      code: this.#code,
      history: this.#history,
      preview: this.#preview?.node ?? null,
    };
  }

  /** False when somebody prevented the default. @param {string} name @param {object} detail */
  #tell(name, detail) {
    const options = { detail, bubbles: true, composed: true, cancelable: true };
    return this.dispatchEvent(new CustomEvent(name, options));
  }
}

customElements.define("document-job", DocumentJob);
