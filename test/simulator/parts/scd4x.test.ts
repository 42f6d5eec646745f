/** The virtual SCD41 against its datasheet, version 1.6: 3.4 to 3.10, with its examples. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { commandBoard, crcOf, type CommandBoard } from "./words.ts";

const board = (seed = 1): Promise<CommandBoard> => commandBoard("scd4x", 0x62, seed);
const START = 0x21b1;
const READ = 0xec05;
const STOP = 0x3f86;
const READY = 0xe4b8;

/** What a measurement says: ppm, degC, % (3.5.2). */
const values = ([co2, t, rh]: number[]): number[] => [co2!, -45 + 175 * t! / 65535, 100 * rh! / 65535];
const checkNear = (got: number[], wanted: number[], by = [0.5, 0.0015, 0.002]): void =>
  wanted.forEach((value, i) => assert.ok(Math.abs(got[i]! - value) <= by[i]!, `${got.join(" ")}, not ${wanted.join(" ")}`));

test("the CRCs of the datasheet's examples: 01F4 33, 6667 A2, 5EB9 3C, BEEF 92", () => {
  assert.equal([0x01f4, 0x6667, 0x5eb9, 0xbeef].map(crcOf), [0x33, 0xa2, 0x3c, 0x92]);
});

test("a periodic measurement has its first data after 5 s, and gives each once (3.5)", async () => {
  const on = await board();
  on.set({ co2: 500, temperature: 25, humidity: 37 });
  assert.ok(on.send(START));
  on.clock.advance(4900);
  assert.equal(on.get(READY, 1, 1), [0x8000]);
  assert.is(on.get(READ, 1, 3), undefined, "NACK without data");
  on.clock.advance(100);
  assert.is(on.get(READY, 1, 1)![0]! & 0x7ff, 6);
  checkNear(values(on.get(READ, 1, 3)!), [500, 25, 37]);
  assert.is(on.get(READY, 1, 1)![0]! & 0x7ff, 0);
  assert.is(on.get(READ, 1, 3), undefined);
  on.set({ co2: 900, temperature: -10, humidity: 95 });
  // Another begins within 5 s and is there after 5 s more.
  on.clock.advance(10_000);
  checkNear(values(on.get(READ, 1, 3)!), [900, -10, 95]);
  assert.equal(on.warnings, []);
});

test("low power measures each 30 s (3.8.1)", async () => {
  const on = await board();
  on.send(0x21ac);
  on.clock.advance(29_900);
  assert.equal(on.get(READY, 1, 1), [0x8000]);
  on.clock.advance(100);
  assert.is(on.get(READ, 1, 3)?.length, 3);
});

test("the ends: 400 and 5000 ppm, -10 and 60 degC, 0 and 100 %", async () => {
  const on = await board();
  for (const [co2, temperature, humidity] of [[400, -10, 0], [5000, 60, 100]] as const) {
    on.set({ co2, temperature, humidity });
    on.send(0x219d);
    on.clock.advance(5000);
    checkNear(values(on.get(READ, 1, 3)!), [co2, temperature, humidity]);
  }
});

test("while it measures it takes four commands and acknowledges no other; a stop takes 500 ms (3.4, 3.5.3)", async () => {
  const on = await board();
  on.send(START);
  for (const code of [START, 0x2318, 0x2322, 0x2313, 0x3615, 0x3682, 0x3646, 0x219d]) {
    assert.not(on.send(code), `0x${code.toString(16)}`);
  }
  assert.ok(on.send(0xe000, 0x03db));
  on.clock.advance(1);
  assert.ok(on.send(STOP));
  on.clock.advance(499);
  assert.not(on.send(0x3682));
  on.clock.advance(1);
  assert.ok(on.send(0x3682));
});

test("single shots take 5 s, or 50 ms without CO2, which is 0 then; busy, it does not acknowledge (3.10)", async () => {
  const on = await board();
  on.set({ co2: 1234, temperature: 10, humidity: 60 });
  on.send(0x219d);
  on.clock.advance(4999);
  assert.not(on.send(READ));
  assert.is(on.read(9), undefined);
  on.clock.advance(1);
  checkNear(values(on.get(READ, 1, 3)!), [1234, 10, 60]);
  on.send(0x2196);
  on.clock.advance(50);
  checkNear(values(on.get(READ, 1, 3)!), [0, 10, 60]);
});

