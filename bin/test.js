#!/usr/bin/env node
// `npm test [pattern...]`: runs the tests whose path holds a pattern, or the files named; all tests without one.
//
// Each file runs in a process of its own: in one process modules with state, which a client is, and what a file leaves
// open would reach the next. A file fails the run when it throws at import, defines no test, stops before its end,
// leaves something running, or hangs. What uvu prints is passed on; its summary is added up at the end.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, getPriority, setPriority } from "node:os";
import { delimiter, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compile } from "./typescript-hooks.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SELF = fileURLToPath(import.meta.url);
const TYPESCRIPT = new URL("typescript.js", import.meta.url).href;
const LIMIT_MS = Number(process.env["TEST_LIMIT_MS"] ?? 30 * 60_000);
/** A file that takes longer is named at the end: the whole run is to stay short. */
const SLOW_MS = Number(process.env["TEST_SLOW_MS"] ?? 15_000);
/** How long a file may take to end by itself once its tests are done. */
const LEAVE_MS = Number(process.env["TEST_LEAVE_MS"] ?? 5000);
const SUMMARY = /\n {2}Total:[^]*?Duration:[^\n]*\n/;
const COLOURS = /\x1b\[[0-9;]*m/g;

/** Runs one file, in its own process; tells the parent what came of it. */
const runFile = async (file) => {
  globalThis.UVU_DEFER = 1;
  globalThis.UVU_INDEX = 0;
  const { exec } = await import("uvu");
  const group = [];
  globalThis.UVU_QUEUE.splice(0, Infinity, group);
  await import(pathToFileURL(file).href);
  const counts = { total: 0, passed: 0, skipped: 0, suites: group.length };
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
  await new Promise((done) => process.send(counts, done));
  process.disconnect();
  // Whoever opened something has the time until the parent loses patience; then this names what is open.
  setTimeout(() => console.log(`still open: ${process.getActiveResourcesInfo().join(", ")}`), LEAVE_MS / 2).unref();
};

/** Whether a process of the group lives: one that has ended, and that nobody has asked about yet, does not. */
const isGroupAlive = (pid) => {
  try {
    process.kill(-pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== "linux") return true;
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).some((name) => {
    try {
      // pid (name) state parent group ...
      const [state, , group] = readFileSync(`/proc/${name}/stat`, "latin1").replace(/^.*\) /s, "").split(" ");
      return Number(group) === pid && !/[ZX]/.test(state);
    } catch {
      return false;
    }
  });
};

const killGroup = (pid) => {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
};

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const running = new Map();

const stepBackBy = (pid, steps) => {
  const priority = Math.min(getPriority() + steps, LEAST_PRIORITY);
  try {
    setPriority(pid, priority);
    // Linux may weigh sessions first, and those within one only then: each file has a session of its own.
    if (process.platform === "linux") writeFileSync(`/proc/${pid}/autogroup`, String(priority));
  } catch {
    // It has ended, or there are no priorities here.
  }
};

/** Starts a process for a file; resolves to its output, its counts, and what is wrong with it. */
const runApart = (file, stepBack) => new Promise((done) => {
  let output = "";
  let counts;
  let overdue;
  const wrong = [];
  const child = spawn(process.execPath, ["--import", TYPESCRIPT, SELF, "--one", file], {
    cwd: ROOT, detached: true, stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}) },
  });
  running.set(child.pid, file);
  stepBackBy(child.pid, stepBack);
  child.stdout.on("data", (bytes) => (output += bytes));
  child.stderr.on("data", (bytes) => (output += bytes));
  child.on("message", (message) => {
    counts = message;
    overdue = setTimeout(() => {
      wrong.push("its tests are done, but something that they opened keeps it running: close it in the test");
      killGroup(child.pid);
    }, LEAVE_MS);
  });
  child.on("exit", async (code, signal) => {
    clearTimeout(overdue);
    // A program that a test has just killed needs a moment to be gone.
    for (let waited = 0; waited < 1000 && isGroupAlive(child.pid); waited += 50) await sleep(50);
    if (isGroupAlive(child.pid) && wrong.length === 0) {
      wrong.push("it left a process running: end what the test starts");
    }
    killGroup(child.pid);
    running.delete(child.pid);
    if (!counts) {
      wrong.push(`it stopped before its tests were done (${signal ?? `exit code ${code}`})`);
    } else if (counts.suites === 0) {
      wrong.push("it runs no test: does it end in test.run()?");
    } else if (counts.total === 0 && counts.skipped === 0) {
      wrong.push("it defines no test");
    } else if (code !== 0 && wrong.length === 0 && counts.passed === counts.total) {
      wrong.push(`its tests passed, but it ended with exit code ${code}`);
    } else if (code === 0 && counts.passed < counts.total) {
      wrong.push("not all of its tests ran: a before or after hook threw (uvu does not say what)");
    }
    done({ file, output, counts: counts ?? { total: 0, passed: 0, skipped: 0 }, wrong });
  });
});

