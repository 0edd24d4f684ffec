// @ts-check
/** The jobs page: a live table, its filters, one job in full, and the operator's strip. */

import { attribute, element, setText } from "../dom.js";
import { header } from "../header.js";
import * as jobs from "../jobs.js";
import { words } from "../page.js";
import { signInForm } from "../sign-in.js";
import { list } from "./calls.js";
import { Drawer } from "./drawer.js";
import { Bar } from "./filters.js";
import { follow } from "./live.js";
import { Operator } from "./operator.js";
import { Selection, act, mayCancel, mayRetry } from "./selection.js";
import { Table } from "./table.js";

/** @typedef {import("./row.js").Row} Row */

/** @type {string | null} */ let cursor = null;
let generation = 0;

const filters = new Bar(load);
const drawer = new Drawer(() => table.current?.title.focus());
const table = new Table({ onOpen: open, onSelect: () => selection.render() });
const selection = new Selection({ rows: () => table.selected, onTrouble: say });
const operator = new Operator();
const line = element("span", { className: "live", role: "status" });
const trouble = element("p", { className: "problem", role: "alert" });
const nothing = element("p", { className: "nothing", hidden: true });
const more = element("button", { type: "button", className: "button", hidden: true }, words.moreJobs);
const listing = element("div", { className: "list" }, table.root, nothing, more);
const keys = element("p", { className: "keys" }, words.keys);
const bar = element("div", { className: "bar" }, filters.root, line);
const main = element(
  "main", { id: "main", className: "jobs-page", tabIndex: -1 },
  operator.root, bar, selection.root, trouble, listing, keys,
);

start();

async function start() {
  document.title = `${words.jobs} · ${words.product}`;
  document.body.append(header(), main, drawer.root);
  document.addEventListener("keydown", onKey);
  more.addEventListener("click", () => page(cursor));
  await load();
  if (document.body.classList.contains("signed-out")) return;

  follow({ onJob: hear, onOpen: catchUp, onLine: showLine });
  const operates = await operator.start();
  filters.people.hidden = !operates;
  table.root.classList.toggle("of-all", operates);
}

async function load() {
  table.clear();
  selection.render();
  await page(null);
}

/** @param {string | null} from */
async function page(from) {
  generation += 1;
  const asked = generation;
  try {
    const { jobs: found, nextCursor } = await list(filters.values, from);
    if (asked !== generation) return; // the filters changed meanwhile

    say("");
    cursor = nextCursor;
    table.append(found);
    showEnds();
  } catch (error) {
    if (!(error instanceof jobs.Problem)) throw error;
    if (error.status === 401) askToSignIn();
    else say(error.message || words.unreachable);
  }
}

/** What ended while the line was down comes with the newest page. */
async function catchUp() {
  const { jobs: found } = await list(filters.values, null).catch(() => ({ jobs: [] }));
  for (const job of found.reverse()) hear(job);
}

/** @param {jobs.Job} job */
function hear(job) {
  if (!table.update(job) && filters.matches(job)) table.prepend(job);
  drawer.refresh(job);
  if (table.selected.length) selection.render();
  showEnds();
}

function showEnds() {
  const isEmpty = table.rows.length === 0;
  const isFiltered = Object.values(filters.values).some(Boolean);
  more.hidden = !cursor;
  table.root.hidden = isEmpty;
  nothing.hidden = !isEmpty;
  const make = element("a", { href: "/", className: "button primary" }, words.makeOne);
  if (isEmpty) nothing.replaceChildren(isFiltered ? words.noJobsFound : words.noJobs, ...(isFiltered ? [] : [make]));
}

/** @param {Row} row */
function open(row) {
  row.title.focus();
  drawer.show(row.job);
  drawer.focus();
}

/** @param {boolean} isUp */
function showLine(isUp) {
  attribute(line, "data-up", isUp ? "" : null);
  setText(line, isUp ? words.live : words.reconnecting);
}

/** @param {string} why */
function say(why) {
  setText(trouble, why);
}

function askToSignIn() {
  document.body.classList.add("signed-out");
  main.append(signInForm(() => location.reload()));
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const isTyping = target.matches("input:not([type=checkbox]), select, textarea");
  if (isTyping && event.key === "Escape") table.current?.title.focus();
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;

  const action = KEYS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

/** @type {Record<string, () => void>} */
const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  x: () => table.current?.select(!table.current.isSelected),
  c: () => actOnCurrent(mayCancel, jobs.cancel),
  r: () => actOnCurrent(mayRetry, jobs.retry),
  "/": () => filters.search.focus(),
  Escape: () => drawer.hide(),
};

/** The drawer, where it is open, goes along. @param {number} by */
function move(by) {
  const row = table.move(by);
  if (row && drawer.jobId) drawer.show(row.job);
}

/** @param {(row: Row) => boolean} may @param {(jobId: string) => Promise<any>} call */
function actOnCurrent(may, call) {
  if (table.current && may(table.current)) act(table.current, call, say);
}
