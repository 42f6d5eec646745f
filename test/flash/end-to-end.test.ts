/** `motelet flash` against simulated boards at a port: by TCP, and by a pseudo-terminal on the real interpreter. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { openConsole, type ConsolePort } from "../../simulator/console.ts";
import { findEspruino } from "../../simulator/engines/espruino.ts";
import { simulate, type Simulation, type SimulateOptions } from "../../simulator/simulator.ts";
import { root } from "../../tools/build/root.ts";
import { flash, type FlashCommandOptions } from "../../tools/flash/command.ts";
import { SIMULATED_LUAC } from "../../tools/flash/lfs.ts";
import { programOf, type Program } from "../../tools/flash/program.ts";

const BIN = join(root, "bin/motelet.js");
const SECRETS = { WIFI_SSID: "attic", WIFI_PASSWORD: "correct horse", MQTT_PASSWORD: "battery staple" };
Object.assign(process.env, SECRETS);

const folder = mkdtempSync(join(tmpdir(), "motelet-flash-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const boardFile = join(folder, "board.json");
const write = (changes: object = {}): void => writeFileSync(boardFile, JSON.stringify({
  extends: join(root, "boards/greenhouse.json"), flash: { limits: { settle: "300ms" } }, ...changes,
}));
write();
const out = join(folder, "dist");
/** What is built once is flashed from its folder. */
const built = join(out, "greenhouse");
const config = join(folder, "flash.config.json");
const shipped = JSON.parse(readFileSync(join(root, "flash.config.json"), "utf8")) as Record<string, object>;
writeFileSync(config, JSON.stringify({
  "esp32-devkit": { ...shipped["esp32-devkit"], limits: { settle: "300ms" } },
  "esp8266-nodemcu": { ...shipped["esp8266-nodemcu"], limits: { settle: "300ms" } },
}));

let known: Program | undefined;
async function greenhouse(): Promise<Program> {
  if (known !== undefined) return known;
  const { program, problems } = await programOf(boardFile, out);
  if (program === undefined) throw new Error(JSON.stringify(problems));
  known = program;
  return known;
}

interface Board { simulation: Simulation; port: ConsolePort; close(): Promise<void> }

/** An empty board at a port. */
async function board(
  where: string, options: Partial<SimulateOptions> = {}, built?: Program["manifest"],
): Promise<Board> {
  const manifest = built ?? (await greenhouse()).manifest;
  const parts: { simulation?: Simulation } = {};
  const port = await openConsole(where, (bytes) => parts.simulation?.type(bytes));
  const { write: onTransmit } = port;
  const simulation = parts.simulation = await simulate({
    manifest, onTransmit, wifi: { ssid: SECRETS.WIFI_SSID, password: SECRETS.WIFI_PASSWORD },
    credentials: { username: "greenhouse", password: SECRETS.MQTT_PASSWORD }, ...options,
  });
  return {
    simulation, port,
    async close() {
      await simulation.close();
      await port.close();
    },
  };
}

/** What the command printed, and its exit code. */
async function run(
  files: string[], options: FlashCommandOptions,
): Promise<{ code: number; events: Record<string, unknown>[] }> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => void lines.push(line);
  try {
    const code = await flash(files, { out, config, json: true, ...options });
    return { code, events: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
  } finally {
    console.log = log;
  }
}

test("a flashed board publishes, and a second flash keeps the first as the previous one", async () => {
  const { simulation, port, close } = await board("tcp://127.0.0.1:0", { speed: 10 });
  try {
    const first = await run([boardFile], { port: port.name });
    assert.is(first.code, 0);
    const done = first.events.at(-1)!;
    assert.is(done["type"], "done");
    const { manifest } = await greenhouse();
    assert.is(done["crc32"], manifest.crc32);
    assert.is(done["bytes"], manifest.bytes);
    assert.is(done["previous"], false);
    await simulation.until("a reading", () => simulation.messages.some(({ topic }) => topic === "greenhouse/air"), 60_000);
    const dry = await run([built], { port: port.name, "dry-run": true });
    assert.is(dry.events.at(-1)!["file"], "motelet.b");
    assert.is(dry.events.at(-1)!["previous"], true);
    // A folder that `build` has written will do, too.
    const second = await run([built], { port: port.name });
    assert.is(second.code, 0);
    assert.is(second.events.at(-1)!["file"], "motelet.b");
  } finally {
    await close();
  }
});