const version = (program, ...args) => {
  const { error, stdout, stderr } = spawnSync(program, args, {
    encoding: "utf8", timeout: 5000, killSignal: "SIGKILL", input: "",
  });
  return error?.code === "ENOENT" || error?.code === "EACCES" ? undefined : `${stdout}${stderr}`.trim().split("\n")[0];
};

const find = (program) => [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"]
  .map((folder) => join(folder, program))
  .find((path) => existsSync(path));

/** Says which programs that some tests need are here, and what is skipped without them. */
const sayPrograms = () => {
  const espruino = process.env["ESPRUINO"] || "espruino-linux";
  const rows = [
    ["espruino", version(espruino, "--help") === undefined ? undefined : espruino,
      "the real interpreter (set ESPRUINO to a Linux build of 2v29)"],
    ["mosquitto", version("mosquitto", "-h"), "the broker Mosquitto (apt-get install mosquitto)"],
    // To ask these two for their version is to start them.
    ["ejabberd", find("ejabberdctl"), "the broker ejabberd (apt-get install ejabberd)"],
    ["rabbitmq", find("rabbitmq-server"), "the broker RabbitMQ (apt-get install rabbitmq-server)"],
    ["lua5.1", version("lua5.1", "-v"), "Lua 5.1 (apt-get install lua5.1)"],
    ["lua5.3", version("lua5.3", "-v"), "Lua 5.3 (apt-get install lua5.3)"],
    ["chromium", process.env["CHROMIUM"] || find("chromium") || find("chromium-browser") || find("google-chrome"),
      "a browser (apt-get install chromium, or CHROMIUM, its path)"],
    ["socat", find("socat"), "pseudo-terminals (apt-get install socat)"],
  ];
  console.log("Programs that some tests need:");
  for (const [name, found, without] of rows) {
    console.log(`  ${name.padEnd(10)} ${found === undefined ? `not here: skips what needs ${without}` : `here (${found})`}`);
  }
  console.log("");
};

const findTests = (patterns) => {
  const named = patterns.filter((p) => p.endsWith(".ts") && existsSync(`${ROOT}${p}`));
  const found = readdirSync(`${ROOT}test`, { recursive: true })
    .map((name) => `test/${String(name).replaceAll("\\", "/")}`)
    .filter((name) => name.endsWith(".test.ts") && (patterns.length === 0 || patterns.some((p) => name.includes(p))));
  return [...new Set([...named, ...found])].sort();
};

/** Compiles all that tests may load, so that none of their processes has to start a compiler for it. */
const compileAll = async () => {
  const folders = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^\.|^(node_modules|dist)$/.test(entry.name));
  const files = folders.flatMap(({ name }) => readdirSync(`${ROOT}${name}`, { recursive: true })
    .map((file) => join(ROOT, name, String(file))));
  // What is wrong with a file says the test that loads it.
  await Promise.allSettled(files.filter((file) => /(?<!\.d)\.ts$/.test(file)).map(compile));
};

/** What computes longest, in this order: it begins first, so that nothing long runs alone at the end. */
const LONG = [
  "lint/lint", "mqtt/faults", "node/ranges", "node/part-faults", "node/store", "node/node", "mqtt/store/power",
  "lint/chips", "node/filters", "node/links", "mqtt/malformed", "bench/sizes", "bench/nodemcu", "node/same",
  "mqtt/restarts",
];
/**
 * What mostly waits: for time that passes, brokers, browsers, commands that it starts. It runs beside what computes,
 * and before it where both want a core, so that it hears in time what it waits for.
 */
