/**
 * Avia HX711: weight, or any other bridge, by a converter of 24 bits with two wires of its own.
 * Source: Avia Semiconductor HX711 data sheet: "Output data rate and format" (two's complement, 800000h and 7FFFFFh
 * when beyond), "Serial interface", table 3 (pulses choose input and gain), figure 2 (PD_SCK high for 50 us at most),
 * "Reset and power-down", "Key electrical characteristics" (10 or 80 values a second, settling 400 or 50 ms).
 * Units: those of the option `unit`, by two measured points.
 */
import { after } from "#platform/timer";
import type { ShiftIn } from "../platform/types.ts";
import type { Driver, DriverMeta, DriverOptions, ReadError } from "./types.ts";

/** A value is there when the data line is low; so often, every so many ms, it is looked at: longer than settling. */
const LOOKS = 50;
const LOOK_MS = 10;

/** 24 bits, two's complement. */
export const signed24 = (bits: number): number => bits < 8388608 ? bits : bits - 16777216;

/**
 * Errors: "timeout": no value came (no part, or its clock stands still); "stuck": the line is low after a value, where
 * the part holds it high: it is shorted; "range": the bridge gives more than the input takes.
 * @param pulses after the 24 of a value: 1 for a gain of 128, 2 for input B, 3 for a gain of 64 (table 3)
 * @param zero the value of an empty scale
 * @param factor units of the field a step
 */
export const create = (port: ShiftIn, pulses: number, zero: number, factor: number): Driver => {
  /** Waits for a value. */
  const read = (done: (this: void, error: ReadError, value: number) => void): void => {
    let looks = LOOKS;
    const look = (): void => {
      if (!port.data()) {
        const value = signed24(port.pulse(24));
        port.pulse(pulses);
        done(port.data() ? "" : "stuck", value);
      } else if (looks > 0) {
        looks--;
        after(look, LOOK_MS);
      } else {
        done("timeout", 0);
      }
    };
    look();
  };
  return {
    // The first value after power-on is of input A with a gain of 128, whatever is wanted: it tells the part.
    open: (done) => read((error) => done(error)),
    // What has been ready since the last sample is old: the next one is new.
    sample: (done) => read((stale) => {
      if (stale !== "") {
        done(stale, []);
      } else {
        read((error, value) => {
          if (error !== "") {
            done(error, []);
          } else if (value === -8388608 || value === 8388607) {
            done("range", []);
          } else {
            done("", [Math.floor((value - zero) * factor + 0.5)]);
          }
        });
      }
    }),
  };
};

const PULSES: Record<number, number> = { 128: 1, 32: 2, 64: 3 };

export const meta: DriverMeta = {
  title: "Avia HX711: weight by a load cell",
  bus: "shift",
  options: {
    gain: {
      enum: [128, 64, 32], default: 128,
      description: "128 (±20 mV) and 64 (±40 mV) are of input A, 32 (±80 mV) is of input B.",
    },
    zero: {
      type: "integer", minimum: -8388608, maximum: 8388607, default: 0,
      description: "What the converter gives when the scale is empty.", examples: [8430],
    },
    perUnit: {
      type: "number", default: 1,
      description: "Steps of the converter in one unit: (value with a known weight - zero) / weight. Negative when the "
        + "cell is mounted upside down.",
      examples: [420.5, -21.3],
    },
    field: {
      type: "string", pattern: "^[A-Za-z][A-Za-z0-9_-]*$", default: "weight", description: "What the value is called.",
      examples: ["weight"],
    },
    unit: { type: "string", default: "g", description: "Unit of the value.", examples: ["g", "kg"] },
    decimals: { type: "integer", minimum: 0, maximum: 6, default: 0, description: "Digits after the point." },
  },
  fields: (options: DriverOptions) => {
    const unit = options["unit"] as string | undefined ?? "g";
    const field = {
      name: options["field"] as string | undefined ?? "weight", unit,
      decimals: options["decimals"] as number | undefined ?? 0, stateClass: "measurement" as const,
    };
    const isWeight = ["µg", "mg", "g", "kg", "oz", "lb"].includes(unit);
    return [isWeight ? Object.assign(field, { deviceClass: "weight" as const }) : field];
  },
  // Two values at 10 a second, or a settling time of 400 ms.
  conversionMs: () => 1000,
  constants: (options: DriverOptions) => {
    const perUnit = options["perUnit"] as number | undefined ?? 1;
    const scale = Math.pow(10, options["decimals"] as number | undefined ?? 0);
    return [PULSES[options["gain"] as number | undefined ?? 128]!, options["zero"] as number | undefined ?? 0,
      Number((scale / perUnit).toPrecision(12))];
  },
  problems: (options: DriverOptions) => options["perUnit"] === 0 ? [["/perUnit", "0 steps in a unit weigh nothing"]] : [],
};
