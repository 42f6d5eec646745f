/**
 * An analog input: the share of the reference voltage, averaged, becomes a value by a scale (two points or more with
 * straight lines between) or by the Beta equation of an NTC thermistor in a divider.
 * Source of the equation: 1/T = 1/T0 + ln(R/R25)/B with T0 = 298.15 K, as in IEC 60539-1 and thermistor data sheets.
 * A sample takes as long as its readings, well below 1 ms each.
 */
import type { AnalogRead } from "../platform/types.ts";
import type { Driver, DriverMeta, DriverOptions } from "./types.ts";

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
 * `factor` / (ln(ratio / (1 - ratio)) + `shift`): absolute temperature of an NTC, in units of `factor`. NodeMCU's Lua
 * 5.1 has no logarithm: ln(x) = 32 ln(x^(1/32)) by five square roots, then ln(x) = 2 (z + z^3/3 + ...) with
 * z = (x - 1) / (x + 1), off by less than 0.0001 for ratios of 0.005 to 0.995: 0.004 degC at 125 degC and beta 3950.
 */
export const thermistor = (factor: number, shift: number, ratio: number): number => {
  let x = ratio / (1 - ratio);
  let roots = 5;
  while (roots > 0) {
    x = Math.sqrt(x);
    roots--;
  }
  x = (x - 1) / (x + 1);
  return factor / (64 * x * (1 + x * x / 3) + shift);
};

/**
 * Errors: "absent": the pin cannot be read; "range": the input is below `low` or above `high`.
 * @param samples readings that are averaged
 * @param points see {@link interpolate}, values in units of the field; empty for an NTC
 * @param factor see {@link thermistor}
 * @param zero 0 degC as absolute temperature, in units of the field
 */
export const create = (
  read: AnalogRead,
  samples: number,
  low: number,
  high: number,
  points: number[],
  factor: number,
  shift: number,
  zero: number,
): Driver => ({
  open: (done) => done(""),
  sample: (done) => {
    let sum = 0;
    let i = 0;
    while (i < samples) {
      sum += read();
      i++;
    }
    const ratio = sum / samples;
    if (ratio >= low && ratio <= high) {
      const value = factor === 0 ? interpolate(points, ratio) : thermistor(factor, shift, ratio) - zero;
      done("", [Math.floor(value + 0.5)]);
    } else {
      // What is no number differs from itself.
      done(ratio === ratio ? "range" : "absent", []);
    }
  },
});

interface Ntc { beta: number; nominalOhms?: number; seriesOhms: number; side: "low" | "high" }

export const meta: DriverMeta = {
  title: "Analog input: a sensor with a voltage, or an NTC thermistor",
  bus: "adc",
  options: {
    scale: {
      type: "array",
      description: "What the input means: points [ratio, value], where the ratio is the share of the reference "
        + "voltage, 0 to 1. Between two points lies a straight line; the first and the last line go on to 0 and 1.",
      examples: [[[0, 0], [1, 3.3]], [[0.83, 0], [0.36, 100]]],
      minItems: 2,
      maxItems: 32,
      items: {
        type: "array",
        prefixItems: [{ type: "number", minimum: 0, maximum: 1 }, { type: "number" }],
        items: false,
        minItems: 2,
      },
    },
    ntc: {
      type: "object",
      description: "An NTC thermistor and a resistor in series between the reference voltage and ground, the pin in "
        + "the middle.",
      examples: [{ beta: 3950, nominalOhms: 10000, seriesOhms: 10000, side: "low" }],
      required: ["beta", "seriesOhms", "side"],
      additionalProperties: false,
      properties: {
        beta: {
          type: "number", minimum: 1000, maximum: 10000,
          description: "Beta of the thermistor (B25/85 or alike), in kelvin.",
        },
        nominalOhms: { type: "number", exclusiveMinimum: 0, default: 10000, description: "Its resistance at 25 °C." },
        seriesOhms: { type: "number", exclusiveMinimum: 0, description: "The resistor." },
        side: {
          enum: ["low", "high"],
          description: "Where the thermistor is: low between pin and ground, high between reference voltage and pin.",
        },
      },
    },
    limits: {
      type: "array",
      description: "Lowest and highest ratio that the sensor can give; beyond is a broken wire or a short circuit, and "
        + "an error. [0, 1] if nothing is said, [0.005, 0.995] with ntc.",
      examples: [[0.1, 0.9]],
      prefixItems: [{ type: "number", minimum: 0, maximum: 1 }, { type: "number", minimum: 0, maximum: 1 }],
      items: false,
      minItems: 2,
    },
    samples: { type: "integer", minimum: 1, maximum: 64, default: 8, description: "Readings that are averaged." },
    field: {
      type: "string",
      pattern: "^[A-Za-z][A-Za-z0-9_-]*$",
      description: "What the value is called: \"value\" if nothing is said, \"temperature\" with ntc.",
      examples: ["moisture"],
    },
    unit: { type: "string", description: "Unit of the value; °C with ntc.", examples: ["%", "V"] },
    deviceClass: { type: "string", description: "Device class of Home Assistant.", examples: ["moisture", "voltage"] },
    decimals: { type: "integer", minimum: 0, maximum: 6, default: 2, description: "Digits after the point." },
  },
  fields: (options: DriverOptions) => {
    const ntc = options["ntc"] !== undefined;
    const deviceClass = options["deviceClass"] as string | undefined ?? (ntc ? "temperature" : undefined);
    const field = {
      name: options["field"] as string | undefined ?? (ntc ? "temperature" : "value"),
      unit: options["unit"] as string | undefined ?? (ntc ? "°C" : ""),
      decimals: options["decimals"] as number | undefined ?? 2,
      stateClass: "measurement" as const,
    };
    return [deviceClass === undefined ? field : Object.assign(field, { deviceClass })];
  },
  // 0.1 ms is a slow reading: Espruino's ESP32 port takes less.
  conversionMs: (options: DriverOptions) => Math.ceil((options["samples"] as number | undefined ?? 8) / 10),
  constants: (options: DriverOptions) => {
    const unit = Math.pow(10, options["decimals"] as number | undefined ?? 2);
    const samples = options["samples"] as number | undefined ?? 8;
    const ntc = options["ntc"] as Ntc | undefined;
    const limits = options["limits"] as number[] | undefined ?? (ntc ? [0.005, 0.995] : [0, 1]);
    const round = (n: number): number => Number(n.toPrecision(12));
    if (ntc) {
      // R/seriesOhms is ratio / (1 - ratio) on the low side, its inverse on the high side: the sign of the logarithm.
      const sign = ntc.side === "low" ? 1 : -1;
      const shift = Math.log(ntc.seriesOhms / (ntc.nominalOhms ?? 10000)) + ntc.beta / 298.15;
      return [samples, limits[0]!, limits[1]!, [], sign * ntc.beta * unit, round(sign * shift), round(273.15 * unit)];
    }
    const scale = (options["scale"] as [number, number][] | undefined ?? []).slice().sort((a, b) => a[0] - b[0]);
    const points = scale.flatMap((point) => [point[0], round(point[1] * unit)]);
    return [samples, limits[0]!, limits[1]!, points, 0, 0, 0];
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
