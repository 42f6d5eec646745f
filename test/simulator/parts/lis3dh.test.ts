/** The virtual LIS3DH against its datasheet, DocID17530 revision 2: table 4, 5.1.1, chapters 7 and 8. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { i2cBoard, type Board } from "./i2c-board.ts";

const board = (seed = 1): Promise<Board> => i2cBoard("lis3dh", 0x18, seed);
const axes = (on: Board): number[] => {
  const b = on.ask(0xa8, 6)!;
  return [0, 2, 4].map((i) => ((b[i]! | (b[i + 1]! << 8)) << 16) >> 16);
};
const MG = [[1, 2, 4, 12], [4, 8, 16, 48], [16, 32, 64, 192]] as const;

test("who it is, and the registers after a reset (table 21)", async () => {
  const on = await board();
  assert.equal(on.ask(0x0f, 1), [0x33]);
  assert.equal(on.ask(0x9e, 8), [0x10, 0, 0x07, 0, 0, 0, 0, 0]);
  assert.equal(on.warnings, []);
});

test("sensitivity by mode and range, left-aligned (table 4): high resolution, normal, low power", async () => {
  const on = await board();
  [[0x57, 0x08], [0x57, 0], [0x5f, 0]].forEach(([ctrl1, ctrl4], mode) => {
    for (let fs = 0; fs < 4; fs++) {
      on.write(0x23, ctrl4! | (fs << 4));
      on.write(0x20, ctrl1!);
      on.set({ x: 1, y: -0.5, z: 0.96 });
      on.clock.advance(25);
      const mg = MG[mode]![fs]!;
      const shift = 4 + [0, 2, 4][mode]!;
      axes(on).forEach((raw, axis) => {
        const g = (raw >> shift) * mg / 1000;
        assert.ok(Math.abs(g - [1, -0.5, 0.96][axis]!) <= mg / 2000 + 1e-9, `mode ${mode}, FS ${fs}, axis ${axis}: ${g}`);
        assert.is(raw & ((1 << shift) - 1), 0);
      });
    }
  });
});

test("beyond the range it is clipped: +-2 g at FS 0", async () => {
  const on = await board();
  on.write(0x23, 0x08);
  on.write(0x20, 0x57);
  on.set({ x: 5, y: -5, z: 0 });
  on.clock.advance(25);
  assert.equal(axes(on).map((raw) => raw >> 4), [2047, -2048, 0]);
});

test("bit 7 of the address makes a message go on (5.1.1)", async () => {
  const on = await board();
  assert.equal(on.ask(0x0f, 3), [0x33, 0x33, 0x33]);
  on.write(0xa0, 0x57, 0, 0, 0x88);
  assert.equal(on.ask(0xa0, 4), [0x57, 0, 0, 0x88]);
});

test("powered down it measures nothing; ZYXDA comes with data and goes with the last high byte (8.14)", async () => {
  const on = await board();
  on.clock.advance(1000);
  assert.equal(on.ask(0x27, 1), [0]);
  on.write(0x20, 0x17); // 1 Hz
  on.clock.advance(940);
  assert.equal(on.ask(0x27, 1), [0]);
  on.clock.advance(120);
  assert.equal(on.ask(0x27, 1), [0x0f]);
  on.ask(0xa8, 2);
  assert.equal(on.ask(0x27, 1), [0x06], "Y and Z are left");
  on.ask(0xaa, 4);
  assert.equal(on.ask(0x27, 1), [0]);
  on.clock.advance(2200);
  assert.equal(on.ask(0x27, 1), [0xff], "overrun");
});

test("an axis that is switched off keeps its value", async () => {
  const on = await board();
  on.set({ x: 1, y: 1, z: 1 });
  on.write(0x20, 0x57);
  on.clock.advance(20);
  on.write(0x20, 0x55);
  on.set({ x: -1, y: -1, z: -1 });
  on.clock.advance(25);
  assert.equal(axes(on).map((raw) => Math.sign(raw)), [-1, 1, -1]);
});

test("the temperature is in OUT_ADC3 when TEMP_EN, ADC_EN and BDU are set, one digit a degree (8.3)", async () => {
  const on = await board();
  on.set({ temperature: -10 });
  on.write(0x20, 0x57);
  on.clock.advance(20);
  assert.equal(on.ask(0x8c, 2), [0, 0]);
  on.write(0x1f, 0xc0);
  on.write(0x23, 0x80);
  on.clock.advance(20);
  assert.equal(on.ask(0x8c, 2), [0, 256 - 35]);
});

test("BOOT makes it as new, and takes 5 ms (8.12)", async () => {
  const on = await board();
  on.write(0x20, 0x57);
  on.write(0x24, 0x80);
  assert.not(on.write(0x0f));
  on.clock.advance(5);
  assert.equal(on.ask(0x20, 1), [0x07]);
});

test("an access that is not defined warns", async () => {
  const on = await board();
  on.ask(0x05, 1);
  on.write(0x28, 1);
  assert.is(on.warnings.length, 2);
});

test.run();
