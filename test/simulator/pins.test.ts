/** Digital pins of the chip: who drives the line, edges and their times, bits that are clocked. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createPins } from "../../simulator/buses/pins.ts";
import { virtualClock } from "../../simulator/clock.ts";
import type { Level, PinPart, Wire } from "../../simulator/types.ts";

const board = (part: Partial<PinPart> = {}, keys: Record<string, string> = { pin: "D4" }) => {
  const clock = virtualClock();
  const warnings: string[] = [];
  const heard: [string, Level | undefined, number][] = [];
  let wires: Record<string, Wire> = {};
  let woken = 0;
  const pins = createPins(clock, (message) => warnings.push(message), () => void woken++);
  pins.attach({
    attach: (given) => {
      wires = given;
    },
    driven: (pin, level, ms) => void heard.push([pin, level, ms]),
    ...part,
  }, keys);
  return { clock, pins, warnings, heard, wire: (key = "pin") => wires[key]!, woken: () => woken };
};

test("the chip drives an output, an open drain only low, and an input not at all; the part hears of it", () => {
  const { pins, heard, clock } = board();
  pins.write("D4", 1);
  clock.advance(2);
  pins.mode("D4", "opendrain");
  pins.write("D4", 0);
  pins.mode("D4", "input_pullup");
  assert.equal(heard, [["pin", 1, 0], ["pin", undefined, 2], ["pin", 0, 2], ["pin", undefined, 2]]);
  assert.is(pins.read("D4"), 1);
  pins.mode("D4", "input");
  assert.is(pins.read("D4"), 0);
});

test("a pull-up of the part's makes a 1 of a line that nobody drives", () => {
  const { pins, wire } = board({ pulls: { pin: 1 } });
  pins.mode("D4", "input");
  assert.is(pins.read("D4"), 1);
  wire().drive(0);
  assert.is(pins.read("D4"), 0);
  wire().drive(undefined);
  assert.is(pins.read("D4"), 1);
});

test("a chip and a part that drive against each other are a short circuit, which is reported", () => {
  const { pins, wire, warnings } = board();
  wire().drive(0);
  pins.write("D4", 1);
  assert.is(warnings.length, 1);
  assert.match(warnings[0]!, "D4");
});

test("planned edges come at their times, to the microsecond, and are given once", () => {
  const { pins, wire, clock, woken } = board({ pulls: { pin: 1 } });
  pins.watch("D4", true);
  for (const [ms, level] of [[0.04, 0], [0.12, 1], [0.2, 0], [0.25, undefined]] as const) wire().drive(level, ms);
  clock.advance(0.1);
  assert.equal(pins.takeEdges().map(({ level, ms }) => [level, ms]), [[0, 0.04]]);
  clock.advance(1);
  assert.is(woken(), 1, "told once, at the end of what was planned");
  assert.equal(pins.takeEdges().map(({ level, ms }) => [level, ms]), [[1, 0.12], [0, 0.2], [1, 0.25]]);
  assert.equal(pins.takeEdges(), []);
});

test("what was planned can be taken back, and a pin that is not watched any more gives no edges", () => {
  const { pins, wire, clock } = board();
  pins.watch("D4", true);
  wire().drive(1, 1);
  wire().drive(0, 2);
  wire().forget(1.5);
  clock.advance(3);
  assert.equal(pins.takeEdges().map(({ level }) => level), [1]);
  pins.watch("D4", false);
  wire().drive(0);
  clock.advance(1);
  assert.equal(pins.takeEdges(), []);
});

test("an edge carries the level that another pin has at that moment", () => {
  const { pins, wire, clock } = board({}, { a: "D4", b: "D5" });
  pins.watch("D4", true, "D5");
  wire("b").drive(1, 1);
  wire("a").drive(1, 2);
  wire("b").drive(0, 3);
  wire("a").drive(0, 4);
  clock.advance(5);
  assert.equal(pins.takeEdges().map(({ level, data }) => [level, data]), [[1, 1], [0, 0]]);
});

test("a pulse of the chip's is as long as it was asked for", () => {
  const { pins, heard, clock } = board();
  clock.advance(7);
  pins.pulse("D4", 1, [0.01]);
  assert.equal(heard, [["pin", 1, 7], ["pin", 0, 7.01]]);
});

test("clocked bits are read after each one that is sent", () => {
  let wires: Record<string, Wire> = {};
  const bits = [1, 0, 1, 1] as Level[];
  const { pins, heard } = board({
    attach: (given) => {
      wires = given;
    },
    driven: (pin, level, ms) => {
      heard.push([pin, level, ms]);
      if (pin === "clock" && level === 1) wires["data"]!.drive(bits.shift() ?? 0, ms);
    },
  }, { clock: "D5", data: "D18" });
  assert.equal([...pins.shift("D5", "D18", Uint8Array.of(0xaa), 1_000_000)], [0b11001111]);
  assert.equal(heard.slice(0, 3).map(([, level, ms]) => [level, Math.round(ms * 1000)]), [[1, 0], [0, 1], [1, 2]]);
});

test("levels that a test sets from outside read where no part drives, and their changes are edges", () => {
  const { pins, clock } = board();
  pins.watch("D9", true);
  pins.outside.set("D9", 1);
  clock.advance(1);
  assert.equal(pins.takeEdges().map(({ pin, level }) => [pin, level]), [["D9", 1]]);
  assert.is(pins.read("D9"), 1);
});

test.run();
