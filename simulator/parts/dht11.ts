/**
 * Aosong DHT11 V1.3, by its data sheet: 3 (5 to 95 %RH in whole percents, -20 to 60 degC in tenths), 7 (data format: a
 * byte of whole percents, one of 0, a byte of whole degrees, one of tenths with the highest bit as their sign; start
 * signal: 18 ms at least).
 */
import type { PartDefinition } from "../types.ts";
import { SINGLE_BUS_FAULTS, singleBusPart } from "./common/single-bus.ts";

const START_MS = 18;

export const part: PartDefinition = {
  title: "Aosong DHT11",
  bus: "pins",
  signals: () => [
    { name: "temperature", unit: "°C", mean: 20, swing: 6, min: -20, max: 60 },
    { name: "humidity", unit: "%", mean: 55, swing: 15, min: 5, max: 95 },
  ],
  faults: SINGLE_BUS_FAULTS,
  create: (context) => singleBusPart(context, START_MS, () => {
    const tenths = Math.round(context.signal("temperature") * 10);
    const [whole, rest] = [Math.trunc(Math.abs(tenths) / 10), Math.abs(tenths) % 10];
    return [Math.round(context.signal("humidity")), 0, whole, tenths < 0 ? rest | 0x80 : rest];
  }),
};
