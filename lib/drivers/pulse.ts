/**
 * A pulse counter: water, gas and energy meters, rain gauges, anemometers, flow sensors. Pulses are counted all the
 * time and published at each interval: the total, which outlives restarts, and the rate since the last reading.
 * How fast pulses may come is the platform's matter: lib/platform/<target>/counter.ts.
 */
import { now } from "#platform/timer";
import type { PulseCount } from "../platform/types.ts";
import { SENSOR_CLASSES, type SensorClass, stateClasses } from "./classes.ts";
import type { Driver, DriverMeta, DriverOptions, Field, Total } from "./types.ts";

/** Pulses as units of a field. */
export const pulsesTo = (pulses: number, factor: number): number => Math.floor(pulses * factor + 0.5);

/**
 * The first reading has no rate.
 * @param factor units of the total's field a pulse
 * @param rateFactor units of the rate's field of one pulse a millisecond
 */
export const create = (count: PulseCount, factor: number, rateFactor: number, total: Total): Driver => {
  let counted = 0;
  let countedMs = -1;
  return {
    open: (done) => done(""),
    sample: (done) => {
      const pulses = count();
      const nowMs = now();
      const fresh = pulses - counted;
      const ms = nowMs - countedMs;
      const rate = countedMs >= 0 && ms > 0 ? pulsesTo(fresh / ms, rateFactor) : undefined;
      counted = pulses;
      countedMs = nowMs;
      total.set(total.get() + fresh);
      done("", [pulsesTo(total.get(), factor), rate]);
    },
  };
};

const PERIODS_MS: Record<string, number> = { s: 1000, min: 60000, h: 3600000 };

export const meta: DriverMeta = {
  title: "Pulse counter: meters, rain gauges, flow sensors",
  bus: "counter",
  total: true,
  options: {
    perUnit: {
      type: "number", exclusiveMinimum: 0, default: 1,
      description: "Pulses in one unit: 450 for a flow sensor with 450 pulses a litre, 1000 for a meter with 1000 a kWh.",
      examples: [450, 1000],
    },
    unit: { type: "string", default: "", description: "Unit of the total.", examples: ["L", "kWh", "mm"] },
    decimals: {
      type: "integer", minimum: 0, maximum: 6, default: 0, description: "Digits of the total after the point.", examples: [3],
    },
    deviceClass: {
      enum: /* @__PURE__ */ Object.keys(SENSOR_CLASSES), description: "Device class of Home Assistant for the total.",
      examples: ["water", "energy", "precipitation"],
    },
    ratePer: { enum: ["s", "min", "h"], default: "min", description: "The time that the rate is for.", examples: ["h"] },
    rateUnit: { type: "string", default: "", description: "Unit of the rate.", examples: ["L/min", "kW", "mm/h"] },
    rateDecimals: {
      type: "integer", minimum: 0, maximum: 6, default: 2, description: "Digits of the rate after the point.", examples: [1],
    },
    rateClass: {
      enum: /* @__PURE__ */ Object.keys(SENSOR_CLASSES), description: "Device class of Home Assistant for the rate.",
      examples: ["volume_flow_rate", "power", "precipitation_intensity"],
    },
    edge: { enum: ["falling", "rising"], default: "falling", description: "The edge that is counted.", examples: ["rising"] },
    pull: {
      enum: ["up", "none"], default: "up", description: "The chip's own pull-up resistor, for reed contacts and open collectors.",
      examples: ["none"],
    },
    debounce: {
      type: "integer", minimum: 0, maximum: 1000, default: 0,
      description: "An edge counts when the level has lasted for so many milliseconds: 5 to 20 for reed contacts, 0 for "
        + "Hall sensors and optocouplers.",
      examples: [10],
    },
  },
  setup: (options: DriverOptions) =>
    [(options["pull"] ?? "up") === "up", options["edge"] === "rising", options["debounce"] as number | undefined ?? 0],
  fields: (options: DriverOptions) => {
    const deviceClass = options["deviceClass"] as SensorClass | undefined;
    const rateClass = options["rateClass"] as SensorClass | undefined;
    const total: Field = {
      name: "total", unit: options["unit"] as string | undefined ?? "",
      decimals: options["decimals"] as number | undefined ?? 0,
    };
    const rate: Field = {
      name: "rate", unit: options["rateUnit"] as string | undefined ?? "",
      decimals: options["rateDecimals"] as number | undefined ?? 2, stateClass: "measurement",
    };
    if (deviceClass === undefined || stateClasses(deviceClass).includes("total_increasing")) {
      total.stateClass = "total_increasing";
    }
    if (deviceClass !== undefined) total.deviceClass = deviceClass;
    if (rateClass !== undefined) rate.deviceClass = rateClass;
    return [total, rate];
  },
  conversionMs: () => 1,
  constants: (options: DriverOptions) => {
    const perUnit = options["perUnit"] as number | undefined ?? 1;
    const factor = Math.pow(10, options["decimals"] as number | undefined ?? 0) / perUnit;
    const rate = Math.pow(10, options["rateDecimals"] as number | undefined ?? 2) / perUnit;
    const period = PERIODS_MS[options["ratePer"] as string | undefined ?? "min"]!;
    return [Number(factor.toPrecision(12)), Number((rate * period).toPrecision(12))];
  },
};
