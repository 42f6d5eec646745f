import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { embeddedBroker } from "../../simulator/broker.ts";
import { realClock } from "../../simulator/clock.ts";
import { findEspruino } from "../../simulator/engines/espruino.ts";
import { sim as command, type SimOptions } from "../../tools/sim.ts";

const BIN = join(import.meta.dirname, "../../bin/motelet.js");
const BOARD = join(import.meta.dirname, "../../boards/greenhouse.json");

interface Run { status: number | null; stdout: string; stderr: string }

/** Runs `motelet sim` in a folder of its own; `onOutput` may stop it by a signal. */
async function sim(
  args: string[], onOutput?: (text: string, stop: (signal: NodeJS.Signals) => void) => void,
): Promise<Run> {
  const cwd = await mkdtemp(join(tmpdir(), "motelet-test-"));
  const child = spawn(process.execPath, [BIN, "sim", BOARD, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const limit = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const run: Run = { status: null, stdout: "", stderr: "" };
  child.stdout.on("data", (data: Buffer) => {
    run.stdout += data.toString();
    onOutput?.(run.stdout, (signal) => child.kill(signal));
  });
  child.stderr.on("data", (data: Buffer) => (run.stderr += data.toString()));
  run.status = await new Promise((done) => child.on("close", done));
  clearTimeout(limit);
  await rm(cwd, { recursive: true });
  return run;
}

const jsonLines = (text: string): { type: string; [key: string]: unknown }[] =>
  text.trim().split("\n").map((line) => JSON.parse(line));

test("sim shows what it built, the broker, the readings and what to try next", async () => {
  const { status, stdout, stderr } = await sim(["--for", "20s", "--speed", "20"]);
  assert.is(stderr, "");
  assert.match(stdout, /^greenhouse {2}\d+ bytes in .*firmware\.js, on the engine v8\nbroker {2}mqtt:\/\/127\.0\.0\.1:\d+/);
  assert.match(stdout, /mosquitto_sub -h 127\.0\.0\.1 -p \d+ -u greenhouse -P simulated-mqtt_password -v -t 'greenhouse\/#'/);
  assert.match(stdout, /MQTT connected/);
  assert.match(stdout,
    /greenhouse\/air {2}temperature \d+\.\d\d °C {2}humidity \d+\.\d\d % {2}pressure \d+\.\d\d hPa {2}QoS 1\n.*next: npx motelet sim/);
  assert.match(stdout, /\n1 reading in 20 s of simulated time\. Try: npx motelet sim .*--set air\.temperature=30\n$/);
  assert.is(status, 0);
});

test("sim --json prints an object a line, each with type and time, the last one the end", async () => {
  const { status, stdout } = await sim(["--for", "5s", "--speed", "10", "--json", "--set", "air.temperature=30", "--web-port", "0"]);
  const events = jsonLines(stdout);
  assert.ok(events.every((event) => typeof event.type === "string" && typeof event["t"] === "number"));
  assert.is(events[0]?.type, "build");
  assert.match(String(events.find(({ type }) => type === "dashboard")!["url"]), /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{16}\/$/);
  const reading = events.find((event) => event.type === "message" && event["topic"] === "greenhouse/air")!;
  assert.ok(Math.abs(JSON.parse(reading["payload"] as string).temperature - 30) < 0.1);
  assert.equal({ ...events.at(-1), t: 0 }, { t: 0, type: "end", reason: "time is over", readings: 1 });
  assert.is(status, 0);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} ends sim cleanly with exit code 0`, async () => {
    const { status, stdout } = await sim([], (text, stop) => {
      if (text.includes("greenhouse/air")) stop(signal);
    });
    assert.is(status, 0);
    assert.match(stdout, /1 reading in \d+ s of simulated time/);
  });
}

if (findEspruino() === undefined) {
  console.log("SKIP: no Espruino interpreter (set ESPRUINO): sim is not tried with it");
} else {
  test("Ctrl-C leaves no interpreter behind", async () => {
    const { status, stdout } = await sim(["--engine", "espruino"], (text, stop) => {
      if (text.includes("greenhouse/air")) stop("SIGINT");
    });
    assert.is(status, 0);
    assert.match(stdout, /1 reading in/);
  });

  test("killing sim outright takes its interpreter along", async () => {
    const marker = `motelet-kill-${process.pid}`;
    const cwd = await mkdtemp(join(tmpdir(), `${marker}-`));
    const child = spawn(process.execPath, [BIN, "sim", BOARD, "--engine", "espruino"],
      { cwd, stdio: ["ignore", "pipe", "ignore"], env: { ...process.env, TMPDIR: cwd } });
    await new Promise<void>((done) => child.stdout.on("data", (data: Buffer) => {
      if (data.includes("MQTT connected")) done();
    }));
    child.kill("SIGKILL");
    const running = (): string => execFileSync("sh", ["-c", `ls -l /proc/[0-9]*/cwd 2>/dev/null | grep ${marker} || true`],
      { encoding: "utf8" });
    for (let i = 0; i < 100 && running() !== ""; i++) await new Promise((done) => setTimeout(done, 50));
    const left = running();
    await rm(cwd, { recursive: true });
    assert.is(left, "");
  });
}

test("a broker by URL gets the readings, and sim shows them as they come back", async () => {
  const clock = realClock();
  const broker = await embeddedBroker({ clock, report: () => {} });
  const { status, stdout } = await sim(["--for", "4s", "--broker", `mqtt://me:s3cret@127.0.0.1:${broker.port}`]);
  const topics = broker.messages.map(({ topic }) => topic);
  await broker.close();
  clock.close();
  assert.is(status, 0);
  assert.match(stdout, new RegExp(`broker {2}mqtt://127\\.0\\.0\\.1:${broker.port}; the node logs in as greenhouse`));
  assert.not.match(stdout, /s3cret/);
  assert.match(stdout, /greenhouse\/air {2}temperature/);
  assert.ok(topics.includes("greenhouse/air"));
});

test("a broker that is not there: the node keeps trying, and the exit code is 1 with the reason", async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  const { status, stdout, stderr } = await sim(["--for", "4s", "--speed", "2", "--broker", `mqtt://127.0.0.1:${port}`]);
  assert.match(stdout, /broker: mqtt:\/\/127\.0\.0\.1:\d+: nothing listens there/);
  assert.match(stdout, /no connection to the broker: refused; the node tries again/);
  assert.match(stderr, /error: no reading arrived in 4 s: .*nothing listens there|no connection to mqtt:.*refused/);
  assert.is(status, 1);
});

