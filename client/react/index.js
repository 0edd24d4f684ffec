// @ts-check
/** Pressroom in a React application; everything here can be drawn on a server, too. */

export { DocumentGenerator } from "./document-generator.js";
export { JobProgress } from "./job-progress.js";
export { useJobStatus } from "./job-status.js";
