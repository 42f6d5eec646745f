import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, meta } from "../../lib/drivers/analog.ts";
import type { ChipFacts, Values } from "../../lib/drivers/types.ts";
import { bundle, driverAlone } from "./bundle.ts";

type Constants = [
  number, number, number, number, number[], number, number, number, number, number, number,
];

interface Sample { result: [string, Values]; reads: number }

/** A sample of readings that come one after the other, the last one again and again. */
const sample = (options: Record<string, unknown>, ...all: (number | ChipFacts)[]): Sample => {
  const readings = all.filter((each) => typeof each === "number");
  const chip = all.find((each) => typeof each === "object");
  let reads = 0;
  const results: [string, Values][] = [];
  const read = (): number => readings[Math.min(reads++, readings.length - 1)]!;
  const driver = create(read, ...(meta.constants(options, chip) as Constants));
  assert.is(reads, 0, "creating reads nothing");
  driver.open((error) => assert.is(error, ""));
  driver.sample((...result) => results.push(result));
  assert.is(results.length, 1);
  return { result: results[0]!, reads };
};

// --- Scale

test("two points are a straight line, also beyond them and below 0", () => {
  const scale = [[0.1, -40], [0.9, 125]];
  const rows = [[0.1, -4000], [0.9, 12500], [0.5, 4250], [0.1 + 0.8 * 40 / 165, 0], [0, -6062], [1, 14563]];
  for (const [ratio, value] of rows) {
    assert.equal(sample({ scale }, ratio!).result, ["", [value]], `${ratio}`);
  }
});

test("several points, in any order, are lines from one to the next", () => {
  const scale = [[1, 0], [0, 100], [0.5, 20]];
  for (const [ratio, value] of [[0, 1000], [0.25, 600], [0.5, 200], [0.75, 100], [1, 0]]) {
    assert.equal(sample({ scale, decimals: 1 }, ratio!).result, ["", [value]], `${ratio}`);
  }
});

test("readings are averaged, as many as were asked for", () => {
  const scale = [[0, 0], [1, 1]];
  assert.equal(sample({ scale, samples: 4, decimals: 3 }, 0.1, 0.2, 0.3, 0.5), { result: ["", [275]], reads: 4 });
  assert.equal(sample({ scale, decimals: 0 }, 1), { result: ["", [1]], reads: 8 });
  for (let samples = 1; samples <= 64; samples++) {
    assert.equal(sample({ scale, samples }, 1), { result: ["", [100]], reads: samples });
  }
});

test("a pin that cannot be read is \"absent\", also when one reading of many fails", () => {
  assert.equal(sample({ scale: [[0, 0], [1, 1]] }, NaN).result, ["absent", []]);
  assert.equal(sample({ scale: [[0, 0], [1, 1]] }, 0.5, 0.5, NaN, 0.5).result, ["absent", []]);
});

test("an input beyond the limits is \"range\"; the limits themselves are not", () => {
  const options = { scale: [[0.1, 0], [0.9, 10]], limits: [0.02, 0.98], samples: 1 };
  assert.equal(sample(options, 0.0199).result, ["range", []]);
  assert.equal(sample(options, 0.9801).result, ["range", []]);
  assert.equal(sample(options, 0.02).result, ["", [-100]]);
  assert.equal(sample(options, 0.98).result, ["", [1100]]);
});

// --- NTC

interface Divider { beta: number; nominalOhms: number; seriesOhms: number; side: "low" | "high" }

/** Ratio of a divider at a temperature, by the Beta equation the other way round. */
const ratioAt = (celsius: number, { beta, nominalOhms, seriesOhms, side }: Divider): number => {
  const ohms = nominalOhms * Math.exp(beta * (1 / (celsius + 273.15) - 1 / 298.15));
  return (side === "low" ? ohms : seriesOhms) / (ohms + seriesOhms);
};

