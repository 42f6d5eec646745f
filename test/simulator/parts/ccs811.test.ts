/** The virtual CCS811 against its datasheet, DS000459 1-06: timing, figures 14 to 27, ERROR_ID. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { i2cBoard, type Board } from "./i2c-board.ts";

const board = (seed = 1): Promise<Board> => i2cBoard("ccs811", 0x5a, seed);
const application = async (mode: number): Promise<Board> => {
  const on = await board();
  on.write(0xf4);
  on.clock.advance(1);
  on.write(0x01, mode << 4);
  return on;
};
const status = (on: Board): number => on.ask(0x00, 1)![0]!;

test("the bootloader: hardware 81h, version 1Xh, a valid application that does not run (figure 27)", async () => {
  const on = await board();
  assert.equal(on.ask(0x20, 1), [0x81]);
  assert.is(on.ask(0x21, 1)![0]! >> 4, 1);
  assert.is(status(on), 0x10);
  assert.equal(on.warnings, []);
  on.ask(0x02, 8);
  assert.is(status(on), 0x11, "it has no results");
});

test("APP_START takes 1 ms, a reset 2 ms and power 20 ms, in which nothing is acknowledged", async () => {
  const on = await board();
  on.write(0xf4);
  assert.is(on.ask(0x00, 1), undefined);
  on.clock.advance(1);
  assert.is(status(on), 0x90);
  on.write(0xff, 0x11, 0xe5, 0x72, 0x8a);
  on.clock.advance(1.9);
  assert.not(on.write());
  on.clock.advance(0.1);
  assert.is(status(on), 0x10);
  on.fault("reset");
  status(on);
  on.clock.advance(2);
  on.fault("reset", false);
  on.clock.advance(18.9);
  assert.not(on.write());
  on.clock.advance(0.2);
  assert.is(status(on), 0x10);
});

test("modes 1 to 3 measure each 1, 10, 60 s within 1 %; DATA_READY goes with the results (figures 15 to 17)", async () => {
  for (const [mode, ms] of [[1, 1000], [2, 10_000], [3, 60_000]] as const) {
    const on = await application(0);
    on.set({ eco2: 812, tvoc: 345 });
    on.write(0x01, mode << 4);
    on.clock.advance(ms * 0.989);
    assert.is(status(on), 0x90);
    on.clock.advance(ms * 0.022);
    assert.is(status(on), 0x98);
    assert.equal(on.ask(0x02, 6), [812 >> 8, 812 & 255, 345 >> 8, 345 & 255, 0x98, 0]);
    assert.is(status(on), 0x90);
  }
});

test("idle, nothing is measured; mode 4 makes raw data alone", async () => {
  for (const mode of [0, 4]) {
    const on = await application(mode);
    on.clock.advance(5000);
    assert.is(status(on), 0x90);
    assert.equal(on.ask(0x02, 4), [0, 0, 0, 0]);
    assert.is(on.ask(0x03, 2)![0]! > 0, mode === 4);
  }
});

test("the ends of the range: 400 to 29,206 ppm, 0 to 32,768 ppb", async () => {
  const on = await application(1);
  for (const [eco2, tvoc] of [[400, 0], [29_206, 32_768]] as const) {
    on.set({ eco2, tvoc });
    on.clock.advance(2100);
    const [a, b, c, d] = on.ask(0x02, 4)!;
    assert.equal([(a! << 8) | b!, (c! << 8) | d!], [eco2, tvoc]);
  }
});

test("an error sets the bit of STATUS until ERROR_ID is read", async () => {
  const on = await application(1);
  on.write(0x20, 5);
  assert.is(status(on) & 1, 1);
  assert.equal(on.ask(0xe0, 1), [1], "WRITE_REG_INVALID");
  assert.is(status(on) & 1, 0);
  on.ask(0x77, 1);
  assert.equal(on.ask(0xe0, 1), [2], "READ_REG_INVALID");
  on.write(0x01, 0x70);
  assert.equal(on.ask(0xe0, 1), [4], "MEASMODE_INVALID");
  assert.is(on.warnings.length, 3);
});

test("fault heater: HEATER_FAULT in ERROR_ID after each measurement", async () => {
  const on = await application(1);
  on.fault("heater");
  on.clock.advance(1100);
  assert.is(status(on) & 1, 1);
  assert.equal(on.ask(0xe0, 1), [0x10]);
});

test("a baseline that is written is read back; other mailboxes have their versions", async () => {
  const on = await application(1);
  on.write(0x11, 0xab, 0xcd);
  assert.equal(on.ask(0x11, 2), [0xab, 0xcd]);
  assert.equal(on.ask(0x24, 2), [0x20, 0x01]);
  on.write(0x05, 0x64, 0, 0x64, 0);
  assert.equal(on.warnings, []);
});

test("a message does not go on to the next mailbox", async () => {
  const on = await application(1);
  assert.equal(on.ask(0x20, 2), [0x81, 0xff]);
  assert.match(on.warnings[0]!, /read of 2 bytes from mailbox 0x20, which has 1/);
});

test.run();
