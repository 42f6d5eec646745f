/** The virtual HTU21D and Si7021 against their datasheets (HPC199_6; Si7021-A20 revision 1.3). */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { crc8 } from "../../../simulator/parts/common/crc8.ts";
import { i2cBoard, type Board } from "./i2c-board.ts";

const htu = (seed = 1): Promise<Board> => i2cBoard("htu21d", 0x40, seed);
const si = (seed = 1): Promise<Board> => i2cBoard("htu21d", 0x40, seed, { model: "si7021" });

const code = (data: number[]): number => (data[0]! * 256 + data[1]!) & ~3;
const degrees = (data: number[]): number => -46.85 + (175.72 * code(data)) / 65536;
const percent = (data: number[]): number => -6 + (125 * code(data)) / 65536;

const measure = (on: Board, command: number): number[] => {
  on.write(command);
  on.clock.advance(60);
  return on.read(3)!;
};

test("the CRC examples of the datasheet: DC is 79, 683A is 7C, 4E85 is 6B", () => {
  assert.is(crc8([0xdc], 0), 0x79);
  assert.is(crc8([0x68, 0x3a], 0), 0x7c);
  assert.is(crc8([0x4e, 0x85], 0), 0x6b);
});

test("temperature and humidity are the world's within half a step, with status bits and CRC", async () => {
  for (const board of [htu, si]) {
    const on = await board();
    for (const temperature of [-40, -10.55, 0, 25, 80, 125]) {
      // Below 2.25 % at 80 degC the code would be negative.
      for (const humidity of [2.5, 42.4, 100]) {
        on.set({ temperature, humidity });
        const t = measure(on, 0xf3);
        assert.ok(Math.abs(degrees(t) - temperature) <= 0.0054, `${temperature}: ${degrees(t)}`);
        assert.is(t[1]! & 3, 0);
        assert.is(t[2], crc8(t.slice(0, 2), 0));
        const h = measure(on, 0xf5);
        // Of the HTU21D: "RHcompensated = RH + (25 - T) x -0.15", between 0 and 80 degC.
        const of = Math.min(80, Math.max(0, temperature));
        const compensated = percent(h) + (board === htu ? (25 - of) * -0.15 : 0);
        assert.ok(Math.abs(compensated - humidity) <= 0.0153, `${temperature}, ${humidity}: ${compensated}`);
        assert.is(h[1]! & 3, 2);
        assert.is(h[2], crc8(h.slice(0, 2), 0));
      }
    }
    assert.equal(on.warnings, []);
  }
});

test("resolution and time follow bits 7 and 0 of the user register; reads before are not acknowledged", async () => {
  // Bits of the register, of T and RH; typical and maximum ms of T and RH. Si7021: a humidity takes a temperature
  // along.
  const rows = [
    [htu, 0x02, 14, 12, [44, 50], [14, 16]], [htu, 0x03, 12, 8, [11, 13], [2, 3]],
    [htu, 0x82, 13, 10, [22, 25], [4, 5]], [htu, 0x83, 11, 11, [6, 7], [7, 8]],
    [si, 0x3a, 14, 12, [7, 10.8], [17, 22.8]], [si, 0x3b, 12, 8, [2.4, 3.8], [5, 6.9]],
    [si, 0xba, 13, 10, [4, 6.2], [7.7, 10.7]], [si, 0xbb, 11, 11, [1.5, 2.4], [7.3, 9.4]],
  ] as const;
  for (const [board, user, tBits, hBits, tMs, hMs] of rows) {
    for (const [command, bits, ms] of [[0xf3, tBits, tMs], [0xf5, hBits, hMs]] as const) {
      for (const slow of [0, 1] as const) {
        const on = await board();
        on.fault("slow", slow === 1);
        on.write(0xe6, user);
        on.set({ temperature: 23.4567, humidity: 51.234 });
        on.write(command);
        on.clock.advance(ms[slow] - 0.1);
        assert.is(on.read(3), undefined);
        assert.not(on.write(0xe7), "nor a command");
        on.clock.advance(0.2);
        const data = on.read(3)!;
        assert.is(code(data) & ((1 << (16 - bits)) - 1), 0, `${bits} bits`);
        assert.is(on.read(3), undefined, "once");
        assert.equal(on.warnings, []);
      }
    }
  }
});

