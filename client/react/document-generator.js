// @ts-check
/**
 * The whole card of a job: progress, preview and download, or what failed.
 *
 * @typedef {object} Own
 * @property {string | null | undefined} jobId     None yet: the request is on its way.
 * @property {string} [documentType]
 * @property {string} [title]                      Shown until the job itself is.
 * @property {string} [lang]
 * @property {string} [className]
 * @property {boolean} [editable]
 *
 * @typedef {Own & import("../server.js").Place & import("./end.js").End} DocumentGeneratorProps
 */

import { createElement, useEffect, useRef, useState } from "react";

import { useEnd } from "./end.js";
import { useJobStatus } from "./job-status.js";
import { useWords } from "./spoken.js";

/** @param {DocumentGeneratorProps} props */
export function DocumentGenerator(props) {
  const isDefined = useDefinition();

  return createElement(props.jobId && isDefined ? Card : Placeholder, props);
}

/** @param {DocumentGeneratorProps} props */
function Card({ jobId, src, token, lang, className, editable, onComplete, onError }) {
  const element = useRef(null);
  const shown = useShown(element, jobId);
  useEnd(useJobStatus(shown, { src, token }), { onComplete, onError });

  const looks = { lang, class: className, editable: editable ? "" : undefined };
  return createElement("document-job", { ref: element, "job-id": jobId, src, token, ...looks });
}

/** What a server can draw, and what stands here until there is a card.
 * @param {DocumentGeneratorProps} props */
function Placeholder({ documentType, title, lang, className }) {
  const words = useWords(lang);
  const name = title ?? (documentType ? words.type(documentType) : words.unnamed);

  return createElement("div", { className, lang, dir: words.dir, "aria-busy": true }, name);
}

/** Whether the element can be drawn: it comes with its styles, and only in a browser. */
function useDefinition() {
  const [isDefined, setDefined] = useState(false);
  useEffect(() => {
    let isHere = true;
    import("../document-job.js").then(() => isHere && setDefined(true));
    return () => void (isHere = false);
  }, []);

  return isDefined;
}

/** The job that the card shows: Regenerate makes it another than the card was given.
 * @param {import("react").RefObject<HTMLElement | null>} element
 * @param {string | null | undefined} jobId */
function useShown(element, jobId) {
  const [shown, setShown] = useState(jobId);
  useEffect(() => {
    const card = element.current;
    const follow = (/** @type {any} */ { detail }) => setShown(detail.job.jobId);
    setShown(jobId);
    card?.addEventListener("document-job-change", follow);
    return () => card?.removeEventListener("document-job-change", follow);
  }, [element, jobId]);

  return shown;
}
