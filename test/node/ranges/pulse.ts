/** A pulse counter: the rate. What becomes of the total is in test/node/totals.test.ts. */
import { unnoticed, type Row } from "../range/row.ts";

const published = { total: 0 };

export const row: Row = {
  ranges: [
    {
      sensor: { pin: "D16", perUnit: 10, unit: "L", rateUnit: "L/min", decimals: 1 },
      interval: "6s",
      lag: 1,
      pace: 0.2,
      // A pulse more or less in 6 s, and the time of a reading, which is some ms off.
      tolerance: { rate: (rate) => 1 + rate * 0.002, total: Infinity },
      steps: [
        { world: { rate: 0 }, published }, { world: { rate: 6 }, published }, { world: { rate: 60 }, published },
        { world: { rate: 299.5 }, published },
      ],
    },
    {
      sensor: { pin: "D17", perUnit: 1000, unit: "kWh", ratePer: "h", rateUnit: "kW", edge: "rising", pull: "none", debounce: 5 },
      interval: "6s",
      lag: 1,
      pace: 0.2,
      tolerance: { rate: (rate) => 0.6 + rate * 0.002, total: Infinity },
      steps: [{ world: { rate: 3 }, published }, { world: { rate: 36 }, published }],
    },
  ],
  faults: {
    absent: unnoticed("anything", "no pulses are no flow"),
    low: unnoticed("anything", "no pulses are no flow"),
    stuck: unnoticed("anything", "no pulses are no flow"),
    noise: unnoticed("anything", "a spike is a pulse where nothing is debounced"),
    drift: unnoticed("anything", "1 % more is less than a pulse in an interval"),
  },
};
