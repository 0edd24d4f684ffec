/** A server of a test's own: each request is held until the test answers it. */

import { once } from "node:events";
import { createServer } from "node:http";

/** @param {import("node:test").TestContext} t */
export async function serve(t) {
  const server = createServer((request, response) => {
    const asked = new Asked(request, response);
    for (const waiting of waitings.splice(0)) waiting();
    requests.push(asked);
  });
  const requests = [];
  const waitings = [];
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });

  return {
    src: `http://127.0.0.1:${server.address().port}`,
    paths: [],
    /** The next request that nobody has taken yet. */
    async next() {
      while (!requests.length) await new Promise((resolve) => waitings.push(resolve));
      const asked = requests.shift();
      this.paths.push(asked.path);
      return asked;
    },
    /** Answer each request from here on, those that wait first. */
    async answer(how) {
      for (;;) how(await this.next());
    },
  };
}

class Asked {
  constructor(request, response) {
    this.path = request.url;
    this.headers = request.headers;
    this.response = response;
    this.gone = once(response, "close");
  }

  get isStream() {
    return this.headers.accept === "text/event-stream";
  }

  /** Begin a stream with these states. */
  stream(...jobs) {
    this.response.writeHead(200, { "Content-Type": "text/event-stream" });
    this.response.flushHeaders();
    this.send(...jobs);
    return this;
  }

  send(...jobs) {
    this.write(jobs.map((job) => `id: ${job.seq}\ndata: ${JSON.stringify(job)}\n\n`).join(""));
  }

  event(data) {
    this.write(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  write(text) {
    this.response.write(text);
  }

  end() {
    this.response.end();
  }

  json(status, body, headers = {}) {
    this.response.writeHead(status, { "Content-Type": "application/json", ...headers });
    this.response.end(status === 304 ? undefined : JSON.stringify(body));
  }
}

/** A job's state as far as the line cares. */
export function state(seq, { jobId = "a", final = false } = {}) {
  return { type: "status", jobId, seq, final };
}

export const final = (seq, jobId = "a") => state(seq, { jobId, final: true });

/** What was told, in order, for tests that wait for it. */
export class Mailbox {
  #items = [];
  #waiting = [];

  put(item) {
    this.#items.push(item);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** The next `count` items. */
  async take(count) {
    while (this.#items.length < count) await new Promise((wake) => this.#waiting.push(wake));
    return this.#items.splice(0, count);
  }

  /** Everything up to an item, with it. */
  async until(item) {
    while (!this.#items.includes(item)) await new Promise((wake) => this.#waiting.push(wake));
    return this.#items.splice(0, this.#items.indexOf(item) + 1);
  }
}
