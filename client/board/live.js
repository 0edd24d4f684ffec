// @ts-check
/** Every change of the jobs that this person may see, as it happens. */

/** @typedef {import("../jobs.js").Job} Job */

const EVENTS = ["status", "job-complete", "job-failed"];
const REOPEN_MS = 3_000;
// Made for somebody's eyes, not by their hand.
const HIDDEN_TYPE = "preview";

/** @param {{onJob: (job: Job) => void, onOpen: () => void, onLine: (isUp: boolean) => void}} listener
 *   `onOpen`: connected, again; what ended in between was not told */
export function follow(listener) {
  let source = open();

  function open() {
    const opened = new EventSource("/api/events");
    opened.addEventListener("open", () => {
      listener.onLine(true);
      listener.onOpen();
    });
    for (const name of EVENTS) opened.addEventListener(name, hear);
    opened.addEventListener("error", () => {
      listener.onLine(false);
      // It opens itself again, unless it was refused.
      if (opened.readyState === EventSource.CLOSED) setTimeout(() => (source = open()), REOPEN_MS);
    });
    return opened;
  }

  /** @param {MessageEvent} event */
  function hear(event) {
    const job = JSON.parse(event.data);
    if (job.jobType !== HIDDEN_TYPE) listener.onJob(job);
  }

  window.addEventListener("pagehide", () => source.close());
}
