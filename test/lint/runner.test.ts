/** `npm test` itself: what uvu lets pass fails the run, and the summary adds up. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { fileURLToPath, pathToFileURL } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

const root = fileURLToPath(new URL("../..", import.meta.url));

const run = (names: string[], env: Record<string, string> = {}): Promise<{ code: number | null; text: string }> =>
  new Promise((done) => {
    let text = "";
    const args = ["bin/test.js", ...names.map((name) => `test/lint/runner/${name}.fixture.ts`)];
    const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, TEST_LEAVE_MS: "1000", ...env } });
    child.stdout.on("data", (bytes) => (text += bytes));
    child.stderr.on("data", (bytes) => (text += bytes));
    child.on("close", (code) => done({ code, text }));
  });

test("a run that is well ends with its summary and success", async () => {
  const { code, text } = await run(["good"]);
  assert.is(code, 0, text);
  assert.match(text, /Total: {5}1\n {2}Passed: {4}1\n {2}Skipped: {3}0\n {2}Duration: .*\n\n1 passed, 0 failed, 0 skipped\n$/);
  assert.match(text, /^Programs that some tests need:\n {2}espruino .*\n {2}mosquitto .*\n {2}ejabberd .*\n {2}rabbitmq .*\n {2}lua5.1 .*\n {2}lua5.3 /);
});

test("a file that takes long is named, with its time", async () => {
  const { text } = await run(["good"], { TEST_SLOW_MS: "0" });
  assert.match(text, /\nSlow: test\/lint\/runner\/good\.fixture\.ts \d+ s\n\n {2}Total: /);
});

test("what fails, what is skipped and what is broken without a failed test is counted", async () => {
  const names = ["good", "fails", "throws", "forgets", "hook", "quits", "leaks", "empty"];
  const { code, text } = await run(names);
  assert.is(code, 1, text);
  const says = (name: string, what: string): void => {
    assert.ok(text.includes(`FAIL  test/lint/runner/${name}.fixture.ts: ${what}`), `${name} is said to have failed:\n${text}`);
  };
  says("throws", "it stopped before its tests were done");
  says("forgets", "it runs no test");
  says("hook", "not all of its tests ran");
  says("quits", "it stopped before its tests were done");
  says("leaks", "its tests are done, but something that they opened keeps it running");
  says("empty", "it defines no test");
  assert.not.ok(text.includes("FAIL  test/lint/runner/good"));
  // good, fails, leaks each pass one; fails and hook fail one; five more are broken. What comes after one that has
  // stopped their process, or that does not let it end, is run all the same.
  assert.match(text, /\n3 passed, 7 failed, 1 skipped\n$/);
});

test("files share a process: each is a file of its own in the summary, and a process that they leave is named", async () => {
  const { code, text } = await run(["good", "orphan"], { TEST_TIMES: "1" });
  assert.is(code, 1, text);
  const ids = [...text.matchAll(/process (\d+)/g)].map(([, id]) => id);
  assert.is(ids.length, 2, text);
  assert.is(ids[0], ids[1]);
  assert.match(text, /\n {2}FAIL {2}test\/lint\/runner\/orphan\.fixture\.ts: it, or another of the 2 files of its process, left a process running \(\S*node -e setInterval.*\): end what/);
  assert.match(text, /\nSeconds of a core, and by the clock:(\n +\d+\.\d\d +\d+\.\d {2}test\/lint\/runner\/(good|orphan)\.fixture\.ts){2}\n +\d+\.\d\d\n/);
  assert.match(text, /\n2 passed, 1 failed, 0 skipped\n$/);
});

test("a test that hangs ends the run, and the message names its file", async () => {
  const { code, text } = await run(["hangs"], { TEST_LIMIT_MS: "1500" });
  assert.is(code, 1);
  assert.match(text, /ERROR the tests took more than 1.5 s; running: .*hangs.fixture.ts/);
});

test("what has a place in the order is there", () => {
  const names = [...readFileSync(`${root}bin/test-order.js`, "utf8").matchAll(/"(\w[\w-]*(?:\/[\w-]*)+)"/g)].map(([, name]) => name!);
  assert.ok(names.length > 30, names.join());
  for (const name of names) {
    assert.ok(existsSync(`${root}test/${name.endsWith("/") ? name : `${name}.test.ts`}`), `${name}: change bin/test-order.js`);
  }
});

test("each file of tests runs once", async () => {
  const { jobsOf } = await import(pathToFileURL(`${root}bin/test-order.js`).href) as {
    jobsOf(files: string[]): { computing: string[][]; waiting: string[][] };
  };
  const files = readdirSync(`${root}test`, { recursive: true }).map((name) => `test/${String(name)}`)
    .filter((name) => name.endsWith(".test.ts"));
  const { computing, waiting } = jobsOf(files);
  assert.equal([...computing, ...waiting].flat().sort(), files.sort());
  assert.equal([...computing, ...waiting].filter((job) => job.length === 0), []);
});

test("what computes steps back", async () => {
  const { code, text } = await run(["good"]);
  assert.is(code, 0, text);
  assert.match(text, new RegExp(`priority ${Math.min(getPriority() + 5, 19)}\n`));
});

test("a pattern that fits nothing is an error", async () => {
  const { code, text } = await run(["nothing"]);
  assert.is(code, 1);
  assert.match(text, /ERROR no test file holds .*nothing/);
});

test.run();
