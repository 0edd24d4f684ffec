// @ts-check
/** The chat page: sessions at the side, cards in the flow, the composer at the foot. */

import { Composer } from "./composer.js";
import { element } from "./dom.js";
import { Feed } from "./feed.js";
import { glyph } from "./glyphs.js";
import { header } from "./header.js";
import { Problem, examples } from "./jobs.js";
import { words } from "./page.js";
import { Rail } from "./rail.js";
import * as session from "./session.js";
import { signInForm } from "./sign-in.js";
import { welcome } from "./welcome.js";

const feed = new Feed(showWorking);
const rail = new Rail(openSession);
const composer = new Composer({
  sessionId: () => session.current().id,
  onAccepted: (jobId, draft) => {
    session.name(draft.title);
    rail.render();
    feed.add(jobId, draft);
  },
});
const greeting = element("section", { className: "welcome", hidden: true });
const trouble = element("p", { className: "problem", role: "alert" });
const main = element("main", { id: "main", tabIndex: -1 }, greeting, trouble, feed.root);

start();

async function start() {
  const page = element("div", { className: "conversation" }, main, element("footer", {}, composer.root));
  document.body.append(header(rail.button, beginButton()), rail.root, page);
  feed.root.addEventListener("document-job-edit", edit);
  feed.root.addEventListener("document-job-regenerate", regenerate);
  feed.root.addEventListener("document-job-show", () => (greeting.hidden = true));
  await Promise.all([openSession(), offerExamples()]);
}

async function openSession() {
  composer.forgive();
  greeting.hidden = true;
  rail.render();
  await attempt(async () => {
    await feed.load(session.current().id);
    greeting.hidden = !feed.isEmpty;
  });
}

async function offerExamples() {
  await attempt(async () => {
    const offered = await examples();
    greeting.replaceChildren(...welcome(offered, (example) => composer.run(example)));
    composer.offer(offered);
  });
}

/** @param {() => Promise<void>} call */
async function attempt(call) {
  trouble.textContent = "";
  try {
    await call();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    if (error.status === 401) return askToSignIn();
    trouble.textContent = error.message || words.unreachable;
  }
}

/** Nothing on the page works without a session, so nothing else is shown. */
function askToSignIn() {
  document.body.classList.add("signed-out");
  if (!main.querySelector(".sign-in")) main.append(signInForm(() => location.reload()));
}

/** @param {Event} event */
function edit(event) {
  const { job, code } = /** @type {CustomEvent} */ (event).detail;
  composer.take(draftOf(job, code), job.error?.line);
}

/** @param {Event} event */
function regenerate(event) {
  event.preventDefault();
  const { job, code } = /** @type {CustomEvent} */ (event).detail;
  composer.post(draftOf(job, code));
}

/** What is made of a document's code again is a version of that document.
 * @param {import("./jobs.js").Job} job @param {string} code */
function draftOf(job, code) {
  return {
    documentType: job.jobType, title: job.title ?? "", code, documentId: job.messageId ?? job.jobId,
  };
}

function showWorking() {
  document.title = feed.working ? words.tab(words.number(feed.working)) : words.product;
}

function beginButton() {
  const begin = element("button", { type: "button", className: "button quiet" }, glyph("plus"));
  begin.append(element("span", {}, words.newSession));
  begin.addEventListener("click", () => {
    session.begin();
    openSession();
  });

  return begin;
}
