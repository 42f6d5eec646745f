/** The virtual analog sensor: what a value of the world does to the pin. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { bench, type Bench } from "./bench.ts";

const STEP = 1 / 4096;

function board(options: object, seed = 1): Promise<Bench> {
  return bench([{ driver: "analog", id: "probe", pins: { pin: "D34" }, options }], seed);
}

test("a thermistor at 25 degC has its nominal resistance: half of the reference with an equal resistor", async () => {
  for (const side of ["low", "high"]) {
    const { machine } = await board({ ntc: { beta: 3950, nominalOhms: 10_000, seriesOhms: 10_000, side } });
    assert.equal(machine.world.names(), ["probe.temperature"]);
    machine.world.set("probe.temperature", 25);
    assert.is(machine.analogRead("D34"), 0.5, side);
  }
});

test("a thermistor of beta 3950 and 10 kOhm has 33.6 kOhm at 0 degC and 1.49 kOhm at 75 degC", async () => {
  // R = R25 * exp(B * (1/T - 1/298.15)): 10000 * exp(3950 * 0.00030698) and 10000 * exp(-3950 * 0.00048175).
  const rows: [number, number][] = [[0, 33_620], [75, 1491]];
  for (const [degrees, ohms] of rows) {
    const low = (await board({ ntc: { beta: 3950, seriesOhms: 4700, side: "low" } })).machine;
    const high = (await board({ ntc: { beta: 3950, seriesOhms: 4700, side: "high" } })).machine;
    low.world.set("probe.temperature", degrees);
    high.world.set("probe.temperature", degrees);
    assert.ok(Math.abs(low.analogRead("D34") - ohms / (ohms + 4700)) < 2 * STEP, `${degrees} degC, low`);
    assert.ok(Math.abs(high.analogRead("D34") - 4700 / (ohms + 4700)) < 2 * STEP, `${degrees} degC, high`);
  }
});

test("a scale is followed back from value to ratio, falling ones and those with corners, too", async () => {
  const { machine } = await board({ field: "moisture", unit: "%", scale: [[0.83, 0], [0.6, 20], [0.36, 100]] });
  assert.equal(machine.world.names(), ["probe.moisture"]);
  for (const [value, ratio] of [[0, 0.83], [10, 0.715], [20, 0.6], [60, 0.48], [100, 0.36]] as const) {
    machine.world.set("probe.moisture", value);
    assert.ok(Math.abs(machine.analogRead("D34") - ratio) <= STEP, `${value} %`);
  }
});

test("beyond the points the first and the last line go on to the ends of the converter", async () => {
  const { machine } = await board({ scale: [[0.2, 10], [0.4, 20]] });
  const [spec] = machine.world.specs();
  assert.ok(Math.abs(spec!.min) < 1e-9 && Math.abs(spec!.max - 50) < 1e-9);
  machine.world.set("probe.value", 40);
  assert.ok(Math.abs(machine.analogRead("D34") - 0.8) <= STEP);
  machine.world.set("probe.value", 1000);
  assert.is(machine.analogRead("D34"), 4095 / 4096);
});

test("the default world of a scale stays between its points", async () => {
  const { machine, clock } = await board({ scale: [[0.1, -40], [0.9, 60]] });
  for (let hour = 0; hour < 24; hour++) {
    const value = machine.world.read("probe.value");
    assert.ok(value > -40 && value < 60);
    clock.advance(3_600_000);
  }
});

test("the converter gives whole steps of its bits, and a pin without a part floats near 0 by seed", async () => {
  const { machine } = await board({});
  machine.world.set("probe.value", 1 / 3);
  assert.is(machine.analogRead("D34"), Math.floor(4096 / 3) / 4096);
  const floating = async (seed: number): Promise<number[]> => {
    const on = await board({}, seed);
    return Array.from({ length: 10 }, () => on.machine.analogRead("D35"));
  };
  const noise = await floating(3);
  assert.ok(noise.every((value) => value >= 0 && value < 0.05));
  assert.ok(new Set(noise).size > 3);
  assert.equal(await floating(3), noise);
});

test("faults open, short and noise", async () => {
  const ntc = { beta: 3950, seriesOhms: 10_000 };
  const low = (await board({ ntc: { ...ntc, side: "low" } })).machine;
  const high = (await board({ ntc: { ...ntc, side: "high" } })).machine;
  for (const [fault, atLow, atHigh] of [["open", 4095 / 4096, 0], ["short", 0, 4095 / 4096]] as const) {
    low.setFault("probe", fault, true);
    high.setFault("probe", fault, true);
    assert.is(low.analogRead("D34"), atLow, fault);
    assert.is(high.analogRead("D34"), atHigh, fault);
    low.setFault("probe", fault, false);
    high.setFault("probe", fault, false);
  }
  low.world.set("probe.temperature", 25);
  low.setFault("probe", "noise", true);
  const readings = Array.from({ length: 50 }, () => low.analogRead("D34"));
  assert.ok(new Set(readings).size > 10);
  assert.ok(readings.every((value) => Math.abs(value - 0.5) <= 0.0503));
});

test.run();
