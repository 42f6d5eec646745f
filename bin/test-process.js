// What `bin/test.js` starts: runs test files one after the other, and tells it what came of each.
//
// They share what they import, so that it is loaded once. A file whose tests are done has some time to close what it
// has opened; where it does not, this process ends.
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** How long a file may take to end by itself once its tests are done. */
const LEAVE_MS = Number(process.env["TEST_LEAVE_MS"] ?? 5000);
const POLL_MS = 20;

const tell = (message) => new Promise((done) => process.send(message, done));
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** What keeps this process alive that is not in `known`, by kind. */
const openBeside = async (known) => {
  // Timers that have just run are counted until then.
  await new Promise(setImmediate);
  const rest = [...known];
  return process.getActiveResourcesInfo().filter((kind) => {
    const at = rest.indexOf(kind);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
};

/** Runs a file; resolves to its counts. */
const runFile = async (file, { exec, test }) => {
  globalThis.UVU_INDEX = 0;
  const group = [];
  globalThis.UVU_QUEUE.splice(0, Infinity, group);
  await import(pathToFileURL(file).href);
  const counts = { total: 0, passed: 0, skipped: 0, suites: group.length };
  // A file that forgets this does not leave its tests to the next.
  test.run();
  group.pop();
  const counted = group.map((run) => async () => {
    const result = await run();
    const [, passed, skipped, total] = result;
    counts.total += total;
    counts.passed += passed;
    counts.skipped += skipped;
    return result;
  });
  group.splice(0, Infinity, relative(ROOT, file), ...counted);
  await exec();
  // uvu sets it.
  return { ...counts, code: process.exitCode };
};

/** Seconds of a core that this process has used, and those that it has started and seen end. */
const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  const own = (user + system) / 1e6;
  if (process.platform !== "linux") return own;
  // pid (name) state ..., of which the 16th and 17th are of its children, in hundredths.
  const fields = readFileSync("/proc/self/stat", "latin1").replace(/^.*\) /s, "").split(" ");
  return own + (Number(fields[13]) + Number(fields[14])) / 100;
};

const main = async (files) => {
  globalThis.UVU_DEFER = 1;
  const uvu = await import("uvu");
  let exitCode = 0;
  let usedBefore = 0;
  for (const file of files) {
    const known = process.getActiveResourcesInfo();
    const began = Date.now();
    const counts = await runFile(file, uvu);
    exitCode ||= counts.code;
    let open = await openBeside(known);
    for (const until = Date.now() + LEAVE_MS; open.length > 0 && Date.now() < until; open = await openBeside(known)) {
      await sleep(POLL_MS);
    }
    await tell({ file, counts, open, ms: Date.now() - began, cpuSeconds: cpuSeconds() - usedBefore });
    usedBefore = cpuSeconds();
    // What is open would keep this process, and be in the way of others.
    if (open.length > 0) process.exit(exitCode);
  }
  process.exitCode = exitCode;
  process.disconnect();
};

await main(process.argv.slice(2));
