// @ts-check
/** What a person reads: a language's table, and the numbers and times of its readers. */

import en from "./words/en.js";

/** @typedef {typeof en} Table */
/** @typedef {ReturnType<typeof wordsOf>} Words */

/** @type {Record<string, () => Promise<{default: Table}>>} */
const FILES = { he: () => import("./words/he.js") };

export const LANGUAGES = ["en", ...Object.keys(FILES)];
export const words = wordsOf(en);

/** @type {Map<string, Words>} */
const spoken = new Map([["en", words]]);

/** Our language for a tag such as `he-IL`; English for those that we do not speak.
 * @param {string | null | undefined} tag */
export function languageOf(tag) {
  const language = (tag ?? "").toLowerCase().split("-")[0].replace(/^iw$/, "he");
  return LANGUAGES.includes(language) ? language : "en";
}

/** The words of a language when they are here already. @param {string} language */
export function known(language) {
  return spoken.get(language) ?? null;
}

/** The words of a language, fetched when they are not here. @param {string} language */
export async function speak(language) {
  const here = spoken.get(language);
  if (here) return here;

  const { default: table } = await FILES[language]();
  spoken.set(language, wordsOf(table));
  return /** @type {Words} */ (spoken.get(language));
}

/** @param {Table} table */
function wordsOf(table) {
  const locale = variantOf(table.tag);
  const plural = new Intl.PluralRules(locale);
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const share = new Intl.NumberFormat(locale, { style: "percent" });
  const clock = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
  const date = new Intl.DateTimeFormat(locale, {
    day: "numeric", month: "short", hour: "numeric", minute: "2-digit",
  });
  const exact = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
  const { milliseconds: ms, seconds: s, minutes: min, hours: h, days: d } = table.durations;

  /** @param {string} form @param {number} number */
  const fill = (form, number) => form.replace("#", whole.format(number));
  /** @param {string} large @param {number} first @param {string} small @param {number} rest */
  const pair = (large, first, small, rest) => `${fill(large, first)} ${fill(small, rest)}`;

  return Object.freeze({
    ...table,
    /** @param {number} value */
    number: (value) => whole.format(value),
    /** "45%". @param {number} percent */
    percent: (percent) => share.format(percent / 100),
    /** @param {string} type */
    type: (type) => table.types[type] ?? type,
    /** @param {string} status */
    status: (status) => table.statuses[status] ?? status,
    /** @param {string | null} stage */
    stage: (stage) => table.stages[stage ?? ""] ?? table.statuses.processing,
    /** @param {string} outcome */
    outcome: (outcome) => table.outcomes[outcome] ?? outcome,

    /** "4 sheets". @param {string} noun a key of `counted` @param {number} number */
    count(noun, number) {
      const forms = table.counted[noun];
      const category = /** @type {keyof typeof forms} */ (plural.select(number));
      return fill(forms[category] ?? forms.other, number);
    },

    /** "12 s", "1 min 20 s", "2 h 5 min". @param {number} milliseconds */
    duration(milliseconds) {
      const seconds = Math.round(milliseconds / 1000);
      const minutes = Math.floor(seconds / 60);
      const hours = Math.floor(minutes / 60);
      if (minutes === 0) return fill(s, seconds);
      if (hours === 0) return pair(min, minutes, s, seconds % 60);
      if (hours < 24) return pair(h, hours, min, minutes % 60);
      return pair(d, Math.floor(hours / 24), h, hours % 24);
    },

    /** "8 ms", "1.4 s", then whole seconds: for those who measure. @param {number} milliseconds */
    measured(milliseconds) {
      if (milliseconds < 1_000) return fill(ms, milliseconds);
      if (milliseconds < 10_000) return s.replace("#", tenths.format(milliseconds / 1000));
      return this.duration(milliseconds);
    },

    /** "38 KB", "2.4 MB". @param {number} bytes */
    size(bytes) {
      const [b, kb, mb] = table.sizes;
      if (bytes < 1024) return fill(b, bytes);
      if (bytes < 1024 ** 2) return fill(kb, bytes / 1024);
      return mb.replace("#", tenths.format(bytes / 1024 ** 2));
    },

    /** "14:05" today, "3 Mar, 14:05" before. @param {string} instant */
    moment(instant) {
      const at = new Date(instant);
      const isToday = at.toDateString() === new Date().toDateString();
      return (isToday ? clock : date).format(at);
    },

    /** With its year and seconds. @param {string} instant */
    exact: (instant) => exact.format(new Date(instant)),
  });
}

/** The person's own variant of a language: it decides how dates and numbers look.
 * @param {string} tag */
function variantOf(tag) {
  const languages = globalThis.navigator?.languages ?? [];
  return languages.find((language) => languageOf(language) === tag && language.startsWith(tag)) ?? tag;
}