test("wrong options are plain errors", async () => {
  const rows: [SimOptions, RegExp][] = [
    [{ engine: "v9" }, /^there is no engine "v9": did you mean v8\?/],
    [{ for: 30 }, /^--for takes a time such as 30s or 10m, not "30"/],
    [{ speed: "fast" }, /^--speed takes a number from 0\.01 to 1000, not "fast"/],
    [{ "web-port": "web" }, /^--web-port takes a port, 0 to 65535, not "web"/],
    [{ seed: "x" }, /^--seed takes a whole number, not "x"/],
    [{ set: ["air.temperature"] }, /^--set takes a signal and a number such as air\.temperature=30/],
    [{ broker: "localhost" }, /^"localhost" is not the URL of a broker/],
    [{ broker: "mqtts://localhost" }, /speaks plain TCP, not mqtts:/],
  ];
  for (const [options, message] of rows) {
    try {
      await command(BOARD, options);
      assert.unreachable(JSON.stringify(options));
    } catch (error) {
      assert.match((error as Error).message, message);
    }
  }
  const { status, stderr } = await sim(["--set", "air.temp=30"]);
  assert.match(stderr, /there is no signal "air\.temp": use one of air\.temperature/);
  assert.not.match(stderr, /\n\s+at /);
  assert.is(status, 1);
});

test.run();
