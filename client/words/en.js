// @ts-check
/**
 * English. Another language is a file like this one, and its line in `../words.js`.
 *
 * `#` stands for a number that is already formatted; plural forms go by the categories of
 * `Intl.PluralRules`, of which `other` is always there.
 */

/** @typedef {{other: string, zero?: string, one?: string, two?: string, few?: string, many?: string}} Forms */

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
  storing: "Finishing",
};

/** @type {Record<string, string>} */
const outcomes = {
  completed: "Ready",
  retried: "Failed, tried again",
  snoozed: "Put off",
  released: "Given back while the worker stopped",
  failed: "Failed",
  cancelled: "Cancelled",
  lost: "The worker was lost",
};

/** @type {Record<string, Forms>} */
const counted = {
  sheets: { one: "# sheet", other: "# sheets" },
  pages: { one: "# page", other: "# pages" },
  slides: { one: "# slide", other: "# slides" },
  paragraphs: { one: "# paragraph", other: "# paragraphs" },
  jobs: { one: "# job", other: "# jobs" },
  versions: { one: "# version", other: "# versions" },
};

export default {
  language: "English",
  tag: "en",
  dir: "ltr",
  types,
  statuses,
  stages,
  outcomes,
  counted,
  durations: { milliseconds: "# ms", seconds: "# s", minutes: "# min", hours: "# h", days: "# d" },
  sizes: ["# B", "# KB", "# MB"],

  product: "Pressroom",
  languageLabel: "Language",
  themes: { system: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" },
  chat: "Chat",
  jobs: "Jobs",
  skip: "Skip to the content",

  // The chat page
  promise: "Send Python. Watch it become a document.",
  promiseDetail: "Start with one of these, or write your own below.",
  newSession: "New session",
  sessions: "Sessions",
  untitledSession: "Empty session",
  earlier: "Show earlier",
  run: "Run",
  /** @param {string} working */
  tab: (working) => `(${working}) Pressroom`,

  // Versions of one document
  sideBySide: "Side by side",
  oneBelowTheOther: "Latest only",
  /** @param {string} number */
  version: (number) => `Version ${number}`,

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
  /** @param {string} title */
  editing: (title) => `A new version of ${title}`,
  editingEnds: "Make a new document instead",

  // The card
  cancel: "Cancel",
  cancelling: "Cancelling",
  tryAgain: "Try again",
  edit: "Edit",
  editCode: "Edit the code",
  regenerate: "Regenerate",
  download: "Download",
  /** @param {string} name */
  downloadOf: (name) => `Download ${name}`,
  copyLink: "Copy link",
  copyId: "Copy job id",
  copyDetails: "Copy details",
  copied: "Copied",
  more: "More",
  details: "Details",
  output: "Output",
  errors: "Error output",
  traceback: "Traceback",
  unnamed: "Document",
  loading: "Loading",
  sending: "Sending",
  queued: "queued",
  reconnecting: "reconnecting; the work goes on",
  polling: "updates every few seconds",
  offline: "offline; the work goes on",
  gone: "This job is no longer here.",
  expired: "This document has expired.",
  notYours: "This job cannot be shown here.",
  /** @param {string | null} line */
  stopped: (line) => (line ? `the code stopped at line ${line}` : null),
  /** @param {string} wait */
  retriesIn: (wait) => `tries again in ${wait}`,
  /** @param {string} wait */
  startsIn: (wait) => `starts in ${wait}`,
  /** @param {string} number @param {string} most */
  attempt: (number, most) => `attempt ${number} of ${most}`,
  /** @param {string} time */
  after: (time) => `after ${time}`,
  /** @param {string} least @param {string} most */
  remaining: (least, most) => (least === most ? `about ${most} left` : `about ${least} to ${most} left`),
  almost: "almost done",

  // The preview
  preview: "Preview",
  /** @param {string} name */
  previewOf: (name) => `Preview of ${name}`,
  previewFailed: "There is no preview of this document.",
  close: "Close",
  previous: "Previous",
  next: "Next",
  larger: "Larger",
  smaller: "Smaller",
  fit: "Fit the window",
  /** @param {string} number @param {string} total */
  partOf: (number, total) => `${number} of ${total}`,
  /** @param {string} shown @param {string} total */
  onlyFirst: (shown, total) => `The first ${shown} of ${total} are shown; the file has all.`,
  /** @param {string} rows @param {string} total */
  onlyRows: (rows, total) => `${rows} of ${total} rows are shown; the file has all.`,
  formulas: "Formulas are computed by the program that opens the file.",
  emptySheet: "This sheet is empty.",

  // The jobs page
  search: "Search titles",
  searchKey: "/",
  filterStatus: "Status",
  filterType: "Type",
  filterPerson: "User",
  all: "All",
  columns: {
    select: "Select", status: "Status", title: "Title", type: "Type", person: "User",
    attempt: "Attempt", waited: "Waited", ran: "Ran", when: "When",
  },
  noJobs: "No jobs yet.",
  noJobsFound: "No job matches.",
  makeOne: "Make one",
  moreJobs: "Show more",
  live: "Live",
  /** @param {string} count */
  selected: (count) => `${count} selected`,
  clearSelection: "Clear",
  /** @param {string} title */
  select: (title) => `Select ${title}`,
  selectAll: "Select all",
  keys: "j and k move, Enter opens, x selects, c cancels, r retries, / searches",
  attempts: "Attempts",
  error: "Error",
  code: "Code",
  result: "Result",
  identity: "Job",
  worker: "Worker",
  session: "Session",
  created: "Created",
  began: "Started",
  ended: "Ended",
  expires: "Kept until",
  priority: "Priority",
  stillRunning: "Running",
  waitedFor: "Waited",
  /** @param {string} number */
  attemptNumber: (number) => `Attempt ${number}`,

  // The operator's strip
  figures: "Figures",
  waiting: "Waiting",
  running: "Running",
  perMinute: "Per minute",
  waitP95: "Wait, p95",
  workers: "Workers",
  lastMinutes: "the last two minutes",
  /** @param {string} running @param {string} slots */
  slots: (running, slots) => `${running} of ${slots} slots busy`,
  sandbox: "Sandbox",
  noWorkers: "No worker is running; jobs wait.",
  silent: "silent",
  pause: "Pause",
  resume: "Resume",
  paused: "Paused",
  /** @param {string} type */
  pauseOf: (type) => `Pause ${type}`,
  /** @param {string} type */
  resumeOf: (type) => `Resume ${type}`,

  // What a screen reader says
  /** @param {string} title */
  progressOf: (title) => `Progress of ${title}`,
  /** @param {string} title @param {string} what */
  heard: (title, what) => `${title}: ${what}`,

  // Trouble
  unreachable: "Pressroom cannot be reached. Nothing was lost; send again in a moment.",
  actionFailed: "That did not work. Try once more.",
};
