/**
 * Aosong DHT22 (AM2302), by its product manual: table 1 (0 to 99.9 %RH and -40 to 80 degC, in tenths), 7.1 (data
 * format: 16 bits of humidity, 16 of temperature with the highest as its sign, 8 of checksum), 7.2 (start signal: at
 * least 0.8 ms).
 */
import type { PartDefinition } from "../types.ts";
import { SINGLE_BUS_FAULTS, singleBusPart } from "./common/single-bus.ts";

const START_MS = 0.8;

export const part: PartDefinition = {
  title: "Aosong DHT22",
  bus: "pins",
  signals: () => [
    { name: "temperature", unit: "°C", mean: 20, swing: 6, min: -40, max: 80 },
    { name: "humidity", unit: "%", mean: 55, swing: 15, min: 0, max: 99.9 },
  ],
  faults: SINGLE_BUS_FAULTS,
  create: (context) => singleBusPart(context, START_MS, () => {
    const humidity = Math.round(context.signal("humidity") * 10);
    const celsius = Math.round(context.signal("temperature") * 10);
    const word = Math.abs(celsius) | (celsius < 0 ? 0x8000 : 0);
    return [humidity >> 8, humidity & 0xff, word >> 8, word & 0xff];
  }),
};
