// @ts-check
/** The form that makes a job: type, title, code; what was typed outlives every error and reload. */

import { element, setText } from "./dom.js";
import { Editor } from "./editor.js";
import { glyph } from "./glyphs.js";
import { Problem, newKey, submit } from "./jobs.js";
import { menu } from "./menu.js";
import { words } from "./page.js";

/** @typedef {import("./jobs.js").Example} Example */
/**
 * @typedef {{documentType: string, title: string, code: string, documentId?: string}} Draft
 *   `documentId`: of the document that this will be a version of
 */

const KEY = "pressroom.draft";
const TYPES = ["spreadsheet", "document", "pdf", "presentation"];
const FIELDS = ["documentType", "title", "code"];
/** @type {Draft} */ const EMPTY = { documentType: TYPES[0], title: "", code: "" };

export class Composer {
  #isSending = false;
  #key = newKey();

  /** @param {{sessionId: () => string, onAccepted: (jobId: string, draft: Draft) => void}} page */
  constructor(page) {
    this.page = page;
    this.types = typePicker();
    this.title = element("input", {
      id: "job-title", type: "text", placeholder: words.titleHint, autocomplete: "off", dir: "auto",
    });
    this.editor = new Editor({
      id: "job-code",
      hint: words.codeHint,
      onSend: () => this.send(),
      onChange: () => this.#changed(),
    });
    this.sendButton = element("button", { type: "submit", className: "button primary" }, words.send);
    this.problems = Object.fromEntries([...FIELDS, "other"].map((field) => [field, problem(field)]));
    this.examples = element("span", {});
    this.versionOf = element("bdi", {});
    this.version = this.#version();
    this.root = this.#form();
    this.#fill(restored());
  }

  /** Offer examples to take code from. @param {Example[]} examples */
  offer(examples) {
    const opener = element("button", { type: "button", className: "button quiet" }, words.examples);
    opener.append(glyph("down"));
    this.examples.replaceChildren(menu(opener, () => examples.map((example) => ({
      word: example.title,
      glyph: example.documentType,
      choose: () => this.take(example),
    }))));
  }

  /** Take code over for editing. @param {Draft} draft @param {number | null} [line] to begin at */
  take(draft, line) {
    // The name that we gave for want of one is none that the person chose.
    const isOurs = draft.title === words.untitled(draft.documentType);
    this.#fill(isOurs ? { ...draft, title: "" } : draft);
    this.#changed();
    this.editor.mark(line ?? 1);
  }

  /** Make a job of an example; what is written stays, and an empty form follows its type.
   * @param {Example} example */
  run(example) {
    if (!this.editor.code) {
      this.#fill({ ...this.#draft(), documentType: example.documentType });
      this.#changed();
    }

    return this.post(example);
  }

