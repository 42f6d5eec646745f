/** The virtual MAX17048 against its datasheet, 19-6171 revision 7: hibernate mode, table 2, figures 4 to 13. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { i2cBoard, type Board } from "./i2c-board.ts";

const board = (seed = 1): Promise<Board> => i2cBoard("max17048", 0x36, seed);
const word = (on: Board, register: number): number => {
  const bytes = on.ask(register, 2)!;
  return (bytes[0]! << 8) | bytes[1]!;
};
const put = (on: Board, register: number, value: number): boolean => on.write(register, value >> 8, value & 255);
const MINUTE = 60_000;

test("registers after a reset (table 2)", async () => {
  const on = await board();
  assert.equal([0x08, 0x0a, 0x0c, 0x14].map((at) => word(on, at)), [0x0012, 0x8030, 0x971c, 0x00ff]);
  assert.is(word(on, 0x18) >> 8, 0x96);
  assert.is(word(on, 0x1a) >> 8, 1, "RI: it was reset");
  assert.equal(on.warnings, []);
});

test("78.125 uV, 1/256 % and 0.208 %/h a step; the rate has a sign", async () => {
  const on = await board();
  const rows = [[2.5, 0, -100], [3.7, 50.5, -0.208], [4.2, 100, 41.6], [4.5, 33.33, 100]] as const;
  for (const [voltage, level, rate] of rows) {
    on.set({ voltage, level, rate });
    on.clock.advance(520);
    assert.ok(Math.abs(word(on, 2) * 78.125e-6 - voltage) <= 40e-6);
    assert.ok(Math.abs(word(on, 4) / 256 - level) <= 1 / 512);
    assert.ok(Math.abs(((word(on, 0x16) << 16) >> 16) * 0.208 - rate) <= 0.104);
  }
});

test("a message goes on through the registers: voltage and charge in one", async () => {
  const on = await board();
  on.set({ voltage: 4, level: 75 });
  on.clock.advance(520);
  assert.equal(on.ask(2, 4), [0xc8, 0x00, 75, 0]);
});

test("active, it measures each 250 ms within 3.5 %", async () => {
  const on = await board();
  on.set({ voltage: 4 });
  on.clock.advance(600);
  on.set({ voltage: 3 });
  assert.is(word(on, 2), 51200);
  on.clock.advance(520);
  assert.is(word(on, 2), 38400);
});

test("after 6 minutes of little current it hibernates: each 45 s; a voltage that moves wakes it", async () => {
  const on = await board();
  on.set({ voltage: 4, rate: -1 });
  const mode = (): number => word(on, 6);
  for (let minute = 0; minute < 5; minute++) {
    on.clock.advance(MINUTE);
    assert.is(mode(), 0, `minute ${minute}`);
  }
  on.clock.advance(3 * MINUTE);
  assert.is(mode(), 0x1000);
  on.clock.advance(47_000);
  on.set({ voltage: 3.98 });
  on.clock.advance(20_000);
  assert.is(word(on, 2), 51200, "45 s have not passed");
  on.clock.advance(75_000);
  assert.is(word(on, 2), 50944);
  assert.is(mode(), 0x1000, "20 mV are not 60 mV");
  on.set({ voltage: 3.5 });
  on.clock.advance(95_000);
  assert.is(mode(), 0, "more than ActThr, 60 mV");
});

test("a rate above HibThr keeps it awake; HIBRT of 0 does so for good, FFFFh never", async () => {
  const on = await board();
  const look = (): void => {
    for (let minute = 0; minute < 8; minute++) {
      on.clock.advance(MINUTE);
      word(on, 2);
    }
  };
  on.set({ rate: -50 });
  look();
  assert.is(word(on, 6), 0);
  put(on, 0x0a, 0xffff);
  on.clock.advance(1000);
  assert.is(word(on, 6), 0x1000);
  put(on, 0x0a, 0);
  on.clock.advance(90_000);
  on.set({ rate: 0 });
  look();
  assert.is(word(on, 6), 0);
});

test("the command 5400h resets it as power does; it is measured again 250 ms later", async () => {
  const on = await board();
  put(on, 0x1a, 0);
  put(on, 0x0a, 0);
  put(on, 0xfe, 0x5400);
  assert.equal([word(on, 2), word(on, 0x0a), word(on, 0x1a) >> 8], [0, 0x8030, 1]);
  on.clock.advance(260);
  assert.ok(word(on, 2) > 0);
});

test("quick-start measures at once", async () => {
  const on = await board();
  on.set({ voltage: 3.3 });
  put(on, 6, 0x4000);
  assert.is(word(on, 2), 42240);
});

test("an access that is not defined warns", async () => {
  const on = await board();
  put(on, 2, 5);
  put(on, 0x40, 5);
  put(on, 0xfe, 0x1234);
  on.ask(0x20, 1);
  assert.is(on.warnings.length, 4);
});

test.run();
