/** An analog input: what a converter of 12 bits can tell. */
import { reported, unnoticed, type Row } from "../range/row.ts";

const STEPS = 4096;
const KELVIN = 273.15;

/** A step of the converter at a temperature in degC, for a thermistor of 10 kOhm and 3950 K and as much in series. */
const stepAt = (celsius: number): number => {
  const kelvin = celsius + KELVIN;
  const ohms = 10_000 * Math.exp(3950 * (1 / kelvin - 1 / 298.15));
  const ratio = ohms / (ohms + 10_000);
  return kelvin * kelvin / 3950 / (ratio * (1 - ratio)) / STEPS;
};

export const row: Row = {
  ranges: [
    {
      sensor: { pin: "D34", ntc: { beta: 3950, nominalOhms: 10_000, seriesOhms: 10_000, side: "low" } },
      // A step of the converter, and what Lua's logarithm and two decimals round away.
      tolerance: { temperature: (celsius) => stepAt(celsius) + 0.015 },
      steps: [
        { world: { temperature: -55 } }, { world: { temperature: -20.5 } }, { world: { temperature: 0 } },
        { world: { temperature: 25 } }, { world: { temperature: 85 } }, { world: { temperature: 150 } },
      ],
    },
    {
      // Fed with more than the converter's reference: its end is at 43 degC.
      sensor: {
        pin: "D35",
        ntc: {
          steinhartHart: [0.001129148, 0.000234125, 0.0000000876741], seriesOhms: 10_000, side: "high", supplyVolts: 5,
        },
      },
      tolerance: { temperature: (celsius) => stepAt(celsius) + 0.02 },
      steps: [
        { world: { temperature: -30 } }, { world: { temperature: 25 } }, { world: { temperature: 60 }, error: "range" },
        { world: { temperature: 40 } },
      ],
    },
    {
      sensor: { pin: "D36", field: "moisture", unit: "%", scale: [[0.83, 0], [0.36, 100]] },
      tolerance: { moisture: 100 / 0.47 / STEPS + 0.005 },
      steps: [
        { world: { moisture: -36 } }, { world: { moisture: 0 } }, { world: { moisture: 63.21 } },
        { world: { moisture: 176 } },
      ],
    },
    {
      sensor: { pin: "D39", scale: [[0, -40], [0.5, 0], [0.75, 10], [1, 125]], decimals: 1 },
      tolerance: { value: 115 / 0.25 / STEPS + 0.05 },
      steps: [
        { world: { value: -39.9 } }, { world: { value: -0.5 } }, { world: { value: 5 } }, { world: { value: 80 } },
        { world: { value: 124.9 } },
      ],
    },
  ],
  faults: {
    open: reported("range"),
    short: reported("range"),
    noise: unnoticed("anything", "a voltage that jumps is a voltage"),
  },
};
