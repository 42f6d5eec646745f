/** The virtual INA219 against its datasheet, SBOS448G: 8.5.1, 8.6.2, 8.6.3, 9.2 (table 8: the example). */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { i2cBoard, type Board } from "./i2c-board.ts";

const board = (options: object = {}, seed = 1): Promise<Board> => i2cBoard("ina219", 0x40, seed, options);
const word = (on: Board, register: number): number => {
  const bytes = on.ask(register, 2)!;
  return (bytes[0]! << 8) | bytes[1]!;
};
const signed = (on: Board, register: number): number => (word(on, register) << 16) >> 16;
const put = (on: Board, register: number, value: number): boolean => on.write(register, value >> 8, value & 0xff);

test("registers after a reset: configuration 399Fh, calibration, current and power 0 (8.6.1)", async () => {
  const on = await board();
  assert.equal([0, 3, 4, 5].map((register) => word(on, register)), [0x399f, 0, 0, 0]);
  on.clock.advance(10);
  assert.equal([word(on, 3), word(on, 4)], [0, 0], "no calibration, no current");
  assert.equal(on.warnings, []);
});

test("the example of 9.2: 10 A in 2 mohm at 11.98 V are 2000, 2995, 20000 less its cut, 5990 (table 8)", async () => {
  const on = await board({ shuntOhms: 0.002 });
  put(on, 5, 0x5000);
  put(on, 0, 0x019f); // 16 V, 40 mV
  on.set({ current: 10, voltage: 11.98 });
  on.clock.advance(5);
  assert.is(signed(on, 1), 2000);
  assert.is(word(on, 2) >> 3, 2995);
  assert.is(signed(on, 4), 10000);
  assert.is(word(on, 3), 5990);
});

test("a current that flows back is negative, power is not (8.6.3.1)", async () => {
  const on = await board();
  put(on, 5, 4096);
  on.set({ current: -1.5, voltage: 12 });
  on.clock.advance(5);
  assert.is(signed(on, 1), -15000);
  assert.is(signed(on, 4), -15000);
  assert.is(word(on, 3), 9000);
});

test("each range of PG is clipped at its end: 40, 80, 160, 320 mV (table 4)", async () => {
  const on = await board({ shuntOhms: 0.1 });
  [4000, 8000, 16000, 32000].forEach((most, pg) => {
    for (const sign of [1, -1]) {
      on.set({ current: 3.2 * sign });
      put(on, 0, 0x219f | (pg << 11));
      on.clock.advance(5);
      assert.is(signed(on, 1), most * sign);
    }
  });
});

test("the bus is clipped at 16 V or 32 V by BRNG, in steps of 4 mV (table 3)", async () => {
  const on = await board();
  on.set({ voltage: 20 });
  put(on, 0, 0x199f);
  on.clock.advance(5);
  assert.is(word(on, 2) >> 3, 4000);
  put(on, 0, 0x399f);
  on.clock.advance(5);
  assert.is(word(on, 2) >> 3, 5000);
});

test("CNVR is set after a conversion, and cleared by reading power or by writing a mode (8.6.3.2)", async () => {
  const on = await board();
  put(on, 0, 0x399b); // triggered: 532 us each
  assert.is(word(on, 2) & 2, 0);
  on.clock.advance(0.9);
  assert.is(word(on, 2) & 2, 0);
  on.clock.advance(0.3);
  assert.is(word(on, 2) & 2, 2);
  assert.is(word(on, 2) & 2, 2, "reading the bus does not clear it");
  word(on, 3);
  assert.is(word(on, 2) & 2, 0);
  put(on, 0, 0x399b);
  on.clock.advance(2);
  put(on, 0, 0x3998);
  assert.is(word(on, 2) & 2, 2, "power-down leaves it");
  put(on, 0, 0x399b);
  assert.is(word(on, 2) & 2, 0);
});

test("triggered modes measure once, what they name alone; power-down nothing (table 6)", async () => {
  const on = await board();
  put(on, 0, 0x3998);
  on.set({ current: 1, voltage: 5 });
  on.clock.advance(100);
  const before = [signed(on, 1), word(on, 2) >> 3];
  put(on, 0, 0x3999); // shunt
  on.clock.advance(1);
  assert.equal([signed(on, 1), word(on, 2) >> 3], [10000, before[1]]);
  put(on, 0, 0x399a); // bus
  on.set({ current: 2 });
  on.clock.advance(1);
  assert.equal([signed(on, 1), word(on, 2) >> 3], [10000, 1250]);
  on.set({ voltage: 6 });
  on.clock.advance(100);
  assert.is(word(on, 2) >> 3, 1250);
});

test("averaging takes the times of table 5, within 10 %: 128 samples each take 2 x 68.1 ms", async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const on = await board({}, seed);
    put(on, 0, 0x3ffb);
    on.clock.advance(122);
    assert.is(word(on, 2) & 2, 0);
    on.clock.advance(28);
    assert.is(word(on, 2) & 2, 2);
  }
});

test("9 bits are coarser than 12", async () => {
  const on = await board();
  on.set({ current: 0.1234 });
  put(on, 0, 0x3803);
  on.clock.advance(1);
  assert.is(signed(on, 1), 1232);
});

test("a current beyond its register sets OVF (8.6.3.2)", async () => {
  const on = await board();
  put(on, 5, 0xfffe);
  on.set({ current: 3 });
  on.clock.advance(5);
  assert.is(word(on, 2) & 1, 1);
});

test("RST resets all, and bit 0 of the calibration is void (8.6.2.1, 8.6.4.1)", async () => {
  const on = await board();
  put(on, 5, 0xffff);
  assert.is(word(on, 5), 0xfffe);
  put(on, 0, 0x8000);
  assert.equal([word(on, 0), word(on, 5), word(on, 1)], [0x399f, 0, 0]);
});

test("a write to a result warns", async () => {
  const on = await board();
  put(on, 1, 5);
  put(on, 9, 5);
  assert.match(on.warnings[0]!, /write of 0x0005 to read-only register 0x01/);
  assert.match(on.warnings[1]!, /write of 0x0005 to unmapped register 0x09/);
});

test.run();
