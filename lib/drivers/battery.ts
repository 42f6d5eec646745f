/**
 * The voltage of a battery behind a divider of two resistors on an analog input, and how full that says it is.
 * U = ratio x reference x (upper + lower) / lower (voltage divider). How full: straight lines between measured points,
 * of the battery's data sheet at the node's load; without points one line from empty to full.
 * Units: 0.001 V, 1 %. Both resistors together should be high (1 MOhm), and a capacitor of 100 nF at the pin.
 */
import type { AnalogRead } from "../platform/types.ts";
import { interpolate } from "./analog.ts";
import type { ChipFacts, Driver, DriverMeta, DriverOptions } from "./types.ts";

/** Share that a converter at its end gives, about: the voltage is that or more. */
const SATURATED = 0.998;

/**
 * Errors: "absent": the pin cannot be read; "range": more than the divider lets the converter see.
 * @param samples readings that are averaged
 * @param scale mV at a ratio of 1
 * @param points mV and percent, in turn, by rising mV
 */
export const create = (read: AnalogRead, samples: number, scale: number, points: number[]): Driver => ({
  open: (done) => done(""),
  sample: (done) => {
    let sum = 0;
    let i = 0;
    while (i < samples) {
      sum += read();
      i++;
    }
    const ratio = sum / samples;
    if (ratio < SATURATED) {
      const percent = interpolate(points, ratio * scale);
      done("", [Math.floor(ratio * scale + 0.5), Math.floor(Math.min(100, Math.max(0, percent)) + 0.5)]);
    } else {
      done(ratio === ratio ? "range" : "absent", []);
    }
  },
});

const pointsOf = (options: DriverOptions): [number, number][] => {
  const given = options["levels"] as [number, number][] | undefined;
  const line: [number, number][] = [
    [options["empty"] as number | undefined ?? 3.3, 0], [options["full"] as number | undefined ?? 4.2, 100],
  ];
  return (given ?? line).slice().sort((a, b) => a[0] - b[0]);
};

export const meta: DriverMeta = {
  title: "Battery behind a divider: voltage, level",
  bus: "adc",
  options: {
    upperOhms: {
      type: "number", minimum: 0, description: "The resistor between battery and pin; 0 for none.", examples: [220000],
    },
    lowerOhms: { type: "number", exclusiveMinimum: 0, description: "The one between pin and ground.", examples: [100000] },
    empty: {
      type: "number", exclusiveMinimum: 0, default: 3.3, description: "Volts at which it is empty.", examples: [3.3],
    },
    full: { type: "number", exclusiveMinimum: 0, default: 4.2, description: "Volts at which it is full.", examples: [4.2] },
    levels: {
      type: "array", minItems: 2, maxItems: 16,
      description: "In place of empty and full: points [volts, percent] with straight lines between.",
      examples: [[[3.3, 0], [3.6, 20], [3.8, 60], [4.15, 100]]],
      items: {
        type: "array", minItems: 2, items: false,
        prefixItems: [{ type: "number", minimum: 0 }, { type: "number", minimum: 0, maximum: 100 }],
      },
    },
    samples: { type: "integer", minimum: 1, maximum: 64, default: 16, description: "Readings that are averaged." },
  },
  required: ["upperOhms", "lowerOhms"],
  fields: () => [
    { name: "voltage", unit: "V", decimals: 3, deviceClass: "voltage", stateClass: "measurement" },
    { name: "level", unit: "%", decimals: 0, deviceClass: "battery", stateClass: "measurement" },
  ],
  conversionMs: (options: DriverOptions) => Math.ceil((options["samples"] as number | undefined ?? 16) / 10),
  constants: (options: DriverOptions, chip?: ChipFacts) => {
    const lower = options["lowerOhms"] as number;
    const reference = chip === undefined ? 1 : chip.referenceVolts;
    const scale = 1000 * reference * (options["upperOhms"] as number + lower) / lower;
    const points = pointsOf(options).flatMap((point) => [Math.round(point[0] * 1000), point[1]]);
    return [options["samples"] as number | undefined ?? 16, Number(scale.toPrecision(9)), points];
  },
  problems: (options: DriverOptions, chip?: ChipFacts) => {
    const points = pointsOf(options);
    const given = options["levels"] !== undefined;
    if (points.some((point, i) => i > 0 && point[0] === points[i - 1]![0])) {
      return [[given ? "/levels" : "/full", "two levels have the same voltage"]];
    }
    if (!given && points[0]![1] !== 0) return [["/full", "it is not above empty"]];
    const most = meta.constants(options, chip)[1] as number / 1000;
    return chip !== undefined && points[points.length - 1]![0] > most * SATURATED
      ? [["/upperOhms", `${most.toFixed(2)} V are the most that the converter sees behind this divider`]] : [];
  },
};
