// @ts-check
/** The document over the whole window: keys turn and zoom, Escape closes, focus comes back. */

import "./glyphs.js";
import { element, setText } from "../dom.js";
import { glyph } from "../glyphs.js";
import { draw, sizeOf } from "./part.js";
import { tabs } from "./tabs.js";

/** @typedef {import("./manifest.js").Manifest} Manifest */
/** @typedef {import("../words.js").Words} Words */

const ZOOMS = [1, 1.25, 1.5, 2, 3, 4];
const MARGIN_PX = 32;

/** @param {{manifest: Manifest, name: string, words: Words, at: number, root: HTMLElement}} options
 *   `root`: beside what the dialog is put, so that it wears the same styles */
export function openViewer({ manifest, name, words, at, root }) {
  const viewer = new Viewer(manifest, name, words);
  root.append(viewer.dialog);
  viewer.dialog.addEventListener("close", () => viewer.dialog.remove());
  viewer.dialog.showModal();
  viewer.show(at);
}

class Viewer {
  #at = 0;
  #zoom = 0;
  /** @type {HTMLElement | null} */ #drawn = null;

  /** @param {Manifest} manifest @param {string} name @param {Words} words */
  constructor(manifest, name, words) {
    this.manifest = manifest;
    this.name = name;
    this.words = words;
    this.count = element("span", { className: "count", role: "status" });
    this.stage = element("div", { className: "stage" });
    this.note = element("p", { className: "note" });
    this.dialog = this.#dialog();
    this.dialog.addEventListener("keydown", (event) => this.#onKey(event));
    new ResizeObserver(() => this.#fit()).observe(this.stage);
  }

  /** @param {number} at */
  async show(at) {
    const { parts } = this.manifest;
    this.#at = Math.min(Math.max(at, 0), parts.length - 1);
    const wanted = this.#at;
    setText(this.count, this.#place());
    const drawn = await draw(parts[wanted], `${this.words.previewOf(this.name)}, ${this.#place()}`, this.words);
    if (wanted !== this.#at) return; // turned on meanwhile

    this.#drawn = drawn;
    this.stage.replaceChildren(drawn);
    this.stage.scrollTo(0, 0);
    this.#fit();
    this.#fetchNext();
  }

  #dialog() {
    const { words, manifest } = this;
    const title = element("h2", {}, element("bdi", {}, this.name));
    const turning = manifest.parts.length > 1 && manifest.kind !== "sheets" && element(
      "div",
      { className: "turning" },
      this.#button("previous", words.previous, () => this.show(this.#at - 1)),
      this.count,
      this.#button("next", words.next, () => this.show(this.#at + 1)),
    );
    const zooming = element(
      "div",
      { className: "zooming" },
      this.#button("minus", words.smaller, () => this.#zoomTo(this.#zoom - 1)),
      this.#button("fit", words.fit, () => this.#zoomTo(0)),
      this.#button("plus", words.larger, () => this.#zoomTo(this.#zoom + 1)),
    );
    const close = this.#button("close", words.close, () => this.dialog.close());
    const bar = element("header", {}, title, turning, zooming, close);
    const isCut = manifest.total > manifest.parts.length;
    if (isCut) this.note.textContent = words.onlyFirst(words.number(manifest.parts.length), words.number(manifest.total));
    const dialog = element(
      "dialog",
      { className: "viewer", "data-kind": manifest.kind },
      bar, this.stage, this.#sheets(), isCut && this.note,
    );
    dialog.setAttribute("aria-label", words.previewOf(this.name));

    return dialog;
  }

  #sheets() {
    const { parts, kind } = this.manifest;
    if (kind !== "sheets" || parts.length < 2) return null;
    const names = parts.map((part, index) => part.title ?? this.words.number(index + 1));

    return tabs(names, 0, (index) => this.show(index));
  }

  /** @param {string} drawing @param {string} word @param {() => void} onClick */
  #button(drawing, word, onClick) {
    const button = element("button", { type: "button", className: "button quiet icon", title: word }, glyph(drawing));
    button.setAttribute("aria-label", word);
    button.addEventListener("click", onClick);

    return button;
  }

  #place() {
    return this.words.partOf(this.words.number(this.#at + 1), this.words.number(this.manifest.total));
  }

  /** @param {number} step */
  #zoomTo(step) {
    this.#zoom = Math.min(Math.max(step, 0), ZOOMS.length - 1);
    this.#fit();
  }

  /** The whole part in the window, times the zoom; tables and texts in their own size. */
  #fit() {
    if (!this.#drawn) return;
    const zoom = ZOOMS[this.#zoom];
    const { kind, parts } = this.manifest;
    if (kind === "sheets" || kind === "html") {
      this.#drawn.style.zoom = String(zoom);
      return;
    }

    const { width, height } = sizeOf(parts[this.#at], this.#drawn);
    const across = (this.stage.clientWidth - MARGIN_PX) / width;
    const scale = Math.min(across, (this.stage.clientHeight - MARGIN_PX) / height) * zoom;
    const isFrame = this.#drawn.localName === "iframe";
    Object.assign(this.#drawn.style, isFrame
      ? { inlineSize: `${width}px`, blockSize: `${height}px`, zoom: String(scale) }
      : { inlineSize: `${width * scale}px`, blockSize: `${height * scale}px` });
  }

  /** The next picture is there before it is asked for. */
  #fetchNext() {
    const next = this.manifest.parts[this.#at + 1];
    if (next?.mimeType.startsWith("image/")) new Image().src = next.url;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const action = this.#actionOf(event.key);
    event.stopPropagation(); // the page's own keys rest meanwhile
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;

    event.preventDefault();
    action();
  }

  /** @param {string} key @returns {(() => unknown) | undefined} */
  #actionOf(key) {
    const isMirrored = getComputedStyle(this.dialog).direction === "rtl";
    const last = this.manifest.parts.length - 1;
    /** @type {Record<string, () => unknown>} */ const zooming = {
      "+": () => this.#zoomTo(this.#zoom + 1),
      "=": () => this.#zoomTo(this.#zoom + 1),
      "-": () => this.#zoomTo(this.#zoom - 1),
      "0": () => this.#zoomTo(0),
    };
    /** @type {Record<string, () => unknown>} */ const turning = {
      [isMirrored ? "ArrowLeft" : "ArrowRight"]: () => this.show(this.#at + 1),
      [isMirrored ? "ArrowRight" : "ArrowLeft"]: () => this.show(this.#at - 1),
      PageDown: () => this.show(this.#at + 1),
      PageUp: () => this.show(this.#at - 1),
      Home: () => this.show(0),
      End: () => this.show(last),
    };
    // Where one part is longer than the window, these keys scroll it.
    const isScrolled = this.#zoom > 0 || ["sheets", "html"].includes(this.manifest.kind);
    return zooming[key] ?? (isScrolled ? undefined : turning[key]);
  }
}
