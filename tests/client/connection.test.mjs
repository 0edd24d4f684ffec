import assert from "node:assert/strict";
import test from "node:test";

import { Connection } from "../../client/connection.js";
import { serverAt } from "../../client/server.js";
import { Mailbox, final, serve, state } from "./served.mjs";

// The product's own are made for people, not for tests.
const TIMING = {
  firstByte: 20_000,
  silence: 20_000,
  doubt: 0,
  reopen: { first: 1, most: 5 },
  poll: { first: 1, most: 5 },
  pollBeforeStream: 60_000,
  question: 20_000,
};

/** A connection and what it tells: seqs of jobs, words for its state, codes of refusals. */
function connect(t, { src }, { token = null, ...timing } = {}) {
  const told = new Mailbox();
  const connection = new Connection(serverAt({ src, token }), { ...TIMING, ...timing }, {
    onJob: ({ seq }) => told.put(seq),
    onRefused: (jobId, { code }) => told.put(`${jobId} ${code}`),
    onState: (word) => told.put(word),
  });
  t.after(() => connection.want([]));

  return { connection, told };
}

test("older states are dropped, and the final one ends the connection", async (t) => {
  const server = await serve(t);
  const { connection, told } = connect(t, server);

  connection.want(["a"]);
  const asked = await server.next();
  asked.stream(state(3), state(2), state(3), state(5), final(6), final(6));

  assert.deepEqual(await told.until("connecting"), ["live", 3, 5, 6, "connecting"]);
  await asked.gone;
  assert.deepEqual(server.paths, ["/api/jobs/a/events"]);
});

test("a stream that ends is opened again, without a word to the next one", async (t) => {
  const server = await serve(t);
  const { connection, told } = connect(t, server);

  connection.want(["a"]);
  (await server.next()).stream(state(1)).end();
  (await server.next()).stream(state(1), state(2)).end();
  (await server.next()).stream(final(3));

  const seqs = (await told.until("connecting")).filter(Number);
  assert.deepEqual(seqs, [1, 2, 3]);
});

test("a proxy's 502 and 503 are lived through", async (t) => {
  const server = await serve(t);
  const { connection, told } = connect(t, server);

  connection.want(["a"]);
  (await server.next()).json(502, {});
  (await server.next()).json(503, { code: "draining" });
  (await server.next()).stream(final(3));

  assert.deepEqual(await told.until(3), ["reconnecting", "live", 3]);
});

test("what is wanted at once goes through one stream", async (t) => {
  const server = await serve(t);
  const { connection, told } = connect(t, server);

  connection.want(["a", "b c"]);
  const both = await server.next();
  both.stream(state(1), final(2, "b c"));
  await told.until(2);
  connection.want(["a", "d"]);
  await both.gone;
  (await server.next()).stream(state(1), final(4, "d"), final(5));

  assert.deepEqual(await told.until("connecting"), [4, 5, "connecting"]);
  assert.deepEqual(server.paths, ["/api/events?job=a&job=b+c", "/api/events?job=a&job=d"]);
});

test("a job that is wanted no longer leaves the stream as it is, the last one closes it", async (t) => {
  const server = await serve(t);
  const { connection, told } = connect(t, server);

  connection.want(["a", "b"]);
  const asked = await server.next();
  asked.stream(state(1), state(1, { jobId: "b" }));
  await told.take(3);
  connection.want(["a"]);
  asked.send(state(9, { jobId: "b" }), state(2));
  assert.deepEqual(await told.take(1), [2]);
  connection.want([]);

  await asked.gone;
});

test("a stream without a first byte is replaced by questions, and tried again later", async (t) => {
  const server = await serve(t);
  const { connection, told } = connect(t, server, { firstByte: 100, pollBeforeStream: 0 });
  const tags = [];

  connection.want(["a"]);
  server.answer((asked) => {
    if (!asked.isStream) asked.json(tags.push(asked.headers["if-none-match"]) === 1 ? 200 : 304, state(1));
    else if (tags.length > 1) asked.stream(final(2)); // the ones before are held
  });

  assert.deepEqual((await told.until(2)).slice(0, 3), ["reconnecting", 1, "polling"]);
  assert.deepEqual([...new Set(tags)], [undefined, '"1"']);
});

test("a stream that falls silent is cut, and what comes in lumps is asked for", async (t) => {
  const server = await serve(t);
  const { connection, told } = connect(t, server, { silence: 30 });

  connection.want(["a"]);
  const silent = (await server.next()).stream(state(1));
  await silent.gone;
  const question = await server.next();
  assert.ok(!question.isStream);
  question.json(200, final(2));

  assert.deepEqual((await told.until(2)).slice(0, 3), ["live", 1, "reconnecting"]);
});

test("a refusal of many jobs ends only what it is meant for", async (t) => {
  const server = await serve(t);
  const { connection, told } = connect(t, server);

  connection.want(["a", "b"]);
  (await server.next()).json(404, { code: "job_not_found" });
  for (const asked of [await server.next(), await server.next()]) {
    if (asked.path === "/api/jobs/b") asked.json(404, { code: "job_not_found" });
    else asked.json(200, state(1));
  }
  (await server.next()).stream(final(2));

  const said = await told.until("connecting");
  assert.deepEqual(said.filter(Number), [1, 2]);
  assert.ok(said.includes("b job_not_found"));
  assert.equal(server.paths.at(-1), "/api/jobs/a/events");
});