const WAITING = [
  "flash/faults", "simulator/sim-command", "library/interop", "flash/web", "dashboard/page", "library/package", "flash/end-to-end",
  "node/engines", "flash/espruino", "library/docs", "lint/runner",
];
const pathOf = (name) => `test/${name}.test.ts`;
/** How far those that compute step back. */
const STEP_BACK = 5;
const LEAST_PRIORITY = 19;

/** Processes side by side: each takes the next file of its first list that has one. */
const lanesOf = (files) => {
  const long = LONG.map(pathOf).filter((file) => files.includes(file));
  const waiting = WAITING.map(pathOf).filter((file) => files.includes(file));
  const computing = [...long, ...files.filter((file) => !long.includes(file) && !waiting.includes(file))];
  const lane = { stepBack: STEP_BACK, queues: [computing, waiting] };
  const lanes = Array.from({ length: Math.min(2, availableParallelism()) }, () => lane);
  return [{ stepBack: 0, queues: [waiting] }, ...lanes];
};

const main = async (patterns) => {
  const began = Date.now();
  sayPrograms();
  const files = findTests(patterns);
  if (files.length === 0) {
    console.error(`ERROR no test file${patterns.length ? ` holds ${patterns.join(" or ")} in its path` : " in test/"}`);
    process.exit(1);
  }
  const stop = (message) => {
    console.error(`\nERROR ${message}; running: ${[...running.values()].join(", ") || "nothing"}`);
    [...running.keys()].forEach(killGroup);
    process.exit(1);
  };
  process.on("SIGINT", () => stop("interrupted"));
  process.on("SIGTERM", () => stop("terminated"));
  const limit = setTimeout(() => stop(`the tests took more than ${LIMIT_MS / 1000} s`), LIMIT_MS);

  await compileAll();
  const results = [];
  const ends = [];
  const work = async ({ queues, stepBack }) => {
    const next = () => queues.find((queue) => queue.length > 0)?.shift();
    for (let file = next(); file !== undefined; file = next()) {
      const from = Date.now();
      const result = await runApart(`${ROOT}${file}`, stepBack);
      const text = result.output.replace(SUMMARY, "").trimEnd();
      console.log(text.replace(COLOURS, "").startsWith(file) ? text : `${file}\n${text}`);
      result.wrong.forEach((what) => console.log(`  FAIL  ${file}: ${what}`));
      console.log("");
      results.push({ ...result, file, ms: Date.now() - from });
    }
    ends.push(Date.now());
  };
  await Promise.all(lanesOf(files).map(work));
  clearTimeout(limit);

  const sum = (key) => results.reduce((n, r) => n + r.counts[key], 0);
  const broken = results.filter((r) => r.wrong.length > 0);
  const bad = results.filter((r) => r.wrong.length > 0 || r.counts.passed < r.counts.total).map((r) => r.file).sort();
  // A file that is wrong without a test that failed counts as one failure.
  const silent = broken.filter((r) => r.counts.passed === r.counts.total).length;
  const failed = sum("total") - sum("passed") + silent;
  const slow = results.filter((r) => r.ms > SLOW_MS).sort((a, b) => b.ms - a.ms);
  if (slow.length > 0) {
    console.log(`Slow: ${slow.map((r) => `${r.file} ${Math.round(r.ms / 1000)} s`).join(", ")}\n`);
  }
  const [alone, last] = ends.slice(-2);
  if (last - alone > SLOW_MS / 3 && files.length > ends.length) {
    console.log(`Alone at the end: ${results.at(-1).file} for ${Math.round((last - alone) / 1000)} s\n`);
  }
  if (bad.length > 0) console.log(`Failed: ${bad.join(", ")}\nRun one alone: npm test ${bad[0]}\n`);
  console.log(`  Total:     ${sum("total") + silent}`);
  console.log(`  Passed:    ${sum("passed")}`);
  console.log(`  Skipped:   ${sum("skipped")}`);
  console.log(`  Duration:  ${Date.now() - began}ms\n`);
  console.log(`${sum("passed")} passed, ${failed} failed, ${sum("skipped")} skipped`);
  process.exitCode = failed > 0 ? 1 : 0;
};

if (process.argv[2] === "--one") {
  await runFile(process.argv[3]);
} else {
  await main(process.argv.slice(2));
}
