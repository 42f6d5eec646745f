/** What is NodeMCU's own: the boot guard, errors caught at the edge, tracebacks in TypeScript, missing modules. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Simulation } from "../../simulator/simulator.ts";
import { root } from "../../tools/build/root.ts";
import { buildGreenhouse, diagnostics, readings, withNode, type Built } from "./board.ts";

const MINUTE = 60_000;
const ESP8266 = { hardware: "esp8266-nodemcu", buses: { i2c1: { sda: "D4", scl: "D5" } } };

/** Both chips, both versions of Lua. */
const BOARDS: [name: string, board: Record<string, unknown>][] = [
  ["ESP8266, Lua 5.1", { target: "nodemcu", nodemcu: { lua: "5.1" }, ...ESP8266 }],
  ["ESP32, Lua 5.3", { target: "nodemcu", nodemcu: { lua: "5.3" } }],
];

type Files = Record<string, Uint8Array>;

/** A build whose firmware.lua is changed. */
const changed = (built: Built, change: (code: string) => string): Built => {
  const files = built.firmware as Files;
  const code = change(Buffer.from(files["firmware.lua"]!).toString("latin1"));
  return { ...built, firmware: { ...files, "firmware.lua": Buffer.from(code, "latin1") } };
};

const consoleOf = ({ events }: Simulation): string[] => events.flatMap((event) => (event.type === "console" ? [event.line] : []));
const bootsOf = ({ events }: Simulation): string[] => events.flatMap((event) => (event.type === "boot" ? [event.reason] : []));

