import { test } from "uvu";
import * as assert from "uvu/assert";
import { createLuaEngine } from "../../simulator/engines/lua.ts";
import type { LuaVersion } from "../../simulator/engines/lua/vm.ts";
import { createBench, type Bench } from "./bench.ts";
import { luaScript } from "./lua-script.ts";

const VERSIONS: LuaVersion[] = ["5.1", "5.3"];

interface Run { version?: LuaVersion; chip?: string; modules?: string[]; heapBytes?: number }

/** Runs a script as init.lua on a virtual clock. */
async function start(script: string, { chip = "ESP32", version = "5.1", ...more }: Run = {}): Promise<Bench> {
  const bench = createBench((options) => createLuaEngine(options, { version, ...more }), { virtual: true, chip });
  await bench.engine.start(Buffer.from(script, "latin1"));
  return bench;
}

async function linesOf(script: string, ms: number, run: Run = {}): Promise<string[]> {
  const bench = await start(script, run);
  await bench.pass(ms);
  await bench.close();
  return bench.lines;
}

const COMMON = (digital: string): string => `i2c: 208,209,210
i2c written: 1,2,65,66,255,0
all bytes: true
nack: nil false
nack: nil false
reset: 1 0
search: true nil 226
select: true
read: 190
files: true false 9 true false
removed: false
rtc: 0 nil 7 -1
overrun: false bad argument #1 to '?' (RTC mem would overrun)
base64: AP9h true false Invalid base64 string
bits: -1 3840 7 6 16 -4 1073741824 true 5
heap: true true
absent: nil nil nil nil${digital}`;

const EXPECTED = {
  ESP32: `analog: 1024
digital: 1
file: true nil absent.txt: No such file or directory 2
io: one two 3  nil
closed: false attempt to use a closed file
uptime: 0 0
sha1: a9993e364706816aba3e25717850c26c9cd0d89d
tls: nil
${COMMON("")}`,
  ESP8266: `setup: false i2c SDA on D0 is not supported
analog: 0
digital: 1 0
file: nil
read: one
 tw o
 3 nil
closed: false open a file first
now: 0 0
sha1: a9993e364706816aba3e25717850c26c9cd0d89d
mask: true true
tls: function
${COMMON("")}`,
};

for (const chip of ["ESP32", "ESP8266"] as const) {
  for (const version of VERSIONS) {
    test(`Lua ${version} on ${chip} offers what a node uses`, async () => {
      const bench = await start(luaScript(chip), { chip, version });
      await bench.close();
      assert.equal(bench.lines, EXPECTED[chip].split("\n"));
      assert.equal(bench.warnings, []);
    });
  }
}