  /** Send what is written. */
  async send() {
    if (this.#isSending) return;
    if (!this.editor.code.trim()) return this.#complain("code", words.codeMissing);

    this.#sending(true);
    const isAccepted = await this.post(this.#draft(), this.#key);
    this.#sending(false);
    if (!isAccepted) return;

    this.#fill({ ...EMPTY, documentType: this.#draft().documentType });
    this.#changed();
  }

  /** Make a job of a draft; errors show beside their field.
   * @param {Draft} draft @param {string} key */
  async post({ documentType, title: given, code, documentId }, key = newKey()) {
    this.forgive();
    const title = given.trim() || words.untitled(documentType);
    const sessionId = this.page.sessionId();
    try {
      const { jobId } = await submit({ documentType, title, code, sessionId, messageId: documentId }, key);
      this.page.onAccepted(jobId, { documentType, title, code, documentId });
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const why = error.status === 401 ? words.signedOut : error.message || words.unreachable;
      this.#complain(error.field?.split(".").at(-1), why);
      return false;
    }
  }

  #form() {
    const form = element(
      "form",
      { className: "composer", noValidate: true, "aria-label": words.composer },
      this.version,
      element("div", { className: "composer-head" }, this.types, label(this.title, words.titleLabel), this.title),
      this.problems.documentType,
      this.problems.title,
      label(this.editor.area, words.codeLabel),
      this.editor.root,
      element("p", { id: "code-keys", className: "unseen" }, words.codeKeys),
      this.problems.code,
      this.problems.other,
      element("div", { className: "composer-foot" }, this.examples, element("kbd", {}, words.sendKeys), this.sendButton),
    );
    form.addEventListener("input", () => this.#changed());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.editor.area.setAttribute("aria-describedby", "code-keys problem-code");
    this.title.setAttribute("aria-describedby", "problem-title");

    return form;
  }

  /** Says that a document gets another version, and offers to make a new one instead. */
  #version() {
    const button = element("button", { type: "button", className: "button quiet" }, words.editingEnds);
    button.addEventListener("click", () => {
      this.#fill({ ...this.#draft(), documentId: undefined });
      this.#changed();
    });

    return element("p", { className: "version-of", hidden: true }, this.versionOf, button);
  }

  /** @returns {Draft} */
  #draft() {
    const chosen = /** @type {HTMLInputElement} */ (this.types.querySelector("input:checked"));
    const { documentId } = this.version.dataset;
    return { documentType: chosen.value, title: this.title.value, code: this.editor.code, documentId };
  }

  /** @param {Draft} draft */
  #fill({ documentType, title, code, documentId }) {
    this.version.hidden = !documentId;
    if (documentId) this.version.dataset.documentId = documentId;
    else delete this.version.dataset.documentId;
    setText(this.versionOf, words.editing(title || words.untitled(documentType)));
    const known = TYPES.includes(documentType) ? documentType : TYPES[0];
    const radio = /** @type {HTMLInputElement} */ (this.types.querySelector(`[value=${known}]`));
    radio.checked = true;
    this.title.value = title;
    this.editor.code = code;
  }

  /** The key belongs to what is written: sending the same twice makes one job. */
  #changed() {
    this.#key = newKey();
    this.forgive();
    sessionStorage.setItem(KEY, JSON.stringify(this.#draft()));
  }

  /** @param {boolean} isSending */
  #sending(isSending) {
    this.#isSending = isSending;
    // Not `disabled`, which would drop the focus.
    this.sendButton.setAttribute("aria-disabled", String(isSending));
  }

  /** @param {string | undefined} field @param {string} message */
  #complain(field, message) {
    const place = FIELDS.includes(field ?? "") ? String(field) : "other";
    setText(this.problems[place], message);
    if (place === "code") this.editor.area.setAttribute("aria-invalid", "true");
    if (place === "title") this.title.setAttribute("aria-invalid", "true");
  }

  /** Take back the complaints about what was typed. */
  forgive() {
    for (const place of Object.values(this.problems)) setText(place, "");
    this.editor.area.removeAttribute("aria-invalid");
    this.title.removeAttribute("aria-invalid");
  }
}

function typePicker() {
  const choices = TYPES.map((type) => element(
    "label",
    {},
    element("input", { type: "radio", name: "documentType", value: type }),
    glyph(type),
    element("span", {}, words.type(type)),
  ));

  return element(
    "fieldset",
    { className: "types" },
    element("legend", { className: "unseen" }, words.typeLabel),
    ...choices,
  );
}

/** @param {HTMLElement} field @param {string} word */
function label(field, word) {
  return element("label", { htmlFor: field.id, className: "unseen" }, word);
}

/** @param {string} field */
function problem(field) {
  return element("p", { id: `problem-${field}`, className: "problem", role: "alert", dir: "auto" });
}

/** @returns {Draft} */
function restored() {
  try {
    return { ...EMPTY, ...JSON.parse(sessionStorage.getItem(KEY) ?? "{}") };
  } catch {
    return EMPTY; // another program's value
  }
}
