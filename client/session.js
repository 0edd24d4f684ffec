// @ts-check
/**
 * The sessions of this browser: one is current, earlier ones can be opened again.
 *
 * @typedef {{id: string, begunAt: string, title: string | null}} Session
 */

import { newKey } from "./jobs.js";

const KEY = "pressroom.sessions";
const KEPT = 20;

/** The session that a reload comes back to. @returns {Session} */
export function current() {
  return all()[0] ?? begin();
}

/** The sessions that have jobs, the current one first. @returns {Session[]} */
export function earlier() {
  return all().filter((session) => session.title !== null);
}

/** Start an empty session; an empty one that is current already stays. @returns {Session} */
export function begin() {
  const fresh = { id: newKey(), begunAt: new Date().toISOString(), title: null };
  save([fresh, ...earlier()]);

  return fresh;
}

/** Make a session current. @param {string} id */
export function open(id) {
  const [chosen] = all().filter((session) => session.id === id);
  if (chosen) save([chosen, ...earlier().filter((session) => session.id !== id)]);
}

/** Remember what a session is about by its first job. @param {string} title */
export function name(title) {
  const [session, ...rest] = all();
  if (session && session.title === null) save([{ ...session, title }, ...rest]);
}

/** @returns {Session[]} */
function all() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "[]");
  } catch {
    return []; // another program's value, or storage that is switched off
  }
}

/** @param {Session[]} sessions */
function save(sessions) {
  localStorage.setItem(KEY, JSON.stringify(sessions.slice(0, KEPT)));
}
