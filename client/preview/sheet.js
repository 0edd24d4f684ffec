// @ts-check
/**
 * A sheet of a workbook as a table; long ones grow as they are scrolled.
 *
 * @typedef {{text: string, align?: "start" | "end" | "center" | null, bold?: boolean}} Cell
 * @typedef {object} Sheet
 * @property {string} name
 * @property {number} columns
 * @property {(Cell | null)[][]} rows
 * @property {number} totalRows
 * @property {number} totalColumns
 * @property {boolean} rtl
 */

import { element } from "../dom.js";

/** @typedef {import("../words.js").Words} Words */

const ROWS_AT_ONCE = 100;

/** @param {Sheet} sheet
 * @param {string} name
 * @param {Words} words
 * @param {{rows?: number}} limits
 * @returns {HTMLElement} */
export function table(sheet, name, words, { rows: most = Infinity }) {
  const rows = sheet.rows.slice(0, most);
  const body = element("tbody", {});
  const root = element(
    "table",
    {},
    element("caption", { className: "unseen" }, `${name}: ${sheet.name}`),
    heads(sheet.columns),
    body,
  );
  const end = element("p", { className: "end" });
  // As the workbook reads, whatever the page does: else it begins at its end.
  const dir = sheet.rtl ? "rtl" : "ltr";
  const view = element("div", { className: "sheet", tabIndex: 0, role: "region", dir }, root, end);
  view.setAttribute("aria-label", `${name}: ${sheet.name}`);
  end.textContent = ending(sheet, rows.length, words, most);
  grow(body, rows.map((row) => padded(row, sheet.columns)), end, view);

  return view;
}

/** Letters as in the workbook. @param {number} columns */
function heads(columns) {
  const letters = Array.from({ length: columns }, (_, index) => (
    element("th", { scope: "col" }, letter(index))
  ));
  return element("thead", {}, element("tr", {}, element("td", {}), ...letters));
}

/** A, …, Z, AA, … @param {number} index @returns {string} */
function letter(index) {
  const rest = Math.floor(index / 26) - 1;
  return (rest >= 0 ? letter(rest) : "") + String.fromCharCode(65 + (index % 26));
}

/** Thirty thousand cells at once would hold the page up.
 * @param {HTMLElement} body @param {(Cell | null)[][]} rows @param {HTMLElement} end @param {HTMLElement} view */
function grow(body, rows, end, view) {
  const more = () => {
    const from = body.childElementCount;
    body.append(...rows.slice(from, from + ROWS_AT_ONCE).map((row, index) => line(from + index, row)));
    if (body.childElementCount >= rows.length) seen.disconnect();
  };
  const seen = new IntersectionObserver(
    (entries) => entries.some((entry) => entry.isIntersecting) && more(),
    { root: view, rootMargin: "400px" },
  );
  more();
  if (body.childElementCount < rows.length) seen.observe(end);
}

/** A row ends with its last cell; the grid does not. @param {(Cell | null)[]} row @param {number} columns */
function padded(row, columns) {
  return Array.from({ length: Math.max(columns, row.length) }, (_, index) => row[index] ?? null);
}

/** @param {number} index @param {(Cell | null)[]} cells */
function line(index, cells) {
  return element("tr", {}, element("th", { scope: "row" }, String(index + 1)), ...cells.map(field));
}

/** @param {Cell | null} cell */
function field(cell) {
  const node = element("td", { dir: "auto" }, cell?.text ?? "");
  if (cell?.align) node.dataset.align = cell.align;
  if (cell?.bold) node.dataset.bold = "";
  if (cell?.text.startsWith("=")) node.dataset.formula = "";

  return node;
}

/** @param {Sheet} sheet @param {number} shown @param {Words} words @param {number} most */
function ending({ rows, totalRows }, shown, words, most) {
  if (rows.length === 0) return words.emptySheet;
  if (shown >= most) return "";
  if (shown < totalRows) return words.onlyRows(words.number(shown), words.number(totalRows));

  return rows.some((row) => row.some((cell) => cell?.text.startsWith("="))) ? words.formulas : "";
}