test("the examples of 3.6: 5.4 degC is 07E6, 1950 m is 079E; a wrong CRC is not acknowledged and changes nothing", async () => {
  const on = await board();
  assert.ok(Math.abs(on.get(0x2318, 1, 1)![0]! * 175 / 65535 - 4) < 0.002, "4 degC by default (3.6.1)");
  assert.ok(on.write(0x24, 0x1d, 0x07, 0xe6, 0x48));
  on.clock.advance(1);
  assert.equal(on.get(0x2318, 1, 1), [0x07e6]);
  assert.ok(on.write(0x24, 0x27, 0x07, 0x9e, 0x09));
  on.clock.advance(1);
  assert.equal(on.get(0x2322, 1, 1), [1950]);
  assert.not(on.write(0x24, 0x27, 0x07, 0x9e, 0x0a));
  assert.equal(on.get(0x2322, 1, 1), [1950]);
});

test("an offset lowers the temperature, and the humidity follows it; CO2 does not mind (3.6.1)", async () => {
  const on = await board();
  on.set({ co2: 700, temperature: 20, humidity: 50 });
  on.send(0x241d, 0); // no offset: 24 degC are shown
  on.clock.advance(1);
  on.send(0x219d);
  on.clock.advance(5000);
  const [co2, t, rh] = values(on.get(READ, 1, 3)!);
  assert.is(co2, 700);
  assert.ok(Math.abs(t! - 24) < 0.003, `${t}`);
  // Saturation at 20 and 24 degC: 23.37 and 29.83 hPa (steam tables).
  assert.ok(Math.abs(rh! - 50 * 23.37 / 29.83) < 0.1, `${rh}`);
});

test("at 898.7 hPa it reads too little, until it is told the altitude of 1000 m, or the pressure (3.6.3, 3.6.5)", async () => {
  const on = await board();
  on.set({ co2: 1000, pressure: 898.7 });
  const shot = (): number => {
    on.send(0x219d);
    on.clock.advance(5000);
    return on.get(READ, 1, 3)![0]!;
  };
  assert.is(shot(), 887);
  on.send(0x2427, 1000);
  on.clock.advance(1);
  assert.is(shot(), 1000);
  on.send(0xe000, 1013);
  on.clock.advance(1);
  assert.is(shot(), 887, "a pressure overrides the altitude");
  on.send(0xe000, 899);
  on.clock.advance(1);
  assert.is(shot(), 1000);
});

test("settings are kept in EEPROM by persist_settings, and a reinit brings them back (3.9.1, 3.9.5)", async () => {
  const on = await board();
  on.send(0x2427, 500);
  on.clock.advance(1);
  on.send(0x3646);
  on.clock.advance(30);
  assert.equal(on.get(0x2322, 1, 1), [0]);
  on.send(0x2427, 500);
  on.clock.advance(1);
  on.send(0x3615);
  on.clock.advance(799);
  assert.not(on.send(0x2322), "800 ms");
  on.fault("reset");
  on.clock.advance(1);
  on.send(0x2322);
  on.clock.advance(2);
  on.fault("reset", false);
  assert.not(on.write(), "power came 1 ms ago: 30 ms to idle");
  on.clock.advance(30);
  assert.equal(on.get(0x2322, 1, 1), [500]);
  on.send(0x3632);
  on.clock.advance(1200);
  assert.equal(on.get(0x2322, 1, 1), [0], "factory reset");
});

test("asleep it acknowledges nothing; wake_up, never acknowledged, takes 30 ms (3.10.3, 3.10.4)", async () => {
  const on = await board();
  on.send(0x36e0);
  on.clock.advance(1);
  assert.not(on.send(0x3682));
  assert.not(on.send(0x36f6));
  on.clock.advance(29);
  assert.not(on.send(0x3682));
  on.clock.advance(1);
  assert.is(on.get(0x3682, 1, 3)?.length, 3);
  assert.not(on.send(0x36f6));
});

test("each chip has a serial number, the same after a loss of power, and passes its self test", async () => {
  const [a, b] = [await board(1), await board(2)];
  const serial = a.get(0x3682, 1, 3);
  assert.not.equal(serial, b.get(0x3682, 1, 3));
  a.send(0x3639);
  a.clock.advance(10_000);
  assert.equal(a.words(1), [0]);
  assert.equal(a.get(0x3682, 1, 3), serial);
});

test("what is no command is not acknowledged at its second byte, and warns", async () => {
  const on = await board();
  assert.not(on.send(0x1234));
  assert.match(on.warnings[0]!, /0x1234 is no command/);
});

test.run();
