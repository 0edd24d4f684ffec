// @ts-check
/** The picture of a finished document, for a card that somebody sees. */

import { addresses } from "./links.js";

/** @typedef {import("./document-job.js").DocumentJob} DocumentJob */
/** @typedef {{node: HTMLElement, open: () => void}} Look */

/** A look into a document, or null when there is none. Its module is not part of the card's own.
 * @param {DocumentJob} card
 * @param {import("./jobs.js").Result} result
 * @param {import("./words.js").Words} words
 * @param {AbortSignal} signal
 * @returns {Promise<Look | null>} */
export async function look(card, result, words, signal) {
  const { artifact_id: id, preview_url: url, file_name: name } = result;
  await seen(card, signal);
  const { SHEET, thumbnail } = await import("./preview/thumbnail.js");
  const root = /** @type {ShadowRoot} */ (card.shadowRoot);
  if (!root.adoptedStyleSheets.includes(SHEET)) root.adoptedStyleSheets.push(SHEET);
  const address = await addresses(card.server, id);

  return thumbnail({ url: String(url), name, address, words, signal });
}

/** Previews are drawn when somebody looks, not for a long list out of sight.
 * @param {Element} node @param {AbortSignal} signal @returns {Promise<void>} */
function seen(node, signal) {
  return new Promise((resolve) => {
    const watcher = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      watcher.disconnect();
      resolve();
    });
    watcher.observe(node);
    signal.addEventListener("abort", () => watcher.disconnect(), { once: true });
  });
}