test("with a held clock the data comes at once, with a warning that a bus would have waited", async () => {
  const on = await htu();
  on.set({ temperature: -5 });
  on.write(0xe3);
  assert.ok(Math.abs(degrees(on.read(3)!) + 5) < 0.01);
  assert.match(on.warnings[0]!, /held clock/);
});

test("the user register is 02 (HTU21D) or 3A (Si7021), and its reserved bits stay", async () => {
  const [a, b] = [await htu(), await si()];
  assert.equal(a.ask(0xe7, 1), [0x02]);
  assert.equal(b.ask(0xe7, 1), [0x3a]);
  a.write(0xe6, 0xff);
  assert.equal(a.ask(0xe7, 1), [0x87]);
  assert.match(a.warnings[0]!, /reserved bits/);
  b.write(0xe6, 0x3b);
  assert.equal(b.ask(0xe7, 1), [0x3b]);
  assert.equal(b.warnings, []);
});

test("a soft reset takes 15 ms and restores the user register", async () => {
  const on = await htu();
  on.write(0xe6, 0x83);
  on.write(0xfe);
  assert.not(on.write(0xe7));
  on.clock.advance(15);
  assert.equal(on.ask(0xe7, 1), [0x02]);
});

test("Si7021: the temperature of the last humidity (5.1.2), the id 15 (5.4), the firmware 2.0 (5.5)", async () => {
  const on = await si();
  on.set({ temperature: 33, humidity: 40 });
  measure(on, 0xf5);
  on.set({ temperature: -20 });
  assert.ok(Math.abs(degrees(on.ask(0xe0, 2)!) - 33) < 0.01);
  const b = on.ask([0xfc, 0xc9], 6)!;
  assert.is(b[0], 0x15);
  assert.is(b[2], crc8(b.slice(0, 2), 0));
  assert.is(b[5], crc8([b[0]!, b[1]!, b[3]!, b[4]!], 0));
  const a = on.ask([0xfa, 0x0f], 8)!;
  assert.is(a[7], crc8([a[0]!, a[2]!, a[4]!, a[6]!], 0));
  assert.equal(on.ask([0x84, 0xb8], 1), [0x20]);
  assert.equal(on.warnings, []);
});

test("what is a command of the Si7021 alone is none of the HTU21D", async () => {
  const on = await htu();
  on.clock.advance(1234);
  for (const message of [[0xe0], [0x84, 0xb8], [0x11]]) {
    on.write(...message);
    assert.is(on.read(2), undefined);
  }
  assert.is(on.warnings[1], "it (htu21d, i2c1 0x40): 0x84 0xB8 is no command: ignored (at 1.234 s)");
});

test("fault crc: the CRC is wrong, the code is not", async () => {
  const on = await htu();
  on.set({ temperature: 21 });
  on.fault("crc");
  const data = measure(on, 0xf3);
  assert.is.not(data[2], crc8(data.slice(0, 2), 0));
  assert.ok(Math.abs(degrees(data) - 21) < 0.01);
});

test("power that fails loses measurement and settings; back after 15 ms, the Si7021 after 80", async () => {
  for (const [board, ms, user] of [[htu, 15, 0x02], [si, 80, 0x3a]] as const) {
    const on = await board();
    on.write(0xe6, user | 1);
    on.fault("reset");
    on.write(0xf3);
    on.clock.advance(1.5);
    on.fault("reset", false);
    on.clock.advance(ms - 1);
    assert.not(on.write(0xe7));
    on.clock.advance(1);
    assert.is(on.read(3), undefined);
    assert.equal(on.ask(0xe7, 1), [user]);
  }
});

test.run();
