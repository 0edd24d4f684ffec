// @ts-check
/** A place to write code: a textarea with line numbers, in which Tab indents. */

import { element } from "./dom.js";

const INDENT = "    ";
const ROWS = { least: 4, most: 16 };

export class Editor {
  #isLeaving = false;
  /** @type {number | null} */ #marked = null;

  /** @param {{id: string, hint: string, onSend: () => void, onChange: () => void}} options */
  constructor({ id, hint, onSend, onChange }) {
    this.numbers = element("div", { className: "numbers", "aria-hidden": "true" });
    this.area = element("textarea", {
      id, placeholder: hint, wrap: "off", spellcheck: false,
      autocapitalize: "off", autocomplete: "off",
    });
    this.root = element("div", { className: "editor", dir: "ltr" }, this.numbers, this.area);
    this.area.addEventListener("keydown", (event) => this.#onKey(event, onSend));
    this.area.addEventListener("blur", () => (this.#isLeaving = false));
    this.area.addEventListener("scroll", () => (this.numbers.scrollTop = this.area.scrollTop));
    this.area.addEventListener("input", () => {
      this.#marked = null;
      this.#fit();
      onChange();
    });
    this.#fit();
  }

  get code() {
    return this.area.value;
  }

  set code(code) {
    this.area.value = code;
    this.#marked = null;
    this.#fit();
  }

  /** Put the caret on a line, and mark its number until something is typed.
   * @param {number} line */
  mark(line) {
    const start = this.code.split("\n").slice(0, line - 1).join("\n").length + Number(line > 1);
    this.#marked = line;
    this.#fit();
    this.area.focus();
    this.area.setSelectionRange(start, start);
    this.area.scrollTop = (line - ROWS.least) * this.#lineHeight();
  }

  /** @param {KeyboardEvent} event @param {() => void} onSend */
  #onKey(event, onSend) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onSend();
    else if (event.key === "Enter" && !event.isComposing) this.#breakLine();
    else if (event.key === "Tab" && !this.#isLeaving) this.#indent(event.shiftKey);
    else return this.#notice(event.key);

    event.preventDefault();
  }

  /** Escape gives Tab back its usual meaning, so that a keyboard can leave.
   * @param {string} key */
  #notice(key) {
    if (key !== "Shift") this.#isLeaving = key === "Escape";
  }

  #breakLine() {
    const before = this.code.slice(0, this.area.selectionStart);
    const line = before.slice(before.lastIndexOf("\n") + 1);
    const indent = line.match(/^[ \t]*/)?.[0] ?? "";
    insert(`\n${indent}${line.trimEnd().endsWith(":") ? INDENT : ""}`);
  }

  /** @param {boolean} isBack */
  #indent(isBack) {
    const { selectionStart, selectionEnd } = this.area;
    if (!isBack && selectionStart === selectionEnd) return insert(INDENT);

    const start = this.code.lastIndexOf("\n", selectionStart - 1) + 1;
    const lines = this.code.slice(start, selectionEnd);
    const moved = isBack ? lines.replace(/^ {1,4}|^\t/gm, "") : lines.replace(/^(?=.)/gm, INDENT);
    this.area.setSelectionRange(start, selectionEnd);
    insert(moved);
    this.area.setSelectionRange(start, start + moved.length);
  }

  #fit() {
    const count = this.code.split("\n").length;
    this.area.rows = Math.min(Math.max(count, ROWS.least), ROWS.most);
    const numbers = Array.from({ length: count }, (_, index) => number(index + 1, this.#marked));
    this.numbers.replaceChildren(...numbers);
    this.numbers.scrollTop = this.area.scrollTop;
  }

  #lineHeight() {
    return parseFloat(getComputedStyle(this.area).lineHeight);
  }
}

/** @param {number} line @param {number | null} marked */
function number(line, marked) {
  return element("span", { className: line === marked ? "marked" : "" }, String(line));
}

/** Type text where the caret is, in a way that Undo knows. @param {string} text */
function insert(text) {
  // Deprecated, and still the only way that keeps the undo history in every browser.
  document.execCommand("insertText", false, text);
}
