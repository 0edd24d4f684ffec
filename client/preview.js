// @ts-check
/** A look into a finished document, once the server has drawn it. */

import { element } from "./dom.js";
import { words } from "./words.js";

const TRIES = 20;
const PAUSE_MS = 1_000;

/** The preview as an element that is ready to be seen, or null when there is none.
 * @param {string} url
 * @param {string} name     the document's file name
 * @param {AbortSignal} signal
 * @returns {Promise<HTMLElement | null>} */
export async function preview(url, name, signal) {
  const type = await typeOf(url, signal).catch(() => null);
  if (type?.startsWith("image/")) return image(url, name);
  if (type?.startsWith("text/html")) return frame(url, name);

  return null;
}

/** @param {string} url @param {AbortSignal} signal */
async function typeOf(url, signal) {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const response = await fetch(url, { method: "HEAD", signal });
    if (response.status !== 202) return response.ok ? response.headers.get("Content-Type") : null;
    await pause(signal);
  }

  return null;
}

/** @param {string} url @param {string} name */
async function image(url, name) {
  const node = element("img", { src: url, alt: words.previewOf(name) });
  const isDrawn = await node.decode().then(() => true, () => false);

  return isDrawn ? node : null;
}

/** @param {string} url @param {string} name */
function frame(url, name) {
  const node = element("iframe", { title: words.previewOf(name), loading: "lazy" });
  // The document came from foreign code: no scripts, no origin, no links out of the frame.
  node.setAttribute("sandbox", "");
  node.src = url;

  return node;
}

/** @param {AbortSignal} signal @returns {Promise<void>} */
function pause(signal) {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, PAUSE_MS);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
