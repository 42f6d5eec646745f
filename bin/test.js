#!/usr/bin/env node
// `npm test [pattern...]`: runs the tests whose path holds a pattern, or the files named; all tests without one.
//
// Files run in processes of their own, but for some that share one (test-order.js): modules with state, which a client
// is, would reach the next file. A file fails the run when it throws at import, defines no test, stops before its end,
// leaves something running, or hangs. What uvu prints is passed on; its summary is added up at the end.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, getPriority, setPriority } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { jobsOf } from "./test-order.js";
import { compile } from "./typescript-hooks.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PROCESS = fileURLToPath(new URL("test-process.js", import.meta.url));
const TYPESCRIPT = new URL("typescript.js", import.meta.url).href;
const LIMIT_MS = Number(process.env["TEST_LIMIT_MS"] ?? 30 * 60_000);
/** A file that takes longer is named at the end: the whole run is to stay short. */
const SLOW_MS = Number(process.env["TEST_SLOW_MS"] ?? 15_000);
/** How long a process may take to end by itself once its files are done. */
const LEAVE_MS = Number(process.env["TEST_LEAVE_MS"] ?? 5000);
const SUMMARY = /\n {2}Total:[^]*?Duration:[^\n]*\n/g;
/** As long as others want each core, threads that help to collect garbage cost more than they save. */
const V8 = ["--single-threaded-gc"];
/** Of a file that told nothing. */
const NOTHING = { counts: { total: 0, passed: 0, skipped: 0 }, open: [], ms: 0, cpuSeconds: 0 };
const COLOURS = /\x1b\[[0-9;]*m/g;

/** Commands of the living processes of a group: one that has ended, and that nobody has asked about yet, is none. */
const livingIn = (group) => {
  try {
    process.kill(-group, 0);
  } catch {
    return [];
  }
  if (process.platform !== "linux") return ["a process"];
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      // pid (name) state parent group ...
      const [state, , of] = readFileSync(`/proc/${name}/stat`, "latin1").replace(/^.*\) /s, "").split(" ");
      const command = readFileSync(`/proc/${name}/cmdline`, "latin1").replaceAll("\0", " ").trim();
      return Number(of) === group && !/[ZX]/.test(state) ? [command] : [];
    } catch {
      return [];
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

/** What is wrong with a file whose tests are done, if anything. */
const wrongWith = ({ counts, open }) => {
  if (open.length > 0) {
    return [`its tests are done, but something that they opened keeps it running (${open.join(", ")}): close it in the test`];
  }
  if (counts.suites === 0) return ["it runs no test: does it end in test.run()?"];
  if (counts.total === 0 && counts.skipped === 0) return ["it defines no test"];
  if (counts.code === 0 && counts.passed < counts.total) {
    return ["not all of its tests ran: a before or after hook threw (uvu does not say what)"];
  }
  return [];
};

/**
 * Starts a process for some files; resolves to its output and to what came of each file, in their order. Where the
 * process has stopped early, those that are left are missing.
 */
const runApart = (files, stepBack) => new Promise((done) => {
  let output = "";
  let overdue;
  const results = [];
  const args = [...V8, "--import", TYPESCRIPT, PROCESS, ...files.map((file) => `${ROOT}${file}`)];
  const child = spawn(process.execPath, args, {
    cwd: ROOT, detached: true, stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : {}) },
  });
  const current = () => files[results.length];
  running.set(child.pid, current);
  stepBackBy(child.pid, stepBack);
  child.stdout.on("data", (bytes) => (output += bytes));
  child.stderr.on("data", (bytes) => (output += bytes));
  child.on("message", (message) => {
    results.push({ ...message, file: current(), wrong: wrongWith(message) });
    if (results.length === files.length) overdue = setTimeout(() => killGroup(child.pid), LEAVE_MS);
  });
  child.on("exit", async (code, signal) => {
    clearTimeout(overdue);
    // A program that a test has just killed needs a moment to be gone.
    for (let waited = 0; waited < 1000 && livingIn(child.pid).length > 0; waited += 50) await sleep(50);
    const left = livingIn(child.pid);
    killGroup(child.pid);
    running.delete(child.pid);
    const ending = signal ?? `exit code ${code}`;
    const last = results.at(-1);
    if (results.length < files.length && !(last?.open.length > 0)) {
      results.push({ ...NOTHING, file: current(), wrong: [`it stopped before its tests were done (${ending})`] });
    } else if (left.length > 0 && last.wrong.length === 0) {
      const whose = results.length > 1 ? `it, or another of the ${results.length} files of its process,` : "it";
      last.wrong.push(`${whose} left a process running (${left.join("; ")}): end what the test starts`);
    } else if (code !== 0 && results.every((r) => r.wrong.length === 0 && r.counts.passed === r.counts.total)) {
      last.wrong.push(`its tests passed, but it ended with ${ending}`);
    }
    done({ output, results });
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

/** How far those that compute step back. */
const STEP_BACK = 5;
const LEAST_PRIORITY = 19;

/** Processes side by side: each takes the next job of its first list that has one. */
const lanesOf = (files) => {
  const { computing, waiting } = jobsOf(files);
  const lane = { stepBack: STEP_BACK, queues: [computing, waiting] };
  const lanes = Array.from({ length: Math.min(2, availableParallelism()) }, () => lane);
  return [{ stepBack: 0, queues: [waiting] }, ...lanes];
};

const print = ({ output, results }) => {
  const [{ file }] = results;
  const text = output.replace(SUMMARY, "").trimEnd();
  console.log(text.replace(COLOURS, "").startsWith(file) ? text : `${file}\n${text}`);
  for (const result of results) result.wrong.forEach((what) => console.log(`  FAIL  ${result.file}: ${what}`));
  console.log("");
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
    console.error(`\nERROR ${message}; running: ${[...running.values()].map((current) => current()).join(", ") || "nothing"}`);
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
    for (let job = next(); job !== undefined; job = next()) {
      // What a file stops is run without it.
      for (let left = job; left.length > 0;) {
        const ran = await runApart(left, stepBack);
        print(ran);
        results.push(...ran.results);
        left = left.slice(ran.results.length);
      }
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
  if (process.env["TEST_TIMES"]) {
    const used = [...results].sort((a, b) => b.cpuSeconds - a.cpuSeconds);
    console.log("Seconds of a core, and by the clock:");
    for (const { file, cpuSeconds, ms } of used) {
      console.log(`  ${cpuSeconds.toFixed(2).padStart(7)} ${(ms / 1000).toFixed(1).padStart(6)}  ${file}`);
    }
    console.log(`  ${used.reduce((sum, r) => sum + r.cpuSeconds, 0).toFixed(2).padStart(7)}\n`);
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

await main(process.argv.slice(2));
