import assert from "node:assert/strict";
import test from "node:test";

import { frames, Parser } from "../../client/sse.js";

const STREAM = 'retry: 2000\nid: 1\nevent: status\ndata: {"title":"שלום 🎉"}\n\n: \n\ndata: a\r\ndata:  b\r\n\r\ndata\rdata: c\r\rid: 9\n\n';
const READ = [
  { data: '{"title":"שלום 🎉"}', retry: 2000 },
  { data: "", retry: null },
  { data: "a\n b", retry: null },
  { data: "\nc", retry: null },
  { data: "", retry: null },
];

function body(...chunks) {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function read(...chunks) {
  const found = [];
  for await (const frame of frames(body(...chunks), () => {})) found.push(frame);
  return found;
}

test("fields, comments and all three kinds of line end are read as the standard says", () => {
  assert.deepEqual(new Parser().push(STREAM), READ);
});

test("frames are the same wherever the network cuts them", async () => {
  const bytes = new TextEncoder().encode(STREAM);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    assert.deepEqual(await read(bytes.slice(0, cut), bytes.slice(cut)), READ, `cut at ${cut}`);
  }
  assert.deepEqual(await read(...[...bytes].map((byte) => Uint8Array.of(byte))), READ);
});

test("a frame that is cut off for good does not count", async () => {
  assert.deepEqual(await read(new TextEncoder().encode("data: a\n\ndata: half")), [
    { data: "a", retry: null },
  ]);
});

test("a byte order mark and fields that nobody knows are passed over", async () => {
  const bytes = new TextEncoder().encode("\uFEFFdata: a\nother: b\nretry: soon\n\n");
  assert.deepEqual(await read(bytes), [{ data: "a", retry: null }]);
});

test("every arrival of bytes is told, comments too", async () => {
  let times = 0;
  const bytes = new TextEncoder().encode(": \n\n");
  for await (const _ of frames(body(bytes, bytes, bytes), () => (times += 1)));
  assert.equal(times, 3);
});
