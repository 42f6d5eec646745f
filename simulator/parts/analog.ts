/**
 * A sensor with an analog output on a pin of the chip: a resistor, a probe, a transmitter, as the board file
 * describes it.
 *
 * Options: `scale`, points [share of the reference, value] of a line, or `ntc`: {beta (K), nominalOhms (at 25
 * degC), seriesOhms, side, supplyVolts}, a thermistor on `side` "low" (pin to ground) or "high" (pin to the
 * supply, which is the reference where nothing is said) with the series resistor on the other. The signal has
 * the name of the option `field` ("value") and is the physical value; the part computes the voltage that it
 * makes. Thermistor: R = R25 * exp(beta * (1/T - 1/298.15 K)), or the inverse of Steinhart and Hart's equation:
 * ln R = cbrt(y - x/2) - cbrt(y + x/2), x = (A - 1/T)/C, y = sqrt((B/3C)^3 + x^2/4).
 */
import type { AnalogPart, PartContext, PartDefinition, SignalSpec } from "../types.ts";

const ZERO_C_KELVIN = 273.15;
const NOMINAL_KELVIN = 298.15;

interface Ntc {
  beta?: number;
  nominalOhms?: number;
  steinhartHart?: [a: number, b: number, c: number];
  seriesOhms: number;
  side: "low" | "high";
  supplyVolts?: number;
}
type Point = [ratio: number, value: number];
type Points = Point[];

/** Share of the reference that the fault `noise` adds at most, either way. */
const NOISE = 0.05;
/** An open wire picks up this much at most. */
const FLOATING = 0.02;

function fieldOf(options: Record<string, unknown>): string {
  return (options.field as string | undefined) ?? (options.ntc === undefined ? "value" : "temperature");
}

/** The points in the order of their ratios. Without a scale the value is the ratio. */
function pointsOf(options: Record<string, unknown>): Points {
  const points = (options.scale as Points | undefined) ?? [[0, 0], [1, 1]];
  return [...points].sort((a, b) => a[0] - b[0]);
}

/** The points with the first and the last line gone on to the ratios 0 and 1. */
export function extended(points: Points): Points {
  const through = ([r0, v0]: Point, [r1, v1]: Point, ratio: number): Points =>
    r0 === r1 ? [] : [[ratio, v0 + ((v1 - v0) * (ratio - r0)) / (r1 - r0)]];
  const [first, second, beforeLast, last] = [points[0]!, points[1]!, points.at(-2)!, points.at(-1)!];
  return [
    ...(first[0] > 0 ? through(first, second, 0) : []),
    ...points,
    ...(last[0] < 1 ? through(beforeLast, last, 1) : []),
  ];
}

/** Resistance of a thermistor. */
export function ntcOhms({ beta = 0, nominalOhms = 10_000, steinhartHart }: Ntc, temperatureC: number): number {
  const perKelvin = 1 / (temperatureC + ZERO_C_KELVIN);
  if (steinhartHart === undefined) return nominalOhms * Math.exp(beta * (perKelvin - 1 / NOMINAL_KELVIN));
  const [a, b, c] = steinhartHart;
  const x = (a - perKelvin) / c;
  const y = Math.sqrt((b / (3 * c)) ** 3 + (x * x) / 4);
  return Math.exp(Math.cbrt(y - x / 2) - Math.cbrt(y + x / 2));
}

/** Share of its supply on the pin of the divider. */
export function ntcRatio(ntc: Ntc, temperatureC: number): number {
  const { seriesOhms, side } = ntc;
  const ohms = ntcOhms(ntc, temperatureC);
  return (side === "high" ? seriesOhms : ohms) / (ohms + seriesOhms);
}

/** The ratio at which the line through the points has a value: of the first stretch that has it. */
export function scaleRatio(points: Points, value: number): number {
  for (let i = 1; i < points.length; i++) {
    const [[ratio0, value0], [ratio1, value1]] = [points[i - 1]!, points[i]!];
    if (value < Math.min(value0, value1) || value > Math.max(value0, value1)) continue;
    return value1 === value0 ? ratio0 : ratio0 + ((value - value0) / (value1 - value0)) * (ratio1 - ratio0);
  }
  // Beyond the table: its nearer end.
  return points.reduce((a, b) => (Math.abs(b[1] - value) < Math.abs(a[1] - value) ? b : a))[0];
}

function signalOf(options: Record<string, unknown>): SignalSpec {
  const name = fieldOf(options);
  if (options.ntc !== undefined) return { name, unit: "°C", mean: 20, swing: 6, min: -55, max: 150 };
  const points = pointsOf(options);
  const measured = points.map(([, value]) => value);
  const possible = extended(points).map(([, value]) => value);
  const [low, high] = [Math.min(...measured), Math.max(...measured)];
  return {
    name, unit: (options.unit as string | undefined) ?? "", mean: (low + high) / 2, swing: (high - low) / 4,
    min: Math.min(...possible), max: Math.max(...possible),
  };
}

function create(context: PartContext): AnalogPart {
  const { options, faults, rng } = context;
  const field = fieldOf(options);
  const ntc = options.ntc as Ntc | undefined;
  const points = extended(pointsOf(options));
  // Of the reference: a divider that is fed with more reaches beyond the converter's end.
  const supply = ntc?.supplyVolts === undefined ? 1 : ntc.supplyVolts / context.referenceVolts;
  const open = (): number => {
    if (ntc === undefined) return rng.next() * FLOATING;
    return ntc.side === "high" ? 0 : supply;
  };
  const shorted = ntc?.side === "high" ? supply : 0;
  return {
    ratio() {
      if (faults.has("open")) return open();
      if (faults.has("short")) return shorted;
      const value = context.signal(field);
      const ratio = ntc === undefined ? scaleRatio(points, value) : ntcRatio(ntc, value) * supply;
      return faults.has("noise") ? Math.min(1, Math.max(0, ratio + (rng.next() * 2 - 1) * NOISE)) : ratio;
    },
  };
}

export const part: PartDefinition = {
  title: "Analog sensor",
  bus: "adc",
  signals: (options) => [signalOf(options)],
  faults: {
    open: "its wire is broken: a thermistor's pin goes to the series resistor's end, another floats near 0",
    short: "its two wires touch",
    noise: "the voltage jumps by up to 5 % of the reference from one reading to the next",
  },
  create,
};