const DIVIDERS: Divider[] = [
  { beta: 3950, nominalOhms: 10000, seriesOhms: 10000, side: "low" },
  { beta: 3950, nominalOhms: 10000, seriesOhms: 10000, side: "high" },
  { beta: 3435, nominalOhms: 10000, seriesOhms: 4700, side: "high" },
  { beta: 4250, nominalOhms: 100000, seriesOhms: 4700, side: "low" },
  { beta: 3380, nominalOhms: 10000, seriesOhms: 100000, side: "low" },
];

test("half the reference is 25 degC where resistor and thermistor are alike, on both sides", () => {
  for (const side of ["low", "high"]) {
    const ntc = { beta: 3950, nominalOhms: 10000, seriesOhms: 10000, side };
    assert.equal(sample({ ntc }, 0.5).result, ["", [2500]]);
    const unsaid = { beta: 3950, seriesOhms: 10000, side };
    assert.equal(sample({ ntc: unsaid }, 0.5).result, ["", [2500]], "10 kOhm if nothing is said");
  }
});

test("a thermistor of 10 kOhm and 3435 K (B25/85) has 1.45 kOhm at 85 degC", () => {
  // R = R25 exp(B (1/358.15 - 1/298.15)) = 1450 Ohm.
  const ntc = { beta: 3435, nominalOhms: 10000, seriesOhms: 1450, side: "low" };
  const [error, [value]] = sample({ ntc }, 0.5).result;
  assert.is(error, "");
  assert.ok(Math.abs(value! - 8500) <= 3, `${value}`);
});

test("from -40 to 125 degC a thermistor is off by no more than 0.01 degC", () => {
  for (const ntc of DIVIDERS) {
    let within = 0;
    for (let celsius = -40; celsius <= 125; celsius += 0.25) {
      const ratio = ratioAt(celsius, ntc);
      const { result: [error, values] } = sample({ ntc, decimals: 4, samples: 1 }, ratio);
      if (ratio < 0.005 || ratio > 0.995) {
        assert.equal([error, values], ["range", []], `${celsius}`);
      } else {
        within++;
        assert.ok(Math.abs(values[0]! / 10000 - celsius) <= 0.01, `${JSON.stringify(ntc)} ${celsius}: ${values[0]}`);
      }
    }
    assert.ok(within > 500);
  }
});

/** A usual thermistor of 10 kOhm at 25 degC. */
const STEINHART_HART = [0.001129148, 0.000234125, 0.0000000876741];

test("Steinhart and Hart: 32,650, 10,000 and 3,603 Ohm are 0, 25 and 50 degC, on both sides; 100 kOhm is below 0", () => {
  for (const side of ["low", "high"]) {
    for (const [ohms, celsius] of [[32650, 0], [10000, 25], [3603, 50], [100000, -20.52]] as const) {
      const ntc = { steinhartHart: STEINHART_HART, seriesOhms: 4700, side };
      const ratio = (side === "low" ? ohms : 4700) / (ohms + 4700);
      const [error, [value]] = sample({ ntc, samples: 1 }, ratio).result;
      assert.is(error, "");
      assert.ok(Math.abs(value! / 100 - celsius) <= 0.03, `${side} ${ohms}: ${value}`);
    }
  }
});

test("Beta is Steinhart and Hart without the third coefficient", () => {
  const beta = { beta: 3950, nominalOhms: 10000, seriesOhms: 10000, side: "low" };
  const same = { steinhartHart: [1 / 298.15 - Math.log(10000) / 3950, 1 / 3950, 0], seriesOhms: 10000, side: "low" };
  meta.constants({ ntc: beta }).forEach((constant, i) => {
    const other = meta.constants({ ntc: same })[i]!;
    if (typeof constant === "number") assert.ok(Math.abs(constant - (other as number)) <= 1e-9 * Math.abs(constant));
  });
});

