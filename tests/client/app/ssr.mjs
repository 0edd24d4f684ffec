/** What a server sends of the components, before a browser has run anything. */

import { DocumentGenerator, JobProgress, useJobStatus } from "@pressroom/client/react";
import { createElement } from "react";
import { renderToString } from "react-dom/server";

const jobId = "00000000-0000-4000-8000-000000000000";
const Status = () => useJobStatus(jobId).connection;

for (const [component, more] of [
  [Status],
  [JobProgress],
  [DocumentGenerator, { title: "Q3 & Q4" }],
]) {
  console.log(renderToString(createElement(component, { jobId, ...more })));
}
