// @ts-check
/**
 * Server-sent events out of a response's bytes, as the HTML standard reads them.
 *
 * EventSource hides what a client has to know: why it was refused, and the comments that prove
 * a silent connection alive.
 *
 * @typedef {object} Frame
 * @property {string} data       Empty: nothing to dispatch.
 * @property {number | null} retry Milliseconds.
 */

/** The frames of a body, until it ends; one that is cut off in the middle does not count.
 * @param {ReadableStream<Uint8Array>} body
 * @param {() => void} onBytes
 * @returns {AsyncGenerator<Frame>} */
export async function* frames(body, onBytes) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parser = new Parser();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    onBytes();
    yield* parser.push(decoder.decode(value, { stream: true }));
  }
}

export class Parser {
  #rest = "";
  #data = /** @type {string[]} */ ([]);
  #retry = /** @type {number | null} */ (null);

  /** Take what has arrived; the frames that it completes.
   * @param {string} text @returns {Frame[]} */
  push(text) {
    // A CR at the very end may be half of a CRLF.
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";

    return lines.flatMap((line) => (line === "" ? [this.#end()] : this.#field(line)));
  }

  #end() {
    const frame = { data: this.#data.join("\n"), retry: this.#retry };
    this.#data = [];
    this.#retry = null;

    return frame;
  }

  /** @param {string} line @returns {Frame[]} */
  #field(line) {
    const [, name, value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (name === "data") this.#data.push(value);
    if (name === "retry" && /^\d+$/.test(value)) this.#retry = Number(value);

    return [];
  }
}
