// @ts-check
/** What unfolds in the card: the first look into a document, and the way into the large one. */

import { element } from "../dom.js";
import { glyph } from "../glyphs.js";
import { styles } from "../styles.js";
import { manifest } from "./manifest.js";
import { draw, sizeOf } from "./part.js";
import { tabs } from "./tabs.js";

/** @typedef {import("./manifest.js").Manifest} Manifest */
/** @typedef {import("../words.js").Words} Words */

const ROWS = 12;
const SLIDES = 6;

/** What this and the large look wear, for the root that they stand in. */
export const SHEET = await styles(new URL("./preview.css", import.meta.url));

/** The preview as an element that is ready to be seen, or null when there is none.
 * @param {{url: string, name: string, address: (url: string) => string, words: Words, signal: AbortSignal}} options
 * @returns {Promise<{node: HTMLElement, open: (at?: number) => void} | null>} */
export async function thumbnail({ url, name, address, words, signal }) {
  const found = await manifest(url, address, signal);
  if (!found) return null;

  const open = async (at = 0) => {
    const { openViewer } = await import("./viewer.js");
    openViewer({ manifest: found, name, words, at, root: node });
  };
  const expand = element("button", { type: "button", className: "button icon expand" }, glyph("expand"));
  expand.setAttribute("aria-label", words.previewOf(name));
  expand.addEventListener("click", () => open());
  const node = element("div", { className: "preview", "data-kind": found.kind, part: "preview" });
  node.append(await LOOKS[found.kind](found, name, words, open), expand);

  return { node, open };
}

/** @type {Record<Manifest["kind"], (manifest: Manifest, name: string, words: Words, open: (at: number) => void) => Promise<HTMLElement>>} */
const LOOKS = { pages: first, html: first, slides: strip, sheets: workbook };

/** @param {Manifest} manifest @param {string} name @param {Words} words @param {(at: number) => void} open */
async function first({ parts, total, kind }, name, words, open) {
  const page = await draw(parts[0], words.previewOf(name), words);
  page.addEventListener("click", () => open(0));
  const count = words.partOf(words.number(1), words.number(total));
  const chip = kind === "pages" && total > 1 && element("span", { className: "chip" }, count);

  return element("div", { className: "look" }, page, chip);
}

/** @param {Manifest} manifest @param {string} name @param {Words} words @param {(at: number) => void} open */
async function strip({ parts, total }, name, words, open) {
  const shown = parts.slice(0, SLIDES);
  const slides = await Promise.all(shown.map(async (part, index) => {
    const said = `${words.previewOf(name)}, ${words.partOf(words.number(index + 1), words.number(total))}`;
    const slide = await draw(part, said, words);
    const button = element("button", { type: "button", className: "slide" }, scaled(part, slide));
    button.setAttribute("aria-label", said);
    button.addEventListener("click", () => open(index));
    return button;
  }));

  return element("div", { className: "strip" }, ...slides);
}

/** A frame keeps the size it was laid out at, and is drawn smaller.
 * @param {import("./manifest.js").Part} part @param {HTMLElement} node */
function scaled(part, node) {
  const { width, height } = sizeOf(part, node);
  const holder = element("span", { className: "scaled" }, node);
  holder.style.aspectRatio = `${width} / ${height}`;
  if (node.localName === "iframe") {
    Object.assign(node.style, { inlineSize: `${width}px`, blockSize: `${height}px` });
    new ResizeObserver(() => {
      node.style.scale = String(holder.clientWidth / width);
    }).observe(holder);
    node.tabIndex = -1;
  }

  return holder;
}

/** @param {Manifest} manifest @param {string} name @param {Words} words */
async function workbook({ parts }, name, words) {
  const place = element("div", { className: "place" });
  const show = async (/** @type {number} */ at) => {
    place.replaceChildren(await draw(parts[at], words.previewOf(name), words, { rows: ROWS }));
  };
  await show(0);
  const names = parts.map((part, index) => part.title ?? words.number(index + 1));

  return element("div", { className: "look" }, place, parts.length > 1 && tabs(names, 0, show));
}
