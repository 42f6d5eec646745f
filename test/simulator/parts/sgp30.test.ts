/** The virtual SGP30 against its datasheet, version 1.0: table 1, 6.1 to 6.6. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { commandBoard, type CommandBoard } from "./words.ts";

const board = (seed = 1): Promise<CommandBoard> => commandBoard("sgp30", 0x58, seed);
const INIT = 0x2003;
const MEASURE = 0x2008;

/** Begins, and measures each second as long as the values are fixed. */
const begun = async (): Promise<CommandBoard> => {
  const on = await board();
  on.send(INIT);
  on.clock.advance(1000);
  for (let second = 0; second < 15; second++) {
    on.get(MEASURE, 12, 2);
    on.clock.advance(988);
  }
  return on;
};

test("for 15 s after the init the values are 400 ppm and 0 ppb (6.3)", async () => {
  const on = await board();
  on.set({ eco2: 1000, tvoc: 300 });
  on.send(INIT);
  on.clock.advance(10);
  for (let ms = 10; ms < 14_900; ms += 1000) {
    assert.equal(on.get(MEASURE, 12, 2), [400, 0]);
    on.clock.advance(988);
  }
  on.clock.advance(100);
  assert.equal(on.get(MEASURE, 12, 2), [1000, 300]);
  assert.equal(on.warnings, []);
});

test("the outputs have the steps of table 1: 1, 3, 9, 31 ppm and 1, 6, 32 ppb", async () => {
  const on = await begun();
  const rows: [number, number, number, number][] = [
    [400, 0, 400, 0], [1478.6, 2007.4, 1479, 2007], [1481, 2012, 1482, 2014], [5150, 11_100, 5153, 11_098],
    [17_620, 11_130, 17_628, 11_142], [60_000, 60_000, 60_000, 59_994],
  ];
  for (const [eco2, tvoc, ppm, ppb] of rows) {
    on.set({ eco2, tvoc });
    on.clock.advance(988);
    const [a, b] = on.get(MEASURE, 12, 2)!;
    assert.ok(Math.abs(a! - eco2) <= 15.5 && Math.abs(b! - tvoc) <= 16, `${a} ${b}`);
    assert.ok(Math.abs(a! - ppm) <= 9 && Math.abs(b! - ppb) <= 8, `${a} ${b}, not ${ppm} ${ppb}`);
  }
});

test("busy, it acknowledges neither command nor read; each command has its time (table 10)", async () => {
  const on = await board();
  const rows: [number, number, number][] = [
    [INIT, 10, 0], [MEASURE, 12, 2], [0x2015, 10, 2], [0x2032, 220, 1], [0x202f, 10, 1], [0x2050, 25, 2],
    [0x3682, 0.5, 3],
  ];
  for (const [code, ms, count] of rows) {
    on.send(code);
    on.clock.advance(ms - 0.1);
    assert.is(on.read(3), undefined, `0x${code.toString(16)}`);
    assert.not(on.send(INIT));
    on.clock.advance(0.1);
    if (count > 0) assert.is(on.words(count)?.length, count);
    assert.is(on.read(3), undefined, "an answer is there once");
  }
});

test("the self test gives D400, the feature set 0022, and the serial number is the chip's own (6.4, 6.5)", async () => {
  const [a, b] = [await board(1), await board(2)];
  assert.equal(a.get(0x2032, 220, 1), [0xd400]);
  assert.equal(a.get(0x202f, 10, 1), [0x22]);
  assert.not.equal(a.get(0x3682, 1, 3), b.get(0x3682, 1, 3));
});

test("a baseline that is set, TVOC first, is got back, CO2 first (6.3)", async () => {
  const on = await board();
  on.send(INIT);
  on.clock.advance(10);
  on.send(0x201e, 0x1111, 0x2222);
  on.clock.advance(10);
  assert.equal(on.get(0x2015, 10, 2), [0x2222, 0x1111]);
});

test("raw signals fall where there is more in the air", async () => {
  const on = await begun();
  on.set({ tvoc: 10 });
  const [clean, much] = [on.get(0x2050, 25, 2)!, (on.set({ tvoc: 5000 }), on.get(0x2050, 25, 2)!)];
  assert.ok(much[0]! < clean[0]! && much[1]! < clean[1]!);
});

test("a measurement before the init, and one that comes late, warn", async () => {
  const on = await board();
  assert.equal(on.get(MEASURE, 12, 2), [400, 0]);
  assert.match(on.warnings[0]!, /before Init_air_quality/);
  on.send(INIT);
  on.clock.advance(5000);
  on.get(MEASURE, 12, 2);
  assert.match(on.warnings[1]!, /one each second/);
});

test("a loss of power ends the algorithm: it is asleep again", async () => {
  const on = await begun();
  on.set({ eco2: 900, tvoc: 100 });
  on.fault("reset");
  on.send(MEASURE);
  on.clock.advance(2);
  on.fault("reset", false);
  on.clock.advance(1);
  assert.equal(on.get(MEASURE, 12, 2), [400, 0]);
});

test.run();
