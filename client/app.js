// @ts-check
/** The page: header, welcome, feed, composer. */

import { Composer } from "./composer.js";
import { element } from "./dom.js";
import { Feed } from "./feed.js";
import { glyph } from "./glyphs.js";
import { Problem, examples } from "./jobs.js";
import { menu } from "./menu.js";
import * as session from "./session.js";
import { signInForm } from "./sign-in.js";
import { themeButton } from "./theme.js";
import { typeWord, words } from "./words.js";

/** @typedef {import("./jobs.js").Example} Example */

const feed = new Feed(() => (document.title = words.tab(feed.working)));
const composer = new Composer({
  sessionId: () => session.current().id,
  onAccepted: (jobId, draft) => {
    session.name(draft.title);
    feed.add(jobId, draft.code);
  },
});
const welcome = element("section", { className: "welcome", hidden: true });
const trouble = element("p", { className: "problem", role: "alert" });
const main = element("main", {}, welcome, trouble, feed.root);

start();

async function start() {
  document.body.append(header(), main, element("footer", {}, composer.root));
  feed.root.addEventListener("document-job-edit", edit);
  feed.root.addEventListener("document-job-show", () => (welcome.hidden = true));
  await Promise.all([openSession(), offerExamples()]);
}

async function openSession() {
  composer.forgive();
  welcome.hidden = true;
  await attempt(async () => {
    await feed.load(session.current().id);
    welcome.hidden = !feed.isEmpty;
  });
}

async function offerExamples() {
  await attempt(async () => {
    const offered = await examples();
    welcome.replaceChildren(...greeting(offered));
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
  composer.take({ documentType: job.jobType, title: job.title ?? "", code }, job.error?.line);
}

function header() {
  const name = element("h1", {}, glyph("press"), words.product);
  const begin = element("button", { type: "button", className: "button quiet" }, glyph("plus"));
  begin.append(element("span", {}, words.newSession));
  begin.addEventListener("click", () => {
    session.begin();
    openSession();
  });

  return element("header", {}, name, sessions(), begin, themeButton());
}

function sessions() {
  const opener = element("button", { type: "button", className: "button quiet" }, glyph("history"));
  opener.append(element("span", {}, words.sessions));

  return menu(opener, () => session.earlier().map(({ id, title, begunAt }) => ({
    word: title ?? words.untitledSession,
    detail: words.sessionOf(begunAt),
    choose: () => {
      session.open(id);
      openSession();
    },
  })));
}

/** @param {Example[]} offered */
function greeting(offered) {
  return [
    element("h2", {}, words.promise),
    element("p", {}, words.promiseDetail),
    element("ul", { className: "examples" }, ...offered.map(exampleCard)),
  ];
}

/** @param {Example} example */
function exampleCard(example) {
  const { documentType, title } = example;
  const type = element("span", { className: "type", "data-type": documentType }, glyph(documentType));
  const about = element("span", { className: "about" });
  const run = element("span", { className: "run" }, glyph("run"), words.run);
  about.append(element("strong", {}, title), element("small", {}, typeWord(documentType), run));
  const button = element("button", { type: "button", className: "example" }, type, about);
  button.addEventListener("click", () => composer.run(example));

  return element("li", {}, button);
}