/** The traceback of docs/nodemcu.md. */
const shown = /(?<=## Errors[^]*?```\n)[^`]+/.exec(readFileSync(join(root, "docs/nodemcu.md"), "utf8"))![0].trim();
const unnumbered = (text: string): string => text.replace(/:\d+/g, ":N").replace(/^\s+/gm, "  ");

for (const [name, board] of BOARDS) {
  const greenhouse = await buildGreenhouse(board);
  const has8266 = name.startsWith("ESP8266");

  test(`${name}: an error in a timer is counted, reported, told by the lines of the TypeScript, and the node goes on`, () =>
    withNode(changed(greenhouse, (code) =>
      // In its first line: the others stay where the source map has them.
      `local asked = 0 node.heap = function() asked = asked + 1 if asked < 3 then error("no heap") end return 1000 end ${code}`), {}, async (node) => {
      await node.run(12 * MINUTE);
      assert.equal(bootsOf(node), ["power on"]);
      assert.ok(readings(node).length >= 23, `${readings(node).length} readings`);
      assert.is(diagnostics(node)["faults"], 2);
      const lines = consoleOf(node);
      assert.ok(lines.some((line) => line.includes("no heap")), lines.join("\n"));
      assert.ok(lines.some((line) => /firmware\.lua:\d+ \(firmware\/diagnostics\.ts:\d+\)/.test(line)), lines.join("\n"));
      // Lines of the code move with every change of it; the rest of what docs/nodemcu.md shows is this.
      if (has8266) assert.ok(unnumbered(lines.join("\n")).includes(unnumbered(shown)), lines.join("\n"));
    }));

  test(`${name}: so is one in what a socket calls`, () =>
    withNode(changed(greenhouse, (code) =>
      // The second byte of CONNACK; it is told where it was read, behind the helper that reads a byte.
      `local byte, read = string.byte, 0 string.byte = function(...) read = read + 1 `
      + `if read == 2 then error("torn", 3) end return byte(...) end ${code}`), {}, async (node) => {
      await node.run(10 * MINUTE);
      assert.equal(bootsOf(node), ["power on"]);
      assert.is(diagnostics(node)["faults"], 1);
      const lines = consoleOf(node);
      assert.ok(lines.some((line) => line.includes("torn")));
      assert.ok(lines.some((line) => /firmware\.lua:\d+ \(lib\/mqtt\/reader\.ts:\d+\)/.test(line)), lines.join("\n"));
      assert.ok(readings(node).length >= 18, `${readings(node).length} readings`);
    }));

  test(`${name}: after three starts that failed the prompt waits, until power comes anew`, () =>
    withNode(changed(greenhouse, () => "error('broken')"), {}, async (node) => {
      await node.run(5 * MINUTE);
      assert.equal(bootsOf(node), ["power on", "restart", "restart", "restart"]);
      assert.is(consoleOf(node).filter((line) => line.includes("broken")).length, 3);
      assert.match(consoleOf(node).at(-1)!, /3 starts failed, and firmware\.lua is not run until power comes anew/);
      await node.kill();
      await node.powerOn();
      await node.run(1000);
      assert.is(consoleOf(node).filter((line) => line.includes("broken")).length, 4);
    }));

  test(`${name}: a program that hangs again and again ends at the prompt, too`, () =>
    withNode(changed(greenhouse, (code) =>
      `${code}\ntmr.create():alarm(5000, tmr.ALARM_SINGLE, function() while true do end end)`), {}, async (node) => {
      await node.run(3 * MINUTE);
      assert.equal(bootsOf(node), ["power on", "watchdog", "watchdog", "watchdog"]);
      assert.match(consoleOf(node).at(-1)!, /3 starts failed/);
    }));

  test(`${name}: one that works for more than a minute between is started as often as it takes`, () =>
    withNode(changed(greenhouse, (code) =>
      `${code}\ntmr.create():alarm(70000, tmr.ALARM_SINGLE, node.restart)`), {}, async (node) => {
      await node.run(5 * MINUTE);
      assert.ok(bootsOf(node).length >= 5, bootsOf(node).join());
      assert.not.ok(consoleOf(node).some((line) => line.includes("starts failed")));
    }));

  test(`${name}: a good start writes nothing to the flash; on the ESP8266 no start does`, () =>
    withNode(changed(greenhouse, (code) =>
      // At the second start: a failed one.
      `if select(2, node.bootreason()) ~= ${has8266 ? 0 : 8} then tmr.create():alarm(5000, tmr.ALARM_SINGLE, node.restart) end
      ${code}\ntmr.create():alarm(90000, tmr.ALARM_SINGLE, node.restart)`), {}, async (node) => {
      await node.run(MINUTE + 10_000);
      assert.is(node.flash.done, 0);
      await node.run(MINUTE);
      assert.equal(bootsOf(node), ["power on", "restart", "restart", "restart"]);
      assert.is(node.flash.done > 0, !has8266);
    }));

  if (has8266) {
    test("what another program has left in the word of the RTC is no count of failed starts", () =>
      withNode(changed(greenhouse, (code) =>
        `local _, cause = node.bootreason()
        if cause == 0 then
          rtcmem.write32(127, 0x4d4f0000 + 77)
          node.restart()
        end
        ${code}`), {}, async (node) => {
        await node.run(MINUTE);
        assert.equal(bootsOf(node), ["power on", "restart"]);
        assert.ok(readings(node).length > 0);
      }));
  }

  test(`${name}: a NodeMCU that lacks a module says which`, () => {
    const modules = greenhouse.manifest.lua!.modules.filter((module) => module !== "i2c" && module !== "net");
    const { manifest } = greenhouse;
    const lacking = { ...greenhouse, manifest: { ...manifest, lua: { ...manifest.lua!, modules } } };
    return withNode(lacking, {}, async (node) => {
      await node.run(1000);
      assert.equal(consoleOf(node), ["motelet: this NodeMCU has no module i2c net"]);
    });
  });

  test(`${name}: the reset reason is in the diagnostics`, () =>
    withNode(greenhouse, {}, async (node) => {
      await node.run(MINUTE);
      assert.is(diagnostics(node)["resetReason"], "power on");
      assert.is(typeof diagnostics(node)["freeHeap"], "number");
      assert.is("rssi" in diagnostics(node), has8266);
    }));
}

test.run();
