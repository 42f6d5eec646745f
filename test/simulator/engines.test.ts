import { test } from "uvu";
import * as assert from "uvu/assert";
import { createV8Engine } from "../../simulator/engines/v8.ts";
import { createEspruinoEngine, findEspruino } from "../../simulator/engines/espruino.ts";
import { createBench, runScript, tcpServer } from "./bench.ts";
import { script } from "./engine-script.ts";

const interpreter = findEspruino();
if (interpreter === undefined) console.log("SKIP: no Espruino interpreter (set ESPRUINO): the comparison runs on v8 alone");

const EXPECTED = `boot: true
init: 1
i2c: 208,209,210
i2c written: 1,2,65,66,255,0
all bytes: 256
nack: jshI2CWrite: slave doesn't ACK the transfer
nack: jshI2CRead: slave doesn't ACK the transfer
soft: true
reset: true
other pin: false
search: 28ff4a1c9316035d
select: 85,40,255,74,28,147,22,3,93
read: 190 2
bad rom: Invalid OneWire device address "12"
analog: 0.25
analog of nothing: NaN
digital: 1 true 2
pin: 0 D5
crc: 3421780262
bytes: 4 121
char: A
round: -3 3
storage: hello abcde 8 el
erased: true
json: 1
page: 3215360 4096 undefined 3211264 8192
flash: 256 true
cleared: 12,253,254,255,255,255,255,255
erased: 120,255,255,255 255,255,255,255
no data: Data is not defined
clear: clearTimeout(undefined) not allowed. Use clearTimeout() instead
promise: 1
catch: caught
Uncaught Error: in a timer
timers: baiii
without wifi: true
wifi: associated
joined: null 192.168.4.2 connected true
wifi: connected 192.168.4.2
dns: Unable to locate host
refused: Unable to create socket
socket: function
write: false
echo: true true
events: connect drain end close false
closed: This socket is closed
done`.split("\n");

/** Without stack traces and what the C library says of a failed connect. */
const comparable = (lines: string[]): string[] =>
  lines.filter((line) => !/^\s+at |^\s*\^|^ERROR: |^\s*$/.test(line));

const echo = () => tcpServer((socket) => socket.pipe(socket));

test("the engine v8 offers the API that a node uses", async () => {
  const server = await echo();
  const bench = createBench(createV8Engine);
  bench.network.route("broker", server.port, server.endpoint);
  await bench.engine.start(Buffer.from(script(server.port)));
  await bench.line("done");
  await bench.close();
  await server.close();
  assert.equal(comparable(bench.lines), EXPECTED);
});

if (interpreter !== undefined) {
  test("the real interpreter prints the same lines", async () => {
    const server = await echo();
    const bench = createBench(createEspruinoEngine);
    bench.network.route("broker", server.port, server.endpoint);
    await bench.engine.start(Buffer.from(script(server.port)));
    await bench.line("done");
    await bench.close();
    await server.close();
    assert.equal(comparable(bench.lines), EXPECTED);
  });
}

/** Runs a script for some simulated time on a virtual clock. */
async function consoleOf(code: string, ms: number): Promise<string[]> {
  const bench = await runScript(createV8Engine, code, { virtual: true });
  await bench.pass(ms);
  await bench.close();
  assert.equal(bench.warnings, []);
  return bench.lines;
}

test("what Espruino lacks is missing, and nothing of Node is there", async () => {
  const absent = ["Map", "Set", "WeakMap", "Symbol", "Proxy", "Reflect", "BigInt", "Buffer", "setImmediate", "queueMicrotask",
    "structuredClone", "URL", "TextDecoder", "WebAssembly", "SharedArrayBuffer", "escape", "RangeError", "Intl", "module",
    "Array.from", "Array.of", "[].at", "[].flat", "[].flatMap", "[].findLast", "[].lastIndexOf", "[].reduceRight",
    "[].keys", "Object.freeze", "''.at", "''.codePointAt", "''.normalize", "''.trimStart", "''.search", "Math.trunc",
    "Math.clz32", "Math.imul", "Math.log10", "Number.isInteger", "(1).toPrecision", "process.exit", "process.on.x",
    "Number.MAX_SAFE_INTEGER", "Promise.race", "new Uint8Array(1).at"];
  const code = absent.map((name) => `print(${JSON.stringify(name)}, typeof ${name});`).join("\n");
  assert.equal(await consoleOf(code, 1), absent.map((name) => `${name} undefined`));
});

test("no host object reaches the firmware through a constructor", async () => {
  const code = `var reach = [print, setTimeout, require("net").connect, require("Wifi").connect, I2C1.readFrom, E.toString, D21.read];
    reach.forEach(function (f) { print(f.constructor("return typeof process.binding + typeof globalThis.Buffer")()); });`;
  assert.equal(new Set(await consoleOf(code, 1)), new Set(["undefinedundefined"]));
});

test("an uncaught error is printed as Espruino does, and the program goes on", async () => {
  const lines = await consoleOf("var n = 0;\nsetInterval(function () {\n  if (++n === 2) throw new TypeError('odd');\n  "
    + "print(n);\n}, 10);", 35);
  assert.equal(lines, ["1", "Uncaught TypeError: odd", "    at .bootcde:3:24", "3"]);
});

test("boot code that fails leaves a chip that runs on", async () => {
  const lines = await consoleOf("setTimeout(function () { print('alive'); }, 5);\nnull.x;", 10);
  assert.match(lines[0]!, /^Uncaught TypeError: Cannot read properties of null/);
  assert.equal(lines.slice(-1), ["alive"]);
});

