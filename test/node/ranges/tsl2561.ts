/** TSL2561 data sheet TAOS059N: "Operating characteristics" (full scale), "Calculating lux". */
import { reported, unnoticed, type Row } from "../range/row.ts";

const at = (illuminance: number, infrared = 0.3): { world: { illuminance: number; infrared: number } } =>
  ({ world: { illuminance, infrared } });

// A count of either channel at 402 ms and gain 16 is at most 0.0304 and 0.062 x 1.4 x 0.5^0.4 lx, and in proportion to
// time and gain; half a digit of what is published.
const COUNT = 0.0304 + 0.0658;

export const row: Row = {
  ranges: [
    {
      tolerance: { illuminance: 0.06 + COUNT * 16 },
      steps: [
        at(0), at(2), at(100, 0), at(400, 0.49), at(400, 0.55), at(200, 0.7), at(50, 1), at(8, 1.28), at(10_000),
        { ...at(40_000), error: "range" }, at(1000),
      ],
    },
    {
      sensor: { address: "0x29", integrationMs: 13.7 },
      tolerance: { illuminance: 0.06 + COUNT * 469 },
      steps: [at(100), at(5000, 0.1), at(40_000)],
    },
    {
      sensor: { address: "0x49", gain: 16, package: "cs" },
      tolerance: { illuminance: 0.06 + COUNT },
      steps: [at(0), at(0.5), at(30, 0.6), at(30, 0.75), at(20, 1.1), at(600, 0.2)],
    },
    {
      sensor: { gain: 16, integrationMs: 101 },
      tolerance: { illuminance: 0.06 + COUNT * 3.98 },
      steps: [at(1), at(500)],
    },
  ],
  faults: {
    stuck: unnoticed("old", "the part has no flag of its measurements"),
    reset: reported("reset"),
    corrupt: unnoticed("anything", "there is no checksum; a wrong id or power is noticed", "id", "reset", "range"),
    garbage: unnoticed("true", "the id is asked for when the part is opened"),
    slow: unnoticed("true", "the slowest oscillator is waited for"),
  },
};
