// @ts-check
/** Where a page without a session begins: one sentence, and a place for those who hold a token. */

import { element, setText } from "./dom.js";
import { Problem, signIn } from "./jobs.js";
import { words } from "./page.js";

/** A form that turns a token into the session's cookie; the token is kept nowhere.
 * @param {() => void} onSignedIn
 * @returns {HTMLElement} */
export function signInForm(onSignedIn) {
  const token = element("input", {
    id: "token", type: "password", autocomplete: "off", spellcheck: false, required: true,
  });
  const trouble = element("p", { id: "problem-token", className: "problem", role: "alert" });
  token.setAttribute("aria-describedby", trouble.id);
  const button = element("button", { type: "submit", className: "button" }, words.signIn);
  const form = element(
    "form",
    { noValidate: true },
    element("label", { htmlFor: token.id }, words.tokenLabel),
    element("div", {}, token, button),
    trouble,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const refusal = await refused(token.value);
    if (refusal) setText(trouble, refusal);
    else onSignedIn();
  });

  return element("section", { className: "sign-in" }, element("h2", {}, words.signInFirst), form);
}

/** Why a token is not taken, or null when it is. @param {string} typed */
async function refused(typed) {
  const token = typed.trim().replace(/^Bearer\s+/i, "");
  if (!/^[\x21-\x7e]+$/.test(token)) return words.tokenMalformed; // no header can carry it

  try {
    await signIn(token);
    return null;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return error.message || words.unreachable;
  }
}
