// @ts-check
/** Every drawing: one stroke weight on a 20 × 20 field, coloured by the text around it. */

const SHEET = "M5 2.75h7l3.5 3.5v11h-10.5z M12 2.75v3.5h3.5";

/** @type {Record<string, string>} */
const PATHS = {
  spreadsheet: "M3.75 3.75h12.5v12.5h-12.5z M3.75 7.75h12.5 M3.75 12h12.5 M8 7.75v8.5 M12.25 7.75v8.5",
  document: `${SHEET} M7.5 9h5 M7.5 11.5h5 M7.5 14h3`,
  pdf: "M15.5 17.25h-10.5v-14.5h10.5v10.5z M15.5 13.25h-4v4 M7.5 6h5 M7.5 8.5h5",
  presentation: "M2.75 4h14.5v9.5h-14.5z M10 13.5v3 M6.5 16.75h7 M6.25 10.25v-1.5 M10 10.25v-3.5 M13.75 10.25v-2.5",
  unknown: SHEET,
  ready: "M4.5 10.5l3.75 3.75 7.25-8",
  failed: "M10 4.5v7 M10 14.75v.5",
  cancelled: "M10 3.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5z M5.75 14.25l8.5-8.5",
  download: "M10 3.5v9 M6.25 9l3.75 3.75 3.75-3.75 M4 16.25h12",
  more: "M4.25 10a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0z M9.5 10a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0z M14.75 10a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0z",
  expand: "M11.75 3.75h4.5v4.5 M16.25 3.75l-5 5 M8.25 16.25h-4.5v-4.5 M3.75 16.25l5-5",
};

/** Add drawings that only some need. @param {Record<string, string>} paths */
export function teach(paths) {
  Object.assign(PATHS, paths);
}

/** Draw a glyph; the words beside it carry the meaning.
 * @param {string} name unknown names give the blank sheet */
export function glyph(name) {
  const drawing = svg("svg", { viewBox: "0 0 20 20", width: "20", height: "20", fill: "none" });
  const stroke = {
    d: PATHS[name] ?? PATHS.unknown,
    stroke: "currentColor",
    "stroke-width": "1.5",
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
  };
  drawing.setAttribute("aria-hidden", "true");
  drawing.append(svg("path", stroke));

  return drawing;
}

/** @param {string} tag @param {Record<string, string>} attributes */
function svg(tag, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);

  return node;
}
