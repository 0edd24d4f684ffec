// @ts-check
/** The queue in five numbers, each with the line of its last two minutes. */

import { element, setText } from "../dom.js";
import { words } from "../page.js";

/** @typedef {import("./calls.js").Figures} Figures */

export const POINTS = 60;
const SIZE = { width: 120, height: 28 };
const KEY = "pressroom.figures";
const SVG = "http://www.w3.org/2000/svg";

/** @type {{word: string, of: (figures: Figures) => number | null, show: (value: number) => string}[]} */
const FIGURES = [
  { word: words.waiting, of: (f) => f.waiting, show: words.number },
  { word: words.running, of: (f) => f.running, show: words.number },
  { word: words.perMinute, of: (f) => f.perMinute, show: words.number },
  { word: words.waitP95, of: (f) => f.waitP95Seconds, show: (seconds) => words.measured(seconds * 1000) },
  { word: words.workers, of: (f) => f.workers, show: words.number },
];

export class Strip {
  constructor() {
    this.tiles = FIGURES.map((figure) => new Tile(figure.word));
    this.root = element("section", { className: "strip" }, ...this.tiles.map((tile) => tile.root));
    this.root.setAttribute("aria-label", words.figures);
    /** @type {Figures[]} */ this.samples = restored();
  }

  /** @param {Figures} figures */
  add(figures) {
    this.samples = [...this.samples, figures].slice(-POINTS);
    sessionStorage.setItem(KEY, JSON.stringify(this.samples));
    FIGURES.forEach(({ of, show }, index) => {
      const value = of(figures);
      this.tiles[index].draw(value === null ? "–" : show(value), this.samples.map(of));
    });
  }
}

class Tile {
  /** @param {string} word */
  constructor(word) {
    this.value = element("strong", {}, "–");
    this.line = svg("polyline", { fill: "none", stroke: "currentColor", "stroke-width": "1.5" });
    const { width, height } = SIZE;
    const chart = svg("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.line.setAttribute("vector-effect", "non-scaling-stroke");
    chart.append(this.line);
    this.root = element("div", { title: words.lastMinutes }, element("span", {}, word), this.value, chart);
  }

  /** @param {string} value @param {(number | null)[]} samples */
  draw(value, samples) {
    setText(this.value, value);
    this.line.setAttribute("points", points(samples.map((sample) => sample ?? 0)));
  }
}

/** From the right, so that the line grows towards the past. @param {number[]} samples */
function points(samples) {
  const { width, height } = SIZE;
  const most = Math.max(1, ...samples);
  const step = width / (POINTS - 1);
  const first = POINTS - samples.length;

  return samples.map((sample, index) => {
    const y = height - 2 - (sample / most) * (height - 4);
    return `${((first + index) * step).toFixed(1)},${y.toFixed(1)}`;
  }).join(" ");
}

/** @param {string} tag @param {Record<string, string>} attributes */
function svg(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);

  return node;
}

/** @returns {Figures[]} */
function restored() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  } catch {
    return []; // another program's value
  }
}