test("a divider that is fed with another voltage than the converter's reference reads right, and is at its end sooner", () => {
  const chip = { chip: "ESP32-C3", target: "espruino", referenceVolts: 2.5 };
  for (const divider of DIVIDERS) {
    let within = 0;
    for (let celsius = -40; celsius <= 125; celsius += 0.5) {
      const volts = ratioAt(celsius, divider) * 3.3;
      const reading = Math.min(1, volts / 2.5);
      const { result: [error, values] } =
        sample({ ntc: { ...divider, supplyVolts: 3.3 }, decimals: 4, samples: 1 }, chip, reading);
      if (error === "range") assert.ok(volts < 3.3 * 0.005 + 0.001 || volts > 2.5 * 0.998 - 0.001, `${celsius}`);
      else {
        within++;
        assert.ok(Math.abs(values[0]! / 10000 - celsius) <= 0.01, `${celsius}: ${values[0]}`);
      }
    }
    assert.ok(within > 100, `${within}`);
  }
  const ntc = { ...DIVIDERS[0]!, supplyVolts: 3.3 };
  for (const reading of [0.999, 1, 0, 0.003]) assert.equal(sample({ ntc }, chip, reading).result, ["range", []]);
});

test("a thermistor that is torn off or shorted, or nearly so, is \"range\"", () => {
  for (const ntc of DIVIDERS) {
    for (const ratio of [0, 0.0049, 0.9951, 1]) assert.equal(sample({ ntc }, ratio).result, ["range", []]);
  }
});

// --- meta

test("fields have what the options say, and a thermistor's own names where they say nothing", () => {
  assert.equal(meta.fields({ scale: [], field: "moisture", unit: "%", deviceClass: "moisture", decimals: 0 }), [
    { name: "moisture", unit: "%", decimals: 0, stateClass: "measurement", deviceClass: "moisture" },
  ]);
  assert.equal(meta.fields({ scale: [] }), [{ name: "value", unit: "", decimals: 2, stateClass: "measurement" }]);
  assert.equal(meta.fields({ ntc: DIVIDERS[0] }), [
    { name: "temperature", unit: "°C", decimals: 2, stateClass: "measurement", deviceClass: "temperature" },
  ]);
});

test("options that do not fit are found", () => {
  const pointers = (options: Record<string, unknown>): string[] => meta.problems!(options).map(([pointer]) => pointer);
  const scale = [[0, 0], [1, 1]];
  assert.equal(pointers({ scale }), []);
  assert.equal(pointers({ ntc: DIVIDERS[0] }), []);
  assert.equal(pointers({}), [""]);
  assert.equal(pointers({ scale, ntc: DIVIDERS[0] }), [""]);
  assert.equal(pointers({ ntc: { seriesOhms: 1000, side: "low" } }), ["/ntc"]);
  assert.equal(pointers({ ntc: { ...DIVIDERS[0], steinhartHart: STEINHART_HART } }), ["/ntc"]);
  assert.equal(pointers({ scale: [[0, 0], [1, 1], [0, 2]] }), ["/scale/2"]);
  assert.equal(pointers({ scale, limits: [0.5, 0.5] }), ["/limits"]);
});

test("constants are finite and short", () => {
  const [, , , , points] = meta.constants({ scale: [[0, 0.1], [1, 1.1]] }) as Constants;
  assert.equal(points, [0, 10, 1, 110]);
});

// --- As it is built

/** Bytes of the driver in a node with one analog sensor. */
const bundled = async (options: Record<string, unknown>): Promise<string> => {
  const constants = meta.constants(options).map((constant) => JSON.stringify(constant));
  return bundle(`import { create } from "motelet/lib/drivers/analog.ts";
    declare const it: any;
    it.driver = create(it.read, ${constants.join(", ")});`, "esbuild+terser");
};

test("meta stays out of the bundle, and so does the conversion that one sensor does not use", async () => {
  const alone = await driverAlone("analog");
  assert.not.match(alone.code, /deviceClass|title|nominal/);
  assert.ok(alone.bytes <= 500, `${alone.bytes} bytes`);
  assert.not.match(await bundled({ scale: [[0, 0], [1, 1]] }), "sqrt");
  assert.not.match(await bundled({ ntc: DIVIDERS[0] }), ".length");
});

test.run();