test("a day of timers passes fast and to the millisecond", async () => {
  const lines = await consoleOf("var n = 0; setInterval(function () { n++; }, 1000);"
    + "setTimeout(function () { print(n, Math.round(getTime())); }, 86400000 - 1);", 86_400_000);
  assert.equal(lines, ["86399 86400"]);
});

test("E.reboot and a deep sleep start the chip again, with its flash and the reason", async () => {
  const bench = await runScript(createV8Engine, `
    var s = require("Storage"), boots = (s.readJSON("n") || 0) + 1;
    s.writeJSON("n", boots);
    print(boots, ESP32.getWakeupCause(), Math.round(getTime()));
    setInterval(function () { print("old life"); }, 900);
    setTimeout(function () { if (boots === 1) E.reboot(); else ESP32.deepSleep(60e6); }, 500);`, { virtual: true });
  await bench.pass(62_000);
  await bench.close();
  assert.equal(bench.lines, ["1 0 0", "2 0 1", "3 4 61"]);
  assert.equal(bench.resets, ["restart", "deep sleep", "deep sleep"]);
});

test("a watchdog that is not kicked resets the chip", async () => {
  const bench = await runScript(createV8Engine, `E.enableWatchdog(2, false); print("boot");
    var kicks = 0, id = setInterval(function () { E.kickWatchdog(); if (++kicks === 3) clearInterval(id); }, 1000);`,
  { virtual: true });
  await bench.pass(4900);
  assert.equal(bench.resets, []);
  await bench.pass(200);
  assert.equal(bench.resets, ["watchdog"]);
  assert.equal(bench.lines, ["boot", "boot"]);
  await bench.close();
});

test("after a power cut no code runs and nothing is sent", async () => {
  const bench = await runScript(createV8Engine, "setInterval(function () { print('tick'); }, 100);", { virtual: true });
  await bench.pass(350);
  await bench.engine.stop();
  await bench.pass(1000);
  assert.equal(bench.lines, ["tick", "tick", "tick"]);
  await bench.engine.start(Buffer.from("print('on again');"));
  await bench.pass(10);
  assert.is(bench.lines.length, 4);
  await bench.close();
});

test("lost Wi-Fi is told after the beacons were missed and two more scans, and rejoined on demand", async () => {
  const bench = await runScript(createV8Engine, `var w = require("Wifi");
    ["associated", "connected", "disconnected"].forEach(function (e) {
      w.on(e, function (d) { print(Math.round(getTime() * 10) / 10, e, d.msg || ""); });
    });
    w.connect("home", {}, function () {});
    setTimeout(function () { w.connect("home", {}, function (e) { print("answer", e); }); }, 30000);`, { virtual: true });
  await bench.pass(10_000);
  bench.network.setWifi(false);
  await bench.pass(40_000);
  bench.network.setWifi(true);
  await bench.close();
  assert.equal(bench.lines, ["0.3 associated ", "0.5 connected ", "20.8 disconnected NO_AP_FOUND",
    "37.2 disconnected NO_AP_FOUND", "answer NO_AP_FOUND"]);
});

test("Espruino that is missing is a plain error", () => {
  const before = process.env["ESPRUINO"];
  process.env["ESPRUINO"] = "/nowhere/espruino";
  try {
    assert.throws(() => createBench(createEspruinoEngine), /ESPRUINO names \/nowhere\/espruino, which is not a program: set/);
  } finally {
    if (before === undefined) delete process.env["ESPRUINO"];
    else process.env["ESPRUINO"] = before;
  }
});

if (interpreter !== undefined) {
  test("the real interpreter restarts with its flash, is measured, and ends for good", async () => {
    const bench = await runScript(createEspruinoEngine, `
      var s = require("Storage"), boots = (s.readJSON("n", true) || 0) + 1;
      s.writeJSON("n", boots);
      print("boot", boots, ESP32.getWakeupCause());
      if (boots === 1) setTimeout(E.reboot, 50);
      if (boots === 2) setTimeout(function () { ESP32.deepSleep(100000); }, 50);`);
    await bench.line("boot 3 4");
    const memory = await bench.engine.memory();
    await bench.engine.stop();
    await bench.engine.start(Buffer.from("print('again', require('Storage').readJSON('n'))"));
    await bench.line("again 3");
    await bench.close();
    assert.ok(memory.usage! > 20 && memory.usage! < 3000, `${memory.usage} variables`);
    assert.equal(bench.resets, ["restart", "deep sleep"]);
  });

  test("a program that hangs on the real interpreter is reset by its watchdog", async () => {
    const bench = await runScript(createEspruinoEngine,
      "print('boot'); E.enableWatchdog(1); setTimeout(function () { while (1); }, 50);");
    await bench.line("boot");
    for (let i = 0; i < 400 && bench.resets.length === 0; i++) await bench.pass(25);
    await bench.close();
    assert.is(bench.resets[0], "watchdog");
  });

  test("speed scales the timers of the real interpreter", async () => {
    const bench = await runScript((options) => createEspruinoEngine({ ...options, speed: 20 }), `var t = getTime();
      setTimeout(function (a) { print(a, Math.round((getTime() - t) / 5)); }, 5000, "five");`, { speed: 20 });
    await bench.line("five 1");
    await bench.close();
    assert.equal(bench.lines, ["five 1"]);
  });
}

test.run();
