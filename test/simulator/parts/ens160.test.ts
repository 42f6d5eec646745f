/** The virtual ENS160 against its datasheet, SC-001224-DS-9: chapters 10 and 16. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { i2cBoard, type Board } from "./i2c-board.ts";

const MINUTE = 60_000;
const board = (seed = 1): Promise<Board> => i2cBoard("ens160", 0x52, seed);
const running = async (): Promise<Board> => {
  const on = await board();
  on.write(0x10, 2);
  on.clock.advance(3 * MINUTE);
  return on;
};
const status = (on: Board): number => on.ask(0x20, 1)![0]!;

test("who it is, and the registers after a reset: asleep, 25 degC, 50 % (16.2)", async () => {
  const on = await board();
  assert.equal(on.ask(0x00, 2), [0x60, 0x01]);
  assert.equal(on.ask(0x10, 7), [0, 0, 0, 0x8a, 0x4a, 0, 0x64]);
  assert.equal(on.ask(0x30, 4), [0x8a, 0x4a, 0, 0x64]);
  assert.is(status(on), 0);
  assert.equal(on.warnings, []);
});

test("standard mode measures each second; NEWDAT goes when data is read (16.2.7)", async () => {
  const on = await running();
  on.set({ tvoc: 321, eco2: 1234 });
  on.clock.advance(2000);
  assert.is(status(on), 0x82);
  assert.equal(on.ask(0x21, 5), [3, 321 & 255, 321 >> 8, 1234 & 255, 1234 >> 8]);
  assert.is(status(on), 0x80);
  on.clock.advance(990);
  assert.is(status(on), 0x80);
  on.clock.advance(20);
  assert.is(status(on), 0x82);
});

test("the ends of the range: 0 and 65,000 ppb, 400 and 65,000 ppm", async () => {
  const on = await running();
  for (const [tvoc, eco2, aqi] of [[0, 400, 1], [65_000, 65_000, 5]] as const) {
    on.set({ tvoc, eco2 });
    on.clock.advance(2000);
    const [a, b, c, d, e] = on.ask(0x21, 5)!;
    assert.equal([a, b! | (c! << 8), d! | (e! << 8)], [aqi, tvoc, eco2]);
  }
});

test("the index of the UBA by TVOC: 65, 220, 660, 2200 ppb (table 5)", async () => {
  const on = await running();
  for (const [tvoc, aqi] of [[64, 1], [65, 2], [219, 2], [220, 3], [660, 4], [2199, 4], [2200, 5]] as const) {
    on.set({ tvoc });
    on.clock.advance(2000);
    assert.equal(on.ask(0x21, 1), [aqi], `${tvoc}`);
  }
});

test("for 3 minutes after the start it warms up, and says so (10)", async () => {
  const on = await board();
  on.write(0x10, 2);
  on.clock.advance(3 * MINUTE - 10);
  assert.is(status(on) & 0x0c, 0x04);
  on.clock.advance(20);
  assert.is(status(on) & 0x0c, 0);
  on.write(0x10, 1);
  assert.is(status(on) & 0x80, 0, "idle");
  on.write(0x10, 2);
  on.clock.advance(1000);
  assert.is(status(on) & 0x0c, 0x04, "again");
});

test("the checksum is that of the last message that read data: polynomial 0x1D (16.2.14)", async () => {
  const on = await running();
  on.set({ tvoc: 300, eco2: 900 });
  on.clock.advance(2000);
  const misr = (bytes: number[]): number => bytes.reduce((sum, byte) => {
    const next = (sum << 1) ^ byte;
    return (sum >= 0x80 ? next ^ 0x1d : next) & 0xff;
  }, 0);
  const all = on.ask(0x21, 5)!;
  assert.equal(on.ask(0x38, 1), [misr(all)]);
  const two = on.ask(0x22, 2)!;
  status(on);
  assert.equal(on.ask(0x38, 1), [misr(two)]);
});

test("what the host says of temperature and humidity is what it computes with (16.2.5, 16.2.6)", async () => {
  const on = await board();
  on.write(0x13, 0x00, 0x48, 0x00, 0x50);
  assert.equal(on.ask(0x30, 4), [0x00, 0x48, 0x00, 0x50]);
});

test("commands are taken in idle mode alone: the version of the firmware (16.2.4)", async () => {
  const on = await board();
  on.write(0x12, 0x0e);
  assert.equal(on.ask(0x4c, 3), [0, 0, 0]);
  assert.match(on.warnings[0]!, /in another mode than idle/);
  on.write(0x10, 1);
  on.write(0x12, 0x0e);
  assert.is(status(on), 0x01);
  assert.equal(on.ask(0x4c, 3), [5, 4, 6]);
  assert.is(status(on), 0);
  on.write(0x12, 0xcc);
  assert.equal(on.ask(0x48, 8), [0, 0, 0, 0, 0, 0, 0, 0]);
});

test("the reset mode makes it as new; others are ignored", async () => {
  const on = await running();
  on.write(0x13, 0, 0, 0, 0);
  on.write(0x10, 0x55);
  assert.equal(on.ask(0x10, 1), [2]);
  on.write(0x10, 0xf0);
  assert.equal(on.ask(0x10, 7), [0, 0, 0, 0x8a, 0x4a, 0, 0x64]);
  assert.is(on.warnings.length, 1);
});

test("fault invalid: the validity flag is 3", async () => {
  const on = await running();
  on.fault("invalid");
  assert.is(status(on) & 0x0c, 0x0c);
});

test.run();
