// @ts-check
/** What an empty session shows: one sentence, and examples that run in one click. */

import { element } from "./dom.js";
import { glyph } from "./glyphs.js";
import { words } from "./page.js";

/** @typedef {import("./jobs.js").Example} Example */

/** @param {Example[]} offered @param {(example: Example) => void} run */
export function welcome(offered, run) {
  return [
    element("h2", {}, words.promise),
    element("p", {}, words.promiseDetail),
    element("ul", { className: "examples" }, ...offered.map((example) => entry(example, run))),
  ];
}

/** @param {Example} example @param {(example: Example) => void} run */
function entry(example, run) {
  const { documentType, title } = example;
  const type = element("span", { className: "type", "data-type": documentType }, glyph(documentType));
  const running = element("span", { className: "run" }, glyph("run"), words.run);
  const about = element(
    "span",
    { className: "about" },
    element("strong", { dir: "auto" }, title),
    element("small", {}, words.type(documentType), running),
  );
  const button = element("button", { type: "button", className: "example" }, type, about);
  button.addEventListener("click", () => run(example));

  return element("li", {}, button);
}
