/**
 * An analog input: the share of the reference voltage, averaged, becomes a value by a scale (two points are a line,
 * more of them a table) or by the equation of an NTC thermistor in a divider.
 * Sources: 1/T = 1/T0 + ln(R/R25)/B with T0 = 298.15 K, as in IEC 60539-1 and thermistor data sheets; 1/T = A + B ln R
 * + C (ln R)^3, Steinhart and Hart, Deep-Sea Research 15 (1968) 497.
 * A sample takes as long as its readings, well below 1 ms each.
 */
import type { AnalogRead } from "../platform/types.ts";
import { type SensorClass, stateClasses } from "./classes.ts";
import { analogOptions, polynomial, type Ntc } from "./host/analog.ts";
import type { ChipFacts, Driver, DriverMeta, DriverOptions, Field } from "./types.ts";

/**
 * Value on the lines through `points` (ratio, value, ratio, value, ..., by rising ratio). The first and the last line
 * go on beyond their ends.
 */
export const interpolate = (points: number[], ratio: number): number => {
  let i = 2;
  while (i < points.length - 2 && ratio > points[i]!) {
    i += 2;
  }
  const from = points[i - 1]!;
  return from + (points[i + 1]! - from) * (ratio - points[i - 2]!) / (points[i]! - points[i - 2]!);
};

/**
 * Natural logarithm. NodeMCU's Lua 5.1 has none: ln(x) = 32 ln(x^(1/32)) by five square roots, then ln(x) =
 * 2 (z + z^3/3 + ...) with z = (x - 1) / (x + 1), off by less than 0.0001 for x of 0.005 to 200.
 */
const logarithm = (x: number): number => {
  let root = x;
  let roots = 5;
  while (roots > 0) {
    root = Math.sqrt(root);
    roots--;
  }
  root = (root - 1) / (root + 1);
  return 64 * root * (1 + root * root / 3);
};

/**
 * Absolute temperature of an NTC, in units of which `unit` are a kelvin: 1/T is a polynomial of
 * ln(ratio / (1 - ratio)), into which `meta` makes the Beta equation as well as that of Steinhart and Hart, with the
 * resistor and its side.
 */
export const thermistor = (unit: number, p0: number, p1: number, p2: number, p3: number, ratio: number): number => {
  const x = logarithm(ratio / (1 - ratio));
  return unit / (p0 + x * (p1 + x * (p2 + x * p3)));
};

/**
 * Errors: "absent": the pin cannot be read; "range": the input is below `low` or above `high`.
 * @param samples readings that are averaged
 * @param share of the reference voltage in what feeds the sensor
 * @param points see {@link interpolate}, values in units of the field; empty for an NTC
 * @param unit see {@link thermistor}; 0 with points
 * @param zero 0 degC as absolute temperature, in units of the field
 */
export const create = (
  read: AnalogRead,
  samples: number,
  share: number,
  low: number,
  high: number,
  points: number[],
  unit: number,
  zero: number,
  p0: number,
  p1: number,
  p2: number,
  p3: number,
): Driver => ({
  open: (done) => done(""),
  sample: (done) => {
    let sum = 0;
    let i = 0;
    while (i < samples) {
      sum += read();
      i++;
    }
    const ratio = sum / samples * share;
    if (ratio >= low && ratio <= high) {
      const value = unit === 0 ? interpolate(points, ratio) : thermistor(unit, p0, p1, p2, p3, ratio) - zero;
      done("", [Math.floor(value + 0.5)]);
    } else {
      // What is no number differs from itself.
      done(ratio === ratio ? "range" : "absent", []);
    }
  },
});

export const meta: DriverMeta = {
  title: "Analog input: a sensor with a voltage, or an NTC thermistor",
  bus: "adc",
  options: /* @__PURE__ */ analogOptions(),
  fields: (options: DriverOptions) => {
    const ntc = options["ntc"] !== undefined;
    const deviceClass = options["deviceClass"] as SensorClass | undefined ?? (ntc ? "temperature" : undefined);
    const field: Field = {
      name: options["field"] as string | undefined ?? (ntc ? "temperature" : "value"),
      unit: options["unit"] as string | undefined ?? (ntc ? "°C" : ""),
      decimals: options["decimals"] as number | undefined ?? 2,
    };
    if (deviceClass === undefined || stateClasses(deviceClass).includes("measurement")) field.stateClass = "measurement";
    if (deviceClass !== undefined) field.deviceClass = deviceClass;
    return [field];
  },
  // 0.1 ms is a slow reading: Espruino's ESP32 port takes less.
  conversionMs: (options: DriverOptions) => Math.ceil((options["samples"] as number | undefined ?? 8) / 10),
  constants: (options: DriverOptions, chip?: ChipFacts) => {
    const unit = Math.pow(10, options["decimals"] as number | undefined ?? 2);
    const samples = options["samples"] as number | undefined ?? 8;
    const ntc = options["ntc"] as Ntc | undefined;
    const limits = options["limits"] as number[] | undefined ?? (ntc ? [0.005, 0.995] : [0, 1]);
    const round = (n: number): number => Number(n.toPrecision(12));
    if (ntc) {
      const reference = chip === undefined ? 1 : chip.referenceVolts;
      const share = reference / (ntc.supplyVolts ?? reference);
      // A converter at its end has no more to say.
      const high = Math.min(limits[1]!, share * 0.998);
      return [samples, round(share), limits[0]!, round(high), [] as number[], unit, round(273.15 * unit)]
        .concat(polynomial(ntc).map(round));
    }
    const scale = (options["scale"] as [number, number][] | undefined ?? []).slice().sort((a, b) => a[0] - b[0]);
    const points = scale.flatMap((point) => [point[0], round(point[1] * unit)]);
    return [samples, 1, limits[0]!, limits[1]!, points, 0, 0, 0, 0, 0, 0];
  },
  problems: (options: DriverOptions) => {
    const found: [string, string][] = [];
    const scale = options["scale"] as [number, number][] | undefined;
    const limits = options["limits"] as number[] | undefined;
    if ((scale === undefined) === (options["ntc"] === undefined)) {
      found.push(["", scale === undefined
        ? "needs a scale (what the input means) or an ntc (a thermistor), for example \"scale\": [[0, 0], [1, 3.3]]"
        : "has a scale and an ntc: one of them has to go"]);
    }
    const ntc = options["ntc"] as Ntc | undefined;
    if (ntc !== undefined && (ntc.beta === undefined) === (ntc.steinhartHart === undefined)) {
      found.push(["/ntc", ntc.beta === undefined ? "needs a beta or the coefficients steinhartHart"
        : "has a beta and steinhartHart: one of them has to go"]);
    }
    (scale ?? []).forEach((point, i) => {
      if (scale!.findIndex((other) => other[0] === point[0]) < i) {
        found.push([`/scale/${i}`, `ratio ${point[0]} has two values`]);
      }
    });
    if (limits !== undefined && !(limits[0]! < limits[1]!)) {
      found.push(["/limits", `the lowest ratio, ${limits[0]!}, is not below the highest, ${limits[1]!}`]);
    }
    return found;
  },
};