for (const version of VERSIONS) {
  test(`Lua ${version}: timers run once, again and again, or when started, and stop`, async () => {
    const lines = await linesOf(`
      local order = ""
      local function add(text) return function() order = order .. text end end
      tmr.create():alarm(200, tmr.ALARM_SINGLE, add("s"))
      local auto = tmr.create()
      auto:alarm(100, tmr.ALARM_AUTO, add("a"))
      local semi = tmr.create()
      semi:register(50, tmr.ALARM_SEMI, add("m"))
      print(semi:start(), semi:start(), semi:state())
      tmr.create():alarm(350, tmr.ALARM_SINGLE, function(t)
        print(order, auto:stop(), auto:stop(), semi:start(), t:state())
        semi:unregister()
        print(pcall(semi.start, semi))
        tmr.create():alarm(6870947, tmr.ALARM_SINGLE, function() print("late", order) end)
      end)
      print(pcall(function() auto:interval(6870948) end))
      print(pcall(function() auto:alarm(6870948, 0, print) end))
      print(pcall(function() auto:alarm(10, 9, print) end))
      print(pcall(function() auto.alarm() end))
      print(pcall(function() tmr.create():alarm("x") end))
    `, 7_000_000, { version, chip: "ESP32" });
    assert.equal(lines, [
      "true\tfalse\ttrue\t2",
      "false\tinit.lua:16: bad argument #1 to 'interval' (Range: 1-6870947)",
      "false\tinit.lua:17: bad argument #1 to 'alarm' (Range: 1-6870947)",
      "false\tinit.lua:18: bad argument #2 to 'alarm' (Invalid mode)",
      "false\tinit.lua:19: bad argument #1 to 'alarm' (tmr.timer expected, got no value)",
      "false\tinit.lua:20: bad argument #1 to 'alarm' (number expected, got string)",
      "masaa\ttrue\tfalse\ttrue\tnil", "false\ttimer not registered", "late\tmasaa",
    ]);
  });

  test(`Lua ${version}: an uncaught error prints its traceback, and 2 s later the chip restarts`, async () => {
    const bench = await start(`
      print(node.bootreason())
      local function deep() error("broken") end
      tmr.create():alarm(1000, tmr.ALARM_SINGLE, function() deep() end)
      tmr.create():alarm(2500, tmr.ALARM_SINGLE, function() print("still there") end)`, { version });
    await bench.pass(3100);
    assert.equal(bench.lines.slice(0, 3), ["1\t8", "init.lua:3: broken", "stack traceback:"]);
    assert.match(bench.lines.join("\n"), /init\.lua:3: in .*\n\tinit\.lua:4: in /);
    assert.equal(bench.lines.slice(-2), ["still there", "2\t19\t1"]);
    assert.not.match(bench.lines.join("\n"), /\[string/);
    await bench.close();
    assert.equal(bench.resets, ["panic"]);
  });
}

test("an error in a socket's callback on the ESP8266 is a panic at once; node.setonerror hears of the others", async () => {
  const bench = await start(`node.setonerror(function(text) print("heard", (text:gsub("\\n.*", ""))) end)
    tmr.create():alarm(100, tmr.ALARM_SINGLE, function() error("caught") end)
    tmr.create():alarm(200, tmr.ALARM_SINGLE, function()
      net.createConnection():on("bad", print)
    end)
    tmr.create():alarm(5000, tmr.ALARM_SINGLE, function()
      local s = net.createConnection()
      s:on("dns", function() error("in dns") end)
      s:connect(1883, "nowhere.example")
    end)`, { chip: "ESP8266" });
  await bench.pass(4000);
  assert.equal(bench.lines, ["heard\tinit.lua:2: caught", "heard\tinit.lua:4: invalid callback name"]);
  await bench.pass(1002);
  assert.equal(bench.lines.slice(2, 4), ["PANIC: unprotected error in call to Lua API:", "init.lua:8: in dns"]);
  await bench.close();
  assert.equal(bench.resets, ["panic"]);
});

test("an error in init.lua is printed, and the chip waits", async () => {
  const bench = await start("tmr.create():alarm(10, 0, function() print('alive') end)\nlocal x = nil + 1");
  await bench.pass(100);
  await bench.close();
  assert.match(bench.lines[0]!, /^init.lua:2: attempt to perform arithmetic/);
  assert.is(bench.lines.at(-1), "alive");
  assert.equal(bench.resets, []);
});

test("the watchdog's look at a busy program takes no answer away from it", async () => {
  const bench = await start(`local wrong = 0
    for i = 1, 100000 do if file.exists("init.lua") ~= true then wrong = wrong + 1 end end
    print("wrong", wrong)`);
  await bench.close();
  assert.equal(bench.lines, ["wrong\t0"]);
});

test("a callback that never ends is reset by the watchdog, even where it catches errors", async () => {
  for (const version of VERSIONS) {
    const bench = await start(`print("boot")
      tmr.create():alarm(50, 0, function() while true do pcall(function() local x = 1 end) end end)`, { version });
    await bench.pass(60);
    await bench.close();
    assert.equal(bench.lines, ["boot", "boot"]);
    assert.equal(bench.resets, ["watchdog"]);
  }
});

test("nothing of the program runs after node.restart and node.dsleep; files and RTC memory are kept", async () => {
  const bench = await start(`local n = rtcmem.read32(0) + 1
    rtcmem.write32(0, n)
    file.rename("boots" .. n - 1, "boots" .. n)
    print(n, file.exists("boots" .. n), node.bootreason())
    if n == 1 then io.open("boots1", "w"):close() end
    tmr.create():alarm(100, 0, function()
      if n == 1 then pcall(node.restart) else node.dsleep({ secs = 60 }) end
      print("never")
    end)`, { chip: "ESP32" });
  await bench.pass(61_000);
  assert.equal(bench.lines, ["1\tfalse\t1\t8", "2\ttrue\t2\t19\t0", "3\ttrue\t3\t12"]);
  await bench.engine.stop();
  await bench.engine.start(Buffer.from("print(rtcmem.read32(0), file.exists('boots3'))"));
  await bench.close();
  assert.is(bench.lines.at(-1), "0\ttrue");
});

test("sntp.sync tells of an unknown name, of servers that are silent, and of the time; one at a time", async () => {
  const bench = await start(`local function failed(...) print("failed", ...) end
    local function done(s, us, server, info) print("done", s, us, server, info.offset_s > 0, info.stratum) end
    print(rtctime.get())
    sntp.sync("pool.ntp.org", done, failed)
    print(pcall(sntp.sync))
    tmr.create():alarm(1000, tmr.ALARM_SINGLE, function() sntp.sync({ "10.0.0.1", "10.0.0.2" }, done, failed) end)
    tmr.create():alarm(20000, tmr.ALARM_SINGLE, function() sntp.sync({ "nowhere", "10.0.0.1" }, done, failed) end)
    tmr.create():alarm(30000, tmr.ALARM_SINGLE, function()
      print(rtctime.get())
      if rtcmem.read32(20) == 0 then
        rtcmem.write32(20, 1)
        node.dsleep(1000000)
      end
    end)`, { chip: "ESP8266" });
  await bench.pass(15_000);
  bench.network.setStation(true);
  await bench.pass(30_000);
  await bench.close();
  assert.equal(bench.lines, [
    "0\t0\t0", "false\tsync in progress", "failed\t1\tpool.ntp.org", "failed\t4\tnil",
    "done\t1767225620\t10000\t192.168.4.1\ttrue\t2", "1767225630\t0\t0",
    // node.dsleep loses the time, and the memory of the RTC is what it was.
    "0\t0\t0", "false\tsync in progress", "failed\t1\tpool.ntp.org", "failed\t4\tnil",
  ]);
});

test("a power failure in the middle of a write leaves a part of it, and the chip is off", async () => {
  const bench = await start(`io.open("a", "w"):write("old text"):close()
    tmr.create():alarm(10, tmr.ALARM_AUTO, function()
      local f = io.open("a", "r+")
      f:write("NEW TEXT")
      print("written")
    end)`);
  bench.flash.failAfter(5);
  await bench.pass(100);
  assert.equal(bench.lines, []);
  await bench.engine.start(Buffer.from("print(io.open('a'):read('*a'))"));
  await bench.close();
  assert.equal(bench.lines, ["NEW Text"]);
});

test("the heap is what the program holds, and what exceeds it restarts the chip", async () => {
  for (const version of VERSIONS) {
    const bench = await start("kept = string.rep('x', 10000)", { version, heapBytes: 20_000 });
    const { usage, total } = await bench.engine.memory();
    assert.ok(usage! > 10_000 && usage! < 11_500, `${usage} bytes`);
    assert.is(total, 20_000);
    await bench.engine.start(Buffer.from(`local all = {}
      tmr.create():alarm(10, tmr.ALARM_AUTO, function() all[#all + 1] = string.rep(tostring(#all), 500) end)`));
    await bench.pass(1000);
    await bench.close();
    assert.is(bench.resets[0], "panic");
    assert.match(bench.lines.join("\n"), /not enough memory/);
  }
});

test("code in flash takes no heap", async () => {
  const code = Array.from({ length: 300 }, (_, i) => `function f${i % 3}(x) return x .. "text ${i}" end`).join("\n");
  const usage = async (init: string): Promise<number> => {
    const bench = createBench((options) => createLuaEngine(options, { version: "5.1", flashed: ["code.lua"] }), { virtual: true });
    await bench.engine.start({ "init.lua": Buffer.from(init), "code.lua": Buffer.from(code) });
    const memory = await bench.engine.memory();
    await bench.close();
    assert.equal(bench.lines, ["1text 297"]);
    return memory.usage!;
  };
  const there = await usage("kept = node.LFS.get('code') kept() print(f0(1)) print = nil");
  const here = await usage("kept = loadfile('code.lua') kept() print(f0(1)) print = nil");
  assert.ok(there < 1500, `${there} bytes`);
  assert.ok(here > 20_000, `${here} bytes`);
});

test("a file's name has 31 bytes at most, and a read gives 1024 where nothing is asked for", async () => {
  const lines = await linesOf(`
    local name = ("n"):rep(31)
    local f = file.open(name, "w")
    print(f:write(("x"):rep(1500)))
    f:close()
    f = file.open(name, "r")
    print(#f:read(), #f:read(), f:read())
    f:close()
    print(pcall(file.open, name .. "n", "w"))
    print(file.exists(name))
  `, 100, { version: "5.1", chip: "ESP8266" });
  assert.equal(lines.slice(0, 2), ["true", "1024\t476\tnil"]);
  assert.match(lines[2]!, /^false\t.*filename invalid/);
  assert.is(lines[3], "true");
});

test("a build without a module has no such global", async () => {
  assert.equal(await linesOf("print(tmr, wifi, net, bit, tmr and tmr.create ~= nil)", 1, { modules: ["tmr", "node"] }).then(
    (lines) => lines.map((line) => line.replace(/0x\w+/, ""))), ["table: \tnil\tnil\tnil\ttrue"]);
});

test("Lua 5.1 has as much of math as NodeMCU's, and 5.3 the integers of a 64-bit build", async () => {
  assert.equal(await linesOf("print(math.fmod, math.floor(2.5), math.sin, utf8, string.pack)", 1),
    ["nil\t2\tnil\tnil\tnil"]);
  assert.equal(await linesOf("print(math.type(7 // 2), 1 << 40, utf8 ~= nil)", 1, { version: "5.3" }),
    ["integer\t1099511627776\ttrue"]);
});

test("a line of a traceback is shown with the line of its TypeScript where the build gives a map", async () => {
  const bench = createBench((options) => createLuaEngine(options, { version: "5.3" }), { virtual: true });
  // Line 2 of firmware.lua is line 41 of lib/mqtt/client.ts.
  const map = { version: 3, sources: ["../../lib/mqtt/client.ts"], names: [], mappings: ";AAwCA" };
  await bench.engine.start({
    "init.lua": Buffer.from("dofile('firmware.lua')"), "firmware.lua": Buffer.from("local x = nil\nx.y = 1"),
    "firmware.lua.map": Buffer.from(JSON.stringify(map)),
  });
  await bench.close();
  assert.match(bench.lines[0]!, /^firmware\.lua:2 \(lib\/mqtt\/client\.ts:41\): attempt to index/);
});

test("a pin that is triggered calls back with its level", async () => {
  for (const chip of ["ESP32", "ESP8266"]) {
    const bench = await start(chip === "ESP32"
      ? "gpio.config({ gpio = 14, dir = gpio.IN }) gpio.trig(14, gpio.INTR_UP_DOWN, function(pin, level) print(pin, level) end)"
      : "gpio.mode(5, gpio.INT) gpio.trig(5, 'both', function(level, when, count) print(5, level, when > 0, count) end)", { chip });
    for (const level of [1, 0]) {
      bench.machine.pins.set("D14", level);
      await bench.pass(50);
    }
    await bench.close();
    assert.equal(bench.lines, chip === "ESP32" ? ["14\t1", "14\t0"] : ["5\t1\ttrue\t1", "5\t0\ttrue\t1"]);
  }
});

test("a timer of less than a tick is refused by FreeRTOS, and a longer one counts ticks", async () => {
  const bench = await start(`tmr.create():alarm(25, 0, function() print("tick", node.uptime())
    tmr.create():alarm(9, 0, function() print("never") end) end)`);
  await bench.pass(20);
  assert.equal(bench.lines, ["tick\t20000\t0"]);
  await bench.close();
  assert.equal(bench.resets, ["assertion"]);
  assert.match(bench.warnings[0]!, /9 ms are less than a tick/);
});

test.run();