const hasSocat = spawnSync("socat", ["-V"]).error === undefined;

test("several boards in one call, each on its port; one that fails does not keep the others from theirs", async () => {
  // The second one is at a pseudo-terminal, as at a serial port.
  const [one, two] = await Promise.all(["tcp://127.0.0.1:0", hasSocat ? "pty" : "tcp://127.0.0.1:0"]
    .map((where) => board(where, { speed: 10 }))) as [Board, Board];
  try {
    const { code, events } = await run([built, built, built],
      { port: [one.port.name, "tcp://127.0.0.1:1", two.port.name] });
    assert.is(code, 2);
    assert.equal(events.filter(({ type }) => type !== "progress").map(({ type, code: failure }) => failure ?? type),
      ["done", "tcp-failed", "done"]);
  } finally {
    await one.close();
    await two.close();
  }
});

/** An empty NodeMCU board is flashed with what is built here, and its reading has to arrive. */
async function flashNodemcu(
  name: string, changes: object, options: FlashCommandOptions,
): Promise<Record<string, unknown>[]> {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({
    name, target: "nodemcu", wifi: { ssid: SECRETS.WIFI_SSID, password: SECRETS.WIFI_PASSWORD },
    mqtt: { url: "mqtt://127.0.0.1:1883", username: "greenhouse", password: SECRETS.MQTT_PASSWORD },
    buses: { i2c1: { sda: "D4", scl: "D5" } },
    sensors: [{ driver: "bme280", id: "air", bus: "i2c1", interval: "30s", publish: { qos: 1 } }], ...changes,
  }));
  const { program, problems } = await programOf(file, out);
  if (program === undefined) throw new Error(JSON.stringify(problems));
  const { simulation, port, close } = await board("tcp://127.0.0.1:0", { speed: 10 }, program.manifest);
  try {
    const { code, events } = await run([join(out, name)], { port: port.name, ...options });
    assert.is(code, 0, JSON.stringify(events.at(-1)));
    assert.is(events.at(-1)!["mode"], "slots");
    await simulation.until("a reading", () => simulation.messages.some(({ topic }) => topic === `${name}/air`), 60_000);
    return events;
  } finally {
    await close();
  }
}

test("a NodeMCU board is flashed through its Lua prompt, and publishes", async () => {
  const events = await flashNodemcu("lua", { hardware: "esp32-devkit", nodemcu: { lua: "5.3" } }, {});
  assert.equal(Object.keys(events.at(-1)!["sums"] as object), ["init.lua", "firmware.lua"]);
});

test("an ESP8266 whose program is in the flash store of Lua gets an image, takes it over, and publishes", async () => {
  const events = await flashNodemcu("lfs", { hardware: "esp8266-nodemcu", nodemcu: { lua: "5.1" } }, { luac: SIMULATED_LUAC });
  assert.equal(Object.keys(events.at(-1)!["sums"] as object), ["init.lua", "firmware.img"]);
});

