import { EventSource } from "eventsource";

const source = new EventSource(process.argv[2]);
for (const name of ["status", "job-complete"]) {
  source.addEventListener(name, ({ type, lastEventId, data }) => {
    console.log(JSON.stringify({ event: type, id: lastEventId, data }));
  });
}
