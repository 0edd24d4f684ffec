// Drains no-op jobs with graphile-worker as its authors tune it; says when it begins, and its CPU
// seconds. Arguments: url, jobs. It is copied beside its node_modules to run.
import { makeWorkerUtils, run } from "graphile-worker";
import pg from "pg";

const [url, jobs] = [process.argv[2], Number(process.argv[3])];
const [, user, password, database, query] = /\/\/([^:]+):([^@]*)@[^/]*\/([^?]+)\?(.*)$/.exec(url);
const { host, port } = Object.fromEntries(new URLSearchParams(query));
const pgPool = new pg.Pool({ user, password, database, host, port: Number(port), max: 10 });
pgPool.on("error", console.error);
pgPool.on("connect", (client) => client.on("error", console.error));
const quiet = { debug() {}, info() {}, warn() {}, error: console.error };
const logger = { ...quiet, scope: () => logger };

const utils = await makeWorkerUtils({ pgPool, logger });
await utils.migrate();
const payload = { code: "x".repeat(800) };
const specs = Array.from({ length: jobs }, () => ({ identifier: "noop", payload }));
while (specs.length) await utils.addJobs(specs.splice(0, 1000));
await pgPool.query("VACUUM ANALYZE");

let left = jobs;
let finish;
const finished = new Promise((resolve) => (finish = resolve));
const noop = async () => {
  if (--left === 0) finish();
};

console.log("begins");
const before = process.cpuUsage();
const runner = await run({
  taskList: { noop },
  pgPool,
  logger,
  preset: {
    worker: {
      concurrentJobs: 24,
      localQueue: { size: 500 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  },
});
await finished;
await runner.stop();
const { user: userTime, system } = process.cpuUsage(before);
console.log((userTime + system) / 1e6);
await pgPool.end();
