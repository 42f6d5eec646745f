/** What the host computes for analog inputs, and their options: nothing of it goes onto a board. */
import { SENSOR_CLASSES } from "../classes.ts";
import type { DriverMeta } from "../types.ts";

export interface Ntc {
  beta?: number;
  nominalOhms?: number;
  steinhartHart?: number[];
  seriesOhms: number;
  side: "low" | "high";
  supplyVolts?: number;
}

/** 1/T = A + B ln R + C (ln R)^3. The Beta equation is that with C = 0, B = 1/beta, A = 1/T25 - ln(R25)/beta. */
const steinhartHart = (ntc: Ntc): number[] => {
  if (ntc.steinhartHart !== undefined) return ntc.steinhartHart;
  return [1 / 298.15 - Math.log(ntc.nominalOhms ?? 10000) / ntc.beta!, 1 / ntc.beta!, 0];
};

/** The same by x = ln(ratio / (1 - ratio)): ln R is ln(seriesOhms) + x on the low side, and - x on the high one. */
export const polynomial = (ntc: Ntc): number[] => {
  const abc = steinhartHart(ntc);
  const a = abc[0]!;
  const b = abc[1]!;
  const c = abc[2]!;
  const k = Math.log(ntc.seriesOhms);
  const s = ntc.side === "low" ? 1 : -1;
  return [a + b * k + c * k * k * k, s * (b + 3 * c * k * k), 3 * c * k, s * c];
};

/** A function, as the bundlers drop what is called in `meta` and nowhere else. */
export const analogOptions = (): DriverMeta["options"] => ({
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
    required: ["seriesOhms", "side"],
    additionalProperties: false,
    properties: {
      beta: {
        type: "number", minimum: 1000, maximum: 10000,
        description: "Beta of the thermistor (B25/85 or alike), in kelvin: right within some 0.5 °C between 0 and 100.",
      },
      steinhartHart: {
        type: "array", items: { type: "number" }, minItems: 3, maxItems: 3,
        description: "In place of beta: the coefficients A, B, C of Steinhart and Hart, for ohms and kelvin.",
        examples: [[0.001129148, 0.000234125, 0.0000000876741]],
      },
      nominalOhms: { type: "number", exclusiveMinimum: 0, default: 10000, description: "Its resistance at 25 °C." },
      seriesOhms: { type: "number", exclusiveMinimum: 0, description: "The resistor." },
      side: {
        enum: ["low", "high"],
        description: "Where the thermistor is: low between pin and ground, high between reference voltage and pin.",
      },
      supplyVolts: {
        type: "number", exclusiveMinimum: 0, maximum: 5.5,
        description: "What the divider is fed with, where that is not what the converter reads as 1.", examples: [3.3],
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
  deviceClass: {
    enum: Object.keys(SENSOR_CLASSES), description: "Device class of Home Assistant.", examples: ["moisture", "voltage"],
  },
  decimals: { type: "integer", minimum: 0, maximum: 6, default: 2, description: "Digits after the point." },
});
