/** A battery behind a divider: what a converter of 12 bits can tell. */
import { reported, unnoticed, type Row } from "../range/row.ts";

const level = (percent: number): { level: number } => ({ level: percent });

export const row: Row = {
  ranges: [
    {
      sensor: { pin: "D34", upperOhms: 100_000, lowerOhms: 220_000 },
      // A step is 4.8 V / 4096 = 1.17 mV, and 0.13 % of 0.9 V.
      tolerance: { voltage: 0.0018, level: 0.64 },
      steps: [
        { world: { voltage: 0 }, published: level(0) }, { world: { voltage: 3.3 }, published: level(0) },
        { world: { voltage: 3.75 }, published: level(50) }, { world: { voltage: 4.155 }, published: level(95) },
        { world: { voltage: 4.6 }, published: level(100) },
      ],
    },
    {
      sensor: { pin: "D35", upperOhms: 300_000, lowerOhms: 100_000, levels: [[6, 0], [7.2, 20], [7.6, 60], [8.3, 100]] },
      // 13.2 V / 4096 = 3.2 mV, and 0.32 % where it is steepest.
      tolerance: { voltage: 0.0038, level: 0.83 },
      steps: [
        { world: { voltage: 6.6 }, published: level(10) }, { world: { voltage: 7.4 }, published: level(40) },
        { world: { voltage: 8.125 }, published: level(90) }, { world: { voltage: 9.1 }, published: level(100) },
      ],
    },
  ],
  faults: {
    open: unnoticed("anything", "an empty battery looks alike"),
    lower: reported("range"),
  },
};
