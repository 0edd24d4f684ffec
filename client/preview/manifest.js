// @ts-check
/**
 * What there is to see of a document, once the server has drawn it.
 *
 * @typedef {object} Part
 * @property {string} url
 * @property {string} mimeType        image/*, application/json (a sheet), text/html
 * @property {string | null} title    of a sheet
 * @property {number | null} width    pixels
 * @property {number | null} height
 *
 * @typedef {object} Manifest
 * @property {"pages" | "sheets" | "html" | "slides"} kind
 * @property {number} total           more than `parts` when the rest was not drawn
 * @property {Part[]} parts
 */

const TRIES = 60;
const PAUSE_S = 1;

/** The manifest, or null when there will never be one.
 * @param {string} url
 * @param {(url: string) => string} address   what turns a path of the server into a URL for this page
 * @param {AbortSignal} signal
 * @returns {Promise<Manifest | null>} */
export async function manifest(url, address, signal) {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const response = await fetch(address(url), { signal });
    if (response.status !== 202) return response.ok ? read(response, address) : null;
    await pause(Number(response.headers.get("Retry-After")) || PAUSE_S, signal);
  }

  return null;
}

/** @param {Response} response @param {(url: string) => string} address */
async function read(response, address) {
  /** @type {Manifest} */ const body = await response.json();
  if (!body.parts?.length) return null;

  return { ...body, parts: body.parts.map((part) => ({ ...part, url: address(part.url) })) };
}

/** @param {number} seconds @param {AbortSignal} signal @returns {Promise<void>} */
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
