// @ts-check
/** Every drawing: one stroke weight on a 20 × 20 field, coloured by the text around it. */

const SHEET = "M5 2.75h7l3.5 3.5v11h-10.5z M12 2.75v3.5h3.5";

const PATHS = {
  spreadsheet: "M3.75 3.75h12.5v12.5h-12.5z M3.75 7.75h12.5 M3.75 12h12.5 M8 7.75v8.5 M12.25 7.75v8.5",
  document: `${SHEET} M7.5 9h5 M7.5 11.5h5 M7.5 14h3`,
  pdf: "M15.5 17.25h-10.5v-14.5h10.5v10.5z M15.5 13.25h-4v4 M7.5 6h5 M7.5 8.5h5",
  presentation: "M2.75 4h14.5v9.5h-14.5z M10 13.5v3 M6.5 16.75h7 M6.25 10.25v-1.5 M10 10.25v-3.5 M13.75 10.25v-2.5",
  unknown: SHEET,
  ready: "M4.5 10.5l3.75 3.75 7.25-8",
  failed: "M10 4.5v7 M10 14.75v.5",
  cancelled: "M10 3.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5z M5.75 14.25l8.5-8.5",
  run: "M6.75 4.5l8.5 5.5-8.5 5.5z",
  download: "M10 3.5v9 M6.25 9l3.75 3.75 3.75-3.75 M4 16.25h12",
  more: "M4.25 10a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0z M9.5 10a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0z M14.75 10a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0z",
  down: "M6 8.25l4 4 4-4",
  previous: "M12 5.5l-4.5 4.5 4.5 4.5",
  next: "M8 5.5l4.5 4.5-4.5 4.5",
  minus: "M4.5 10h11",
  close: "M5.5 5.5l9 9 M14.5 5.5l-9 9",
  expand: "M11.75 3.75h4.5v4.5 M16.25 3.75l-5 5 M8.25 16.25h-4.5v-4.5 M3.75 16.25l5-5",
  fit: "M3.75 7.5v-3.75h3.75 M12.5 3.75h3.75v3.75 M16.25 12.5v3.75h-3.75 M7.5 16.25h-3.75v-3.75",
  pending: "M10 3.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5z M10 6.75v3.5l2.25 1.5",
  processing: "M10 3.75a6.25 6.25 0 1 1-6.25 6.25",
  search: "M9 4a5 5 0 1 0 0 10a5 5 0 1 0 0-10z M12.75 12.75l3.75 3.75",
  pause: "M7.25 5v10 M12.75 5v10",
  rail: "M3.25 4.25h13.5v11.5h-13.5z M8 4.25v11.5",
  language: "M10 3.5a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13z M3.75 10h12.5 M10 3.5c4.25 4 4.25 9 0 13c-4.25-4-4.25-9 0-13z",
  columns: "M3.25 4.25h6v11.5h-6z M10.75 4.25h6v11.5h-6z",
  versions: "M6.75 6.75h9.5v9.5h-9.5z M3.75 13v-9.25h9.25",
  plus: "M10 4.5v11 M4.5 10h11",
  history: "M10 3.75a6.25 6.25 0 1 0 0 12.5a6.25 6.25 0 1 0 0-12.5z M10 6.75v3.5l2.25 1.5",
  light: "M10 6.75a3.25 3.25 0 1 0 0 6.5a3.25 3.25 0 1 0 0-6.5z M10 2.5v1.25 M10 16.25v1.25 M2.5 10h1.25 M16.25 10h1.25 M4.7 4.7l.9.9 M14.4 14.4l.9.9 M15.3 4.7l-.9.9 M5.6 14.4l-.9.9",
  dark: "M16.25 11.5a6.5 6.5 0 1 1-7.75-7.75a5.25 5.25 0 0 0 7.75 7.75z",
  system: "M3 4.25h14v9h-14z M7 16.25h6 M10 13.25v3",
  press: "M4 3.75h12 M6 3.75v4.5h8v-4.5 M3.75 8.25h12.5v5h-12.5z M6 13.25v3.5h8v-3.5",
};

/** @typedef {keyof typeof PATHS} GlyphName */

/** Draw a glyph; the words beside it carry the meaning.
 * @param {string} name unknown names give the blank sheet */
export function glyph(name) {
  const drawing = svg("svg", { viewBox: "0 0 20 20", width: "20", height: "20", fill: "none" });
  const stroke = {
    d: PATHS[/** @type {GlyphName} */ (name)] ?? PATHS.unknown,
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