test("a job that the stream of many does not know is refused, the others go on", async (t) => {
  const server = await serve(t);
  const { connection, told } = connect(t, server);

  connection.want(["a", "b"]);
  const asked = (await server.next()).stream(state(1));
  asked.event({ type: "error", code: "job_not_found", jobId: "b", message: "There is no such job." });
  asked.event({ type: "ready" });
  asked.send(final(2));

  const said = ["live", 1, "b job_not_found", 2, "connecting"];
  assert.deepEqual(await told.until("connecting"), said);
});

test("more jobs than a stream can name come by the one without names, ended ones by asking", async (t) => {
  const server = await serve(t);
  const { connection, told } = connect(t, server);
  const jobIds = Array.from({ length: 101 }, (_, number) => `job-${number}`);

  connection.want(jobIds);
  const asked = (await server.next()).stream(...jobIds.slice(1).map((jobId) => state(1, { jobId })));
  asked.event({ type: "ready" });
  const question = await server.next();
  question.json(200, final(7, "job-0"));

  assert.equal((await told.until(7)).length, 102);
  assert.deepEqual(server.paths, ["/api/events", "/api/jobs/job-0"]);
});

test("too many streams of one person are answered by questions", async (t) => {
  const server = await serve(t);
  const { connection, told } = connect(t, server);

  connection.want(["a"]);
  (await server.next()).json(429, { code: "too_many_streams" }, { "Retry-After": "1" });
  (await server.next()).json(200, final(1));

  assert.deepEqual(await told.until(1), ["reconnecting", 1]);
  assert.equal(server.paths.at(-1), "/api/jobs/a");
});

test("a portal's own page is no stream and no job", async (t) => {
  const server = await serve(t);
  const { connection, told } = connect(t, server);

  connection.want(["a"]);
  for (let times = 0; times < 5; times += 1) {
    const { response } = await server.next();
    response.writeHead(200, { "Content-Type": "text/html" }).end("<p>Sign in");
  }
  const question = await server.next();
  assert.ok(!question.isStream, "after three streams it only asks");
  question.json(200, state(1));
  (await server.next()).stream(final(2));

  assert.deepEqual(await told.until(2), ["reconnecting", 1, "polling", "live", 2]);
});

test("a server that is gone is asked for until it is back, then streamed from at once", async (t) => {
  const server = await serve(t);
  const { connection, told } = connect(t, server);

  connection.want(["a"]);
  for (let times = 0; times < 6; times += 1) (await server.next()).response.destroy();
  server.answer((asked) => (asked.isStream ? asked.stream(final(2)) : asked.json(200, state(1))));

  assert.deepEqual((await told.until(2)).filter(Number), [1, 2]);
});

test("a page that comes back looks at once", async (t) => {
  const server = await serve(t);
  const slow = { first: 60_000, most: 60_000 };
  const { connection, told } = connect(t, server, { poll: slow });

  connection.want(["a"]);
  const frozen = (await server.next()).stream(state(1));
  await told.until(1);
  connection.wake();
  await frozen.gone;
  (await server.next()).json(429, {});
  (await server.next()).json(200, state(2));
  await told.until("polling");
  connection.wake();
  (await server.next()).json(200, final(3));

  assert.deepEqual(await told.until(3), [3]);
});

test("a stream that has just spoken is not doubted", async (t) => {
  const server = await serve(t);
  const { connection, told } = connect(t, server, { doubt: 60_000 });

  connection.want(["a"]);
  const asked = (await server.next()).stream(state(1));
  await told.until(1);
  connection.wake();
  asked.send(final(2));

  assert.deepEqual(await told.until("connecting"), [2, "connecting"]);
  assert.equal(server.paths.length, 1);
});

test("a token that runs out is renewed, and nothing is lost or told twice", async (t) => {
  const server = await serve(t);
  const tokens = ["first", "second", "third"];
  const given = [];
  const token = async () => given[given.push(tokens[given.length]) - 1];
  const { connection, told } = connect(t, server, { token });

  connection.want(["a"]);
  const first = await server.next();
  first.stream(state(1));
  first.event({ type: "error", code: "token_expired" });
  first.end();
  const second = await server.next();
  second.json(401, { code: "unauthenticated" });
  const third = await server.next();
  third.stream(state(1), final(2));

  assert.deepEqual((await told.until(2)).filter(Number), [1, 2]);
  const sent = [first, second, third].map(({ headers }) => headers.authorization);
  assert.deepEqual(sent, ["Bearer first", "Bearer second", "Bearer third"]);
});

test("without a way to a new token, the end of the old one is told", async (t) => {
  const server = await serve(t);
  const { connection, told } = connect(t, server, { token: "only" });

  connection.want(["a"]);
  (await server.next()).json(401, { code: "unauthenticated" });
  (await server.next()).json(401, { code: "unauthenticated" });

  assert.deepEqual(await told.take(1), ["a unauthenticated"]);
});

test("an answer that is cut within is told like a server that is away", async (t) => {
  const server = await serve(t);

  const called = serverAt(server).call("/api/jobs");
  const { response } = await server.next();
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": 100 });
  response.write("{", () => response.destroy());

  await assert.rejects(called, { code: "unreachable", status: 0 });
});
