// @ts-check
/** Everything that a person reads, in one place; a second language is a second file like this. */

// English in the person's own variant: it decides how dates and numbers look.
const LANGUAGE = navigator.languages.find((language) => language.startsWith("en")) ?? "en";

const plural = new Intl.PluralRules(LANGUAGE);
const whole = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 0 });
const percentage = new Intl.NumberFormat(LANGUAGE, { style: "percent" });
const moment = new Intl.DateTimeFormat(LANGUAGE, {
  day: "numeric", month: "short", hour: "numeric", minute: "2-digit",
});

/** @type {Record<string, string>} */
const types = {
  spreadsheet: "Spreadsheet",
  document: "Document",
  pdf: "PDF",
  presentation: "Presentation",
};

/** @type {Record<string, string>} */
const statuses = {
  pending: "Queued",
  processing: "Running",
  completed: "Ready",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** @type {Record<string, string>} */
const stages = {
  starting: "Starting",
  running: "Running the code",
  checking: "Checking the file",
  storing: "Storing the file",
};

/** @type {Record<string, [one: string, many: string]>} */
const counted = {
  sheets: ["sheet", "sheets"],
  pages: ["page", "pages"],
  slides: ["slide", "slides"],
  paragraphs: ["paragraph", "paragraphs"],
};

export const words = Object.freeze({
  product: "Pressroom",

  // The page
  promise: "Send Python. Watch it become a document.",
  promiseDetail: "Start with one of these, or write your own below.",
  newSession: "New session",
  sessions: "Sessions",
  jobs: "Jobs",
  earlier: "Show earlier",
  /** @param {string} instant */
  sessionOf: (instant) => moment.format(new Date(instant)),
  untitledSession: "Empty session",
  themes: { system: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" },
  /** @param {number} working */
  tab: (working) => (working ? `(${whole.format(working)}) Pressroom` : "Pressroom"),
  run: "Run",

  // Without a session
  signInFirst: "Sign in through your application, then reload this page.",
  signInToSee: "Sign in to see this document.",
  signedOut: "The session has ended. Sign in again, then reload this page; what is written stays.",
  tokenLabel: "Or paste a user token",
  tokenMalformed: "A token is one word of letters, digits, dots and dashes.",
  signIn: "Sign in",

  // The composer
  composer: "New job",
  typeLabel: "Document type",
  titleLabel: "Title",
  titleHint: "Title",
  /** @param {string} type */
  untitled: (type) => `Untitled ${(types[type] ?? type).toLowerCase().replace("pdf", "PDF")}`,
  codeLabel: "Python code",
  codeHint: "Python that saves to OUTPUT_PATH",
  codeKeys: "Tab indents. Escape, then Tab, moves on. Control and Enter send.",
  sendKeys: "Ctrl+Enter",
  examples: "Examples",
  send: "Send",
  codeMissing: "There is no code yet. Paste Python, or take an example.",

  // The card
  cancel: "Cancel",
  cancelling: "Cancelling",
  tryAgain: "Try again",
  edit: "Edit",
  editCode: "Edit the code",
  download: "Download",
  /** @param {string} name */
  downloadOf: (name) => `Download ${name}`,
  copyLink: "Copy link",
  copyId: "Copy job id",
  more: "More",
  details: "Details",
  output: "Output",
  errors: "Error output",
  traceback: "Traceback",
  code: "Code",
  jobId: "Job",
  preview: "Preview",
  previewOf: (/** @type {string} */ name) => `Preview of ${name}`,
  unnamed: "Document",
  loading: "Loading",
  queued: "queued",
  reconnecting: "reconnecting; the work goes on",
  gone: "This job is no longer here.",
  notYours: "This job cannot be shown here.",
  /** @param {number | null | undefined} line */
  stopped: (line) => (line ? `the code stopped at line ${whole.format(line)}` : null),
  /** @param {string} wait */
  retriesIn: (wait) => `tries again in ${wait}`,
  /** @param {string} wait */
  startsIn: (wait) => `starts in ${wait}`,
  /** @param {number} number @param {number} most */
  attempt: (number, most) => `attempt ${whole.format(number)} of ${whole.format(most)}`,
  /** @param {string} time */
  after: (time) => `after ${time}`,

  // What a screen reader says
  /** @param {string} title */
  progressOf: (title) => `Progress of ${title}`,
  /** @param {string} title @param {string} what */
  heard: (title, what) => `${title}: ${what}`,

  // Trouble
  unreachable: "Pressroom cannot be reached. Nothing was lost; send again in a moment.",
  actionFailed: "That did not work. Try once more.",
});

/** @param {string} type */
export function typeWord(type) {
  return types[type] ?? type;
}

/** @param {string} status */
export function statusWord(status) {
  return statuses[status] ?? status;
}

/** @param {string | null} stage */
export function stageWord(stage) {
  return stages[stage ?? ""] ?? statuses.processing;
}

/** "4 sheets", or null when the result counts nothing.
 * @param {Record<string, any>} result */
export function countWord(result) {
  const unit = Object.keys(counted).find((name) => Number.isFinite(result[name]));
  if (!unit) return null;

  const [one, many] = counted[unit];
  const number = result[unit];
  return `${whole.format(number)} ${plural.select(number) === "one" ? one : many}`;
}

/** "45%". @param {number} percent */
export function percentWord(percent) {
  return percentage.format(percent / 100);
}

/** "12 s", "1 min 20 s", "2 h 5 min". @param {number} milliseconds */
export function durationWord(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds} s`;
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;

  return `${whole.format(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}

/** "38 KB", "2.4 MB". @param {number} bytes */
export function sizeWord(bytes) {
  if (bytes < 1024) return `${whole.format(bytes)} B`;
  if (bytes < 1024 ** 2) return `${whole.format(bytes / 1024)} KB`;

  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
