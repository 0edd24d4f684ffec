// @ts-check
/**
 * A Pressroom server as a page reaches it: where it is, and who asks.
 *
 * @typedef {string | (() => string | Promise<string>)} Token
 *   A user's token; a function is asked again when the one it gave has run out.
 * @typedef {{src?: string | null, token?: Token | null}} Place
 *   `src` is the address of a server on another origin. Without a token the cookie speaks.
 */

import { learn } from "./clock.js";

/** What the server (or the line to it: status 0) answered instead of what was asked for. */
export class Problem extends Error {
  /** @param {{status: number, code: string, detail: string, field?: string, waitMs?: number}} body */
  constructor({ status, code, detail, field, waitMs = 0 }) {
    super(detail);
    this.status = status;
    this.code = code;
    this.field = field;
    this.waitMs = waitMs;
  }
}

/** @type {Map<string, Server>} */
const byPlace = new Map();
/** @type {WeakMap<Function, Server>} */
const byFunction = new WeakMap();

/** The server at a place; the same place is the same server, so that its stream can be shared.
 * @param {Place} [place] @returns {Server} */
export function serverAt({ src, token = null } = {}) {
  const base = (src ?? "").replace(/\/+$/, "");
  const isFunction = typeof token === "function";
  const known = isFunction ? byFunction.get(token) : byPlace.get(`${base} ${token}`);
  if (known?.base === base) return known;

  const server = new Server(base, token);
  if (isFunction) byFunction.set(token, server);
  else byPlace.set(`${base} ${token}`, server);

  return server;
}

export class Server {
  /** @type {Promise<string> | null} */ #given = null;

  /** @param {string} base @param {Token | null} token */
  constructor(base, token) {
    this.base = base;
    this.token = token;
  }

  /** @param {string} path */
  url(path) {
    return this.base + path;
  }

  /** Parsed JSON; null when the server says 304.
   * @param {string} path @param {RequestInit} [options] @returns {Promise<any>} */
  async call(path, options) {
    const response = await this.fetch(path, options);
    return response.status === 304 ? null : reached(response.json(), options);
  }

  /** A good answer, asked for with a new token where the old one has run out. Throws Problem.
   * @param {string} path @param {RequestInit} [options] @returns {Promise<Response>} */
  async fetch(path, options = {}) {
    const used = this.#present();
    const response = await this.#send(path, options, await used);
    if (response.status !== 401 || !this.renew(used)) return checked(response);

    return checked(await this.#send(path, options, await this.#present()));
  }

  /** Forget a token that has run out; false when nobody can give another.
   * @param {unknown} [used] only when it is still this one */
  renew(used = this.#given) {
    if (this.#given === used) this.#given = null;
    return typeof this.token === "function";
  }

  /** One question for all who wait. @returns {Promise<string> | string | null} */
  #present() {
    const { token } = this;
    if (typeof token !== "function") return token;

    return (this.#given ??= this.#ask(token));
  }

  /** @param {() => string | Promise<string>} token */
  async #ask(token) {
    try {
      return await token();
    } catch {
      this.#given = null;
      throw unreachable();
    }
  }

  /** @param {string} path @param {RequestInit} options @param {string | null} bearer */
  async #send(path, options, bearer) {
    const headers = new Headers(options.headers);
    if (bearer && !headers.has("Authorization")) headers.set("Authorization", `Bearer ${bearer}`);
    return reached(fetch(this.url(path), { cache: "no-store", ...options, headers }), options);
  }
}

/** A line that is cut after the head of an answer is as dead as one before it.
 * @template T @param {Promise<T>} answer @param {RequestInit} [options] */
async function reached(answer, options) {
  try {
    return await answer;
  } catch (error) {
    if (options?.signal?.aborted) throw error;
    throw unreachable();
  }
}

function unreachable() {
  return new Problem({ status: 0, code: "unreachable", detail: "" });
}

/** @param {Response} response */
async function checked(response) {
  learn(response.headers.get("Date"));
  if (response.ok || response.status === 304) return response;

  throw await problem(response);
}

/** @param {Response} response */
async function problem(response) {
  const body = await response.json().catch(() => ({}));
  return new Problem({
    status: response.status,
    code: body.code ?? "unknown",
    detail: body.detail ?? body.title ?? response.statusText,
    field: body.field,
    waitMs: Number(response.headers.get("Retry-After") ?? 0) * 1_000 || 0,
  });
}
