/** The virtual MS5611 against its datasheet: figures 2 to 4, and AN520 for the CRC. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { computed, crc4, EXAMPLE } from "../../../simulator/parts/ms5611.ts";
import { i2cBoard, type Board } from "./i2c-board.ts";

const board = async (seed = 1): Promise<Board> => {
  const on = await i2cBoard("ms5611", 0x77, seed);
  on.write(0x1e);
  on.clock.advance(2.8);
  return on;
};
const prom = (on: Board): number[] => [0, 1, 2, 3, 4, 5, 6, 7].map((i) => {
  const [high, low] = on.ask(0xa0 + 2 * i, 2)!;
  return (high! << 8) | low!;
});
const convert = (on: Board, command: number, ms = 9.04): number => {
  on.write(command);
  on.clock.advance(ms);
  const [a, b, c] = on.ask(0, 3)!;
  return (a! << 16) | (b! << 8) | c!;
};

/** Figures 2 and 3 in integers of 64 bits, as the datasheet writes them: 0.01 degC, 0.01 mbar. */
const integers = (c: number[], d1: number, d2: number): { temp: number; p: number } => {
  const [c1, c2, c3, c4, c5, c6] = c.map(BigInt) as [bigint, bigint, bigint, bigint, bigint, bigint];
  const dt = BigInt(d2) - (c5 << 8n);
  let temp = 2000n + ((dt * c6) >> 23n);
  let off = (c2 << 16n) + ((c4 * dt) >> 7n);
  let sens = (c1 << 15n) + ((c3 * dt) >> 8n);
  if (temp < 2000n) {
    const t2 = (dt * dt) >> 31n;
    let off2 = (5n * (temp - 2000n) ** 2n) >> 1n;
    let sens2 = (5n * (temp - 2000n) ** 2n) >> 2n;
    if (temp < -1500n) {
      off2 += 7n * (temp + 1500n) ** 2n;
      sens2 += (11n * (temp + 1500n) ** 2n) >> 1n;
    }
    temp -= t2;
    off -= off2;
    sens -= sens2;
  }
  return { temp: Number(temp), p: Number((((BigInt(d1) * sens) >> 21n) - off) >> 15n) };
};

test("the example of figure 2: D1 9085466 and D2 8569150 are 20.07 degC and 1000.09 mbar", () => {
  assert.equal(integers(EXAMPLE, 9085466, 8569150), { temp: 2007, p: 100009 });
  const { centi, pressure } = computed(EXAMPLE, 9085466, 8569150);
  assert.is(Math.floor(centi), 2007);
  assert.is(Math.floor(pressure), 100009);
});

test("the example of AN520 has the CRC 0xB", () => {
  assert.is(crc4([0x3132, 0x3334, 0x3536, 0x3738, 0x3940, 0x4142, 0x4344, 0x4500]), 0xb);
});

test("what the world has comes out of the datasheet's integers, over the whole range and for many chips", async () => {
  for (let seed = 1; seed <= 8; seed++) {
    const on = await board(seed);
    const words = prom(on);
    assert.is(words[7]! & 15, crc4(words), "CRC of the PROM");
    const rows = [[-40, 300], [-20, 10], [-14.9, 700], [0, 1100], [19.9, 1013.25], [85, 1200]];
    for (const [temperature, pressure] of rows) {
      on.set({ temperature: temperature!, pressure: pressure! });
      const { temp, p } = integers(words.slice(1, 7), convert(on, 0x48), convert(on, 0x58));
      const at = `seed ${seed}: ${temperature} degC, ${pressure} mbar: ${temp} ${p}`;
      assert.ok(Math.abs(temp / 100 - temperature!) <= 0.0101, at);
      assert.ok(Math.abs(p / 100 - pressure!) <= 0.03, at);
    }
  }
});

test("each OSR has its conversion time; read earlier the ADC gives 0, and a wrong result after it", async () => {
  const times = [[0.54, 0.6], [1.06, 1.17], [2.08, 2.28], [4.13, 4.54], [8.22, 9.04]];
  const on = await board();
  on.set({ temperature: 20, pressure: 1000 });
  const right = convert(on, 0x48);
  for (const [osr, [typical, longest]] of times.entries()) {
    assert.is(convert(on, 0x40 + 2 * osr, typical! - 0.02), 0, `OSR ${256 << osr}, early`);
    on.clock.advance(1);
    on.ask(0, 3);
    assert.is(convert(on, 0x40 + 2 * osr, longest), right, `OSR ${256 << osr}`);
  }
  assert.match(on.warnings[0]!, /ADC read during a conversion/);
  on.write(0x48);
  on.clock.advance(1);
  on.ask(0, 3);
  on.clock.advance(10);
  assert.not.equal(on.ask(0, 3), [right >> 16, (right >> 8) & 255, right & 255], "the conversion is spoilt");
});

test("a result is there once, and none where nothing was converted", async () => {
  const on = await board();
  assert.equal(on.ask(0, 3), [0, 0, 0]);
  assert.ok(convert(on, 0x58) > 0);
  assert.equal(on.ask(0, 3), [0, 0, 0]);
});

test("the PROM is there after a reset, which takes 2.8 ms and is not answered meanwhile", async () => {
  const on = await i2cBoard("ms5611", 0x77);
  assert.equal(prom(on), [0, 0, 0, 0, 0, 0, 0, 0]);
  on.write(0x1e);
  on.clock.advance(2.7);
  assert.not(on.write(0xa2));
  assert.is(on.read(2), undefined);
  on.clock.advance(0.1);
  assert.ok(prom(on).every((word) => word > 0));
});

test("no two chips are alike, and what is no command warns", async () => {
  const [a, b] = [await board(1), await board(2)];
  assert.not.equal(prom(a), prom(b));
  a.write(0x4a);
  a.write(0xa1);
  a.write(0x99);
  assert.is(a.warnings.length, 3);
});

test.run();
