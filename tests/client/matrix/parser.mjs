import { createParser } from "eventsource-parser";

const parser = createParser({ onEvent: (frame) => console.log(JSON.stringify(frame)) });
const { body } = await fetch(process.argv[2]);
for await (const text of body.pipeThrough(new TextDecoderStream())) parser.feed(text);