test("a build with simulated secrets is refused, and so is one for LFS, and one that was changed", async () => {
  const { manifest } = await greenhouse();
  const path = join(built, "manifest.json");
  const original = readFileSync(path, "utf8");
  writeFileSync(path, JSON.stringify({ ...manifest, secrets: "simulated" }));
  const refused = await run([built], { port: "tcp://127.0.0.1:1" });
  assert.is(refused.code, 1);
  assert.is(refused.events.at(-1)!["code"], "secrets");
  writeFileSync(path, JSON.stringify({ ...manifest, lua: { flashed: ["firmware.lua"] } }));
  assert.is((await run([built], { port: "tcp://127.0.0.1:1" })).events.at(-1)!["code"], "lfs");
  writeFileSync(path, JSON.stringify({ ...manifest, sha256: "0".repeat(64) }));
  const stale = await run([path], { port: "tcp://127.0.0.1:1" });
  assert.is(stale.events.at(-1)!["code"], "build-stale");
  writeFileSync(path, original);
});

test("the command: what it prints, its exit codes, a board file with mistakes", () => {
  const call = (what: string, ...args: string[]): { status: number | null; text: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, "flash", what, "-o", out, ...args], {
      encoding: "utf8", env: { ...process.env, FORCE_COLOR: "0" },
    });
    return { status, text: stdout + stderr };
  };
  const refused = call(built, "--port", "tcp://127.0.0.1:1");
  assert.is(refused.status, 2);
  assert.match(refused.text, /^greenhouse {2}[\d,]+ bytes for ESP32 DevKitC .* on tcp:\/\/127\.0\.0\.1:1\n/);
  assert.match(refused.text, /error: no connection to tcp:\/\/127\.0\.0\.1:1: .*\n {2}is the board/);
  const wrong = call(built, "--port", "/dev/no-such-port");
  assert.is(wrong.status, 2);
  assert.match(wrong.text, /error: there is no port \/dev\/no-such-port\n {2}there are: /);
  assert.is(call(built, "--baud", "fast").status, 1);
  write({ hardware: "esp32-devkitt" });
  const mistaken = call(boardFile, "--port", "tcp://127.0.0.1:1");
  write();
  assert.is(mistaken.status, 1);
  assert.match(mistaken.text, /there is no hardware "esp32-devkitt"/);
});

test("a Ctrl-C in the middle leaves the board with what it ran before", async () => {
  const { simulation, port, close } = await board("tcp://127.0.0.1:0", { speed: 10 });
  try {
    assert.is((await run([built], { port: port.name })).code, 0);
    const boots = (): number => simulation.events.filter(({ type }) => type === "boot").length;
    const child = spawn(process.execPath, [BIN, "flash", built, "--port", port.name, "--json"],
      { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (data: Buffer) => {
      const was = text;
      text += data.toString();
      if (text.includes("\"bytes\":") && !was.includes("\"bytes\":")) child.kill("SIGINT");
    });
    const code = await new Promise((done) => child.on("close", done));
    assert.is(code, 130);
    const failed = JSON.parse(text.trim().split("\n").at(-1)!) as Record<string, unknown>;
    assert.is(failed["code"], "interrupted");
    assert.is(failed["state"], "previous");
    const before = boots();
    await simulation.until("the node again", () => simulation.messages.filter(({ topic }) =>
      topic === "greenhouse/availability").length >= 2, 60_000);
    assert.ok(before >= 4);
  } finally {
    await close();
  }
});

const interpreter = findEspruino();
if (interpreter === undefined || !hasSocat) {
  console.log("SKIP: the real interpreter at a pseudo-terminal needs ESPRUINO and socat");
} else {
  test("the real interpreter is flashed at a serial port: checksum, boot, and its readings arrive", async () => {
    const { simulation, port, close } = await board("pty", { engine: "espruino" });
    try {
      assert.match(port.name, /^\/dev\//);
      const { code, events } = await run([built], { port: port.name });
      assert.is(code, 0, JSON.stringify(events.at(-1)));
      const done = events.at(-1)!;
      assert.is(done["crc32"], (await greenhouse()).manifest.crc32);
      assert.match((done["chip"] as { version?: string }).version ?? "", /^2v/);
      await simulation.until("a reading", () => simulation.messages.some(({ topic }) => topic === "greenhouse/air"), 60_000);
    } finally {
      await close();
    }
  });
}

test.run();
