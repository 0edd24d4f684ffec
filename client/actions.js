// @ts-check
/**
 * What can be done with a job, as the card's buttons: one that matters, the rest in a menu.
 *
 * @typedef {object} Actions
 * @property {() => void} cancel
 * @property {() => void} retry
 * @property {() => void} regenerate
 * @property {(() => void) | null} edit
 * @property {(() => void) | null} open       the preview over the whole window
 * @property {(artifact: Artifact) => Promise<string>} address   where an artifact can be had
 * @property {(sentence: string) => void} say
 */

import { element } from "./dom.js";
import { glyph } from "./glyphs.js";
import { menu } from "./menu.js";

/** @typedef {import("./jobs.js").Artifact} Artifact */
/** @typedef {import("./card.js").View} View */
/** @typedef {import("./words.js").Words} Words */

/** @param {View} view @param {string} name @param {Actions} actions @param {Words} words */
export function buttons({ job, isCancelling, isExpired, isSending, refused }, name, actions, words) {
  if (isSending) return [];
  if (isExpired) return [button(words.regenerate, name, actions.regenerate, words)];
  if (!job || refused) return [];
  if (job.result) return [more(job, name, actions, words), download(job.result, actions, words)];
  if (job.final) return again(name, actions, words);

  const stop = button(isCancelling ? words.cancelling : words.cancel, name, actions.cancel, words);
  if (isCancelling) stop.setAttribute("aria-disabled", "true");
  return [stop];
}

/** @param {string} name @param {Actions} actions @param {Words} words */
function again(name, { edit, retry }, words) {
  const retrying = button(words.tryAgain, name, retry, words);
  return edit ? [button(words.edit, name, edit, words), retrying] : [retrying];
}

/** @param {string} word @param {string} name @param {() => void} onClick @param {Words} words */
function button(word, name, onClick, words) {
  const node = element("button", { type: "button", className: "button", part: "button" }, word);
  node.setAttribute("aria-label", words.heard(name, word));
  node.addEventListener("click", onClick);

  return node;
}

/** @param {Artifact} artifact @param {Actions} actions @param {Words} words */
function download(artifact, { address }, words) {
  const node = element(
    "a",
    { className: "button primary", part: "button primary", href: artifact.download_url, download: artifact.file_name },
    glyph("download"),
    words.download,
  );
  node.setAttribute("aria-label", words.downloadOf(artifact.file_name));
  node.addEventListener("click", (event) => {
    event.preventDefault();
    fetchTo(artifact, address);
  });

  return node;
}

/** @param {import("./jobs.js").Job} job @param {string} name @param {Actions} actions @param {Words} words */
function more(job, name, actions, words) {
  const { open, edit, regenerate, address, say } = actions;
  const result = /** @type {Artifact} */ (job.result);
  const opener = element("button", { type: "button", className: "button icon", part: "button" }, glyph("more"));
  opener.setAttribute("aria-label", words.heard(name, words.more));
  const copy = async (/** @type {string} */ text) => {
    await navigator.clipboard?.writeText(text);
    say(words.copied);
  };

  return menu(opener, () => [
    ...(open ? [{ word: words.preview, choose: open }] : []),
    ...(job.result?.artifacts ?? []).slice(1).map((artifact) => ({
      word: words.downloadOf(artifact.file_name),
      choose: () => fetchTo(artifact, address),
    })),
    ...(edit ? [{ word: words.editCode, choose: edit }] : []),
    { word: words.regenerate, choose: regenerate },
    { word: words.copyLink, choose: () => copy(new URL(result.download_url, document.baseURI).href) },
    { word: words.copyId, choose: () => copy(job.jobId) },
  ]);
}

/** @param {Artifact} artifact @param {Actions["address"]} address */
async function fetchTo(artifact, address) {
  const link = element("a", { href: await address(artifact), download: artifact.file_name });
  link.click();
}
