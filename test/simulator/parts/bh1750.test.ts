/** The virtual BH1750FVI against its datasheet (11046EDT01). */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { i2cBoard, type Board } from "./i2c-board.ts";

const board = (): Promise<Board> => i2cBoard("bh1750", 0x23);
const count = (on: Board): number => {
  const [high, low] = on.read(2)!;
  return high! * 256 + low!;
};

test("28067 lx is 8390 in the H mode, the example of the datasheet", async () => {
  const on = await board();
  on.set({ illuminance: 28067 });
  on.write(0x20);
  on.clock.advance(180);
  assert.equal(on.read(2), [0x83, 0x90]);
});

test("H mode 1.2 counts a lux, H2 mode twice that, L mode in steps of 4; the top is 16 bits", async () => {
  const on = await board();
  for (const [instruction, lux, counts] of [
    [0x20, 0, 0], [0x20, 100, 120], [0x21, 100, 240], [0x23, 100, 120], [0x23, 101, 120], [0x21, 0.5, 1],
    [0x20, 54612, 65534], [0x20, 60000, 65535], [0x23, 60000, 65532],
  ] as const) {
    on.set({ illuminance: lux });
    on.write(instruction);
    on.clock.advance(180);
    assert.is(count(on), counts, `${lux} lx`);
  }
  assert.equal(on.warnings, []);
});

test("before the measurement is over the register is old: 120 ms, 180 at most, L mode 16 and 24", async () => {
  for (const [instruction, typical, maximum] of [[0x20, 120, 180], [0x21, 120, 180], [0x23, 16, 24]] as const) {
    for (const [slow, ms] of [[false, typical], [true, maximum]] as const) {
      const on = await board();
      on.fault("slow", slow);
      on.set({ illuminance: 1000 });
      on.write(instruction);
      on.clock.advance(ms - 0.1);
      assert.is(count(on), 0);
      on.clock.advance(0.2);
      assert.ok(count(on) > 0);
    }
  }
});

test("MTreg scales counts and time: 138 doubles, 254 gives 0.11 lx a count in the H2 mode", async () => {
  const on = await board();
  on.set({ illuminance: 100 });
  on.write(0x40 | (138 >> 5));
  on.write(0x60 | (138 & 31));
  on.write(0x20);
  on.clock.advance(239);
  assert.is(count(on), 0);
  on.clock.advance(2);
  assert.is(count(on), 240);
  on.write(0x40 | (254 >> 5));
  on.write(0x60 | (254 & 31));
  on.write(0x21);
  on.clock.advance(700);
  assert.is(count(on), Math.round(100 * 2.4 * 254 / 69));
  on.write(0x40);
  on.write(0x60 | 30);
  on.write(0x20);
  assert.match(on.warnings[0]!, /MTreg 30, which is not within 31 to 254/);
});

test("one-time modes power down afterwards, continuous ones go on", async () => {
  const on = await board();
  on.set({ illuminance: 100 });
  on.write(0x20);
  on.clock.advance(200);
  assert.is(count(on), 120);
  on.set({ illuminance: 500 });
  on.clock.advance(1000);
  assert.is(count(on), 120, "powered down, the data kept");
  on.write(0x07);
  assert.match(on.warnings[0]!, /reset in power-down: ignored/);
  on.write(0x10);
  on.clock.advance(121);
  assert.is(count(on), 600);
  on.set({ illuminance: 50 });
  on.clock.advance(1000);
  on.clock.advance(241);
  assert.is(count(on), 60);
  on.write(0x07);
  assert.is(count(on), 0);
  on.write(0x00);
  on.clock.advance(1000);
  assert.is(count(on), 0);
});

test("what is no instruction is warned of with address and time", async () => {
  const on = await board();
  on.clock.advance(250);
  on.write(0x12);
  on.write(0x01, 0x10);
  assert.equal(on.warnings, [
    "it (bh1750, i2c1 0x23): 0x12 is no instruction: ignored (at 0.250 s)",
    "it (bh1750, i2c1 0x23): 1 bytes after the instruction 0x01: ignored (at 0.250 s)",
  ]);
});

test("power that fails loses measurement and MTreg: the data is 0", async () => {
  const on = await board();
  on.set({ illuminance: 100 });
  on.write(0x44);
  on.fault("reset");
  on.write(0x20);
  on.clock.advance(2);
  on.fault("reset", false);
  on.clock.advance(500);
  assert.is(count(on), 0);
  on.write(0x20);
  on.clock.advance(125);
  assert.is(count(on), 120);
});

test.run();
