/** The virtual SCD30 against its interface description, version 1.0 D1. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { commandBoard, crcOf, type CommandBoard } from "./words.ts";

const board = (seed = 1): Promise<CommandBoard> => commandBoard("scd30", 0x61, seed);
const START = 0x0010;
const READ = 0x0300;
const READY = 0x0202;

/** 1.5: big-endian floats. */
const floats = (words: number[]): number[] => [0, 2, 4].map((at) =>
  Buffer.from([words[at]! >> 8, words[at]! & 255, words[at + 1]! >> 8, words[at + 1]! & 255]).readFloatBE());

const start = (on: CommandBoard, pressure = 0): void => {
  assert.ok(on.send(START, pressure));
  on.clock.advance(3);
};

test("the examples of 1.4.1 and 1.4.5: the CRC of 0000 is 81; 439 ppm, 27.2 degC, 48.8 %", () => {
  assert.is(crcOf(0), 0x81);
  const words = [0x43db, 0x8c2e, 0x41d9, 0xe7ff, 0x4243, 0x3a1b];
  assert.equal(words.map(crcOf), [0xcb, 0x8f, 0x70, 0xf5, 0xbf, 0x74]);
  assert.equal(floats(words).map((value) => value.toFixed(1)), ["439.1", "27.2", "48.8"]);
});

test("it measures each 2 s until it is told otherwise; data is there once (1.4.3 to 1.4.5)", async () => {
  const on = await board();
  on.set({ co2: 439.09, temperature: 27.2383, humidity: 48.8067 });
  assert.equal(on.get(READY, 3, 1), [0], "idle");
  start(on);
  on.clock.advance(1900);
  assert.equal(on.get(READY, 3, 1), [0]);
  assert.is(on.get(READ, 3, 6), undefined);
  on.clock.advance(100);
  assert.equal(on.get(READY, 3, 1), [1]);
  const words = on.get(READ, 3, 6)!;
  [439.09, 27.2383, 48.8067].forEach((value, i) => assert.ok(Math.abs(floats(words)[i]! - value) < 1e-4));
  assert.equal(on.get(READY, 3, 1), [0]);
  on.send(0x4600, 5);
  on.clock.advance(4990);
  assert.equal(on.get(READY, 3, 1), [0]);
  on.clock.advance(20);
  assert.equal(on.get(READY, 3, 1), [1]);
  assert.equal(on.get(0x4600, 3, 1), [5]);
  assert.equal(on.warnings, []);
});

test("below zero the float has its sign", async () => {
  const on = await board();
  on.set({ temperature: -40, humidity: 0, co2: 400 });
  start(on);
  on.clock.advance(2000);
  assert.equal(floats(on.get(READ, 3, 6)!), [400, -40, 0]);
  on.set({ temperature: 70, humidity: 100, co2: 10_000 });
  on.clock.advance(4000);
  assert.equal(floats(on.get(READ, 3, 6)!), [10_000, 70, 100]);
});

test("an answer is there 3 ms after its command, not earlier (1.1)", async () => {
  const on = await board();
  on.send(0xd100);
  on.clock.advance(2.9);
  assert.is(on.words(1), undefined);
  on.clock.advance(0.1);
  assert.equal(on.words(1), [0x0342]);
});

test("pressure compensates, and where none is given the altitude (1.4.1, 1.4.8)", async () => {
  const on = await board();
  on.set({ co2: 1000, pressure: 898.7 });
  const ppm = (): number => {
    on.clock.advance(4000);
    return Math.round(floats(on.get(READ, 3, 6)!)[0]!);
  };
  start(on);
  assert.is(ppm(), 887);
  on.send(0x5102, 1000);
  assert.is(ppm(), 1000);
  start(on, 1013);
  assert.is(ppm(), 887);
  start(on, 899);
  assert.is(ppm(), 1000);
});

test("an offset is taken off the temperature, in 0.01 degC (1.4.7)", async () => {
  const on = await board();
  on.set({ temperature: 20, humidity: 50 });
  on.send(0x5403, 250);
  on.clock.advance(3);
  start(on);
  on.clock.advance(2000);
  const [, temperature, humidity] = floats(on.get(READ, 3, 6)!);
  assert.is(temperature, 17.5);
  assert.ok(humidity! > 58 && humidity! < 59, `${humidity}`);
});

test("it goes on measuring after a loss of power, at its interval; it boots for 2 s (1.1, 1.4.1)", async () => {
  const on = await board();
  on.send(0x4600, 4);
  on.clock.advance(3);
  start(on);
  on.fault("reset");
  on.send(READY);
  on.clock.advance(2);
  on.fault("reset", false);
  on.clock.advance(1990);
  assert.not(on.send(READY));
  on.clock.advance(2020);
  assert.equal(on.get(READY, 3, 1), [1]);
  on.send(0x0104);
  on.clock.advance(3);
  on.send(0xd304);
  on.clock.advance(2000);
  on.get(READ, 3, 6);
  on.clock.advance(10_000);
  assert.equal(on.get(READY, 3, 1), [0], "stopped for good");
});

test("settings outside of their limits are ignored or warned of, a wrong CRC is not acknowledged", async () => {
  const on = await board();
  on.send(0x4600, 1);
  on.clock.advance(3);
  assert.equal(on.get(0x4600, 3, 1), [2]);
  start(on, 500);
  assert.equal(on.warnings.length, 2);
  assert.not(on.write(0x46, 0x00, 0, 5, 0x99));
});

test.run();
