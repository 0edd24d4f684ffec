// @ts-check
/** One part of a preview as an element: a picture, a table, or a frame that can do nothing. */

import { element } from "../dom.js";
import { table } from "./sheet.js";

/** @typedef {import("./manifest.js").Part} Part */
/** @typedef {import("../words.js").Words} Words */

// What a frame is drawn at where the server does not say: a sheet of paper on a screen.
const PAPER = { width: 816, height: 1056 };

/** @param {Part} part
 * @param {string} name   what a screen reader is told
 * @param {Words} words
 * @param {{rows?: number}} [limits]
 * @returns {Promise<HTMLElement>} */
export async function draw(part, name, words, limits = {}) {
  if (part.mimeType.startsWith("image/")) return image(part, name);
  if (part.mimeType === "application/json") return table(await sheet(part.url), name, words, limits);

  return frame(part, name);
}

/** The size that a part was drawn at, in pixels. @param {Part} part @param {HTMLElement} node */
export function sizeOf(part, node) {
  const { naturalWidth = 0, naturalHeight = 0 } = /** @type {HTMLImageElement} */ (node);
  return {
    width: part.width || naturalWidth || PAPER.width,
    height: part.height || naturalHeight || PAPER.height,
  };
}

/** @param {Part} part @param {string} name */
async function image({ url, width, height }, name) {
  const node = element("img", { src: url, alt: name, draggable: false });
  if (width && height) Object.assign(node, { width, height });
  await node.decode().catch(() => null); // what cannot be drawn shows its name

  return node;
}

/** @param {Part} part @param {string} name */
function frame({ url }, name) {
  const node = element("iframe", { title: name, loading: "lazy" });
  // The document came from foreign code: no scripts, no origin, no links out of the frame.
  node.setAttribute("sandbox", "");
  node.src = url;

  return node;
}

/** @param {string} url @returns {Promise<import("./sheet.js").Sheet>} */
async function sheet(url) {
  const response = await fetch(url);
  return response.json();
}
