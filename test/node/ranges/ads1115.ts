/** ADS1115: SBAS444D, table 3 (a count by the full scale), 7.3 (no input above the supply). */
import { reported, type Row } from "../range/row.ts";

/** Half a count, and half of the last decimal. */
const of = (count: number, decimal: number): number => count / 2 + decimal / 2;

export const row: Row = {
  ranges: [
    {
      sensor: { gain: "2/3" },
      tolerance: { a0: of(187.5e-6, 1e-4), a1: of(187.5e-6, 1e-4), a2: of(187.5e-6, 1e-4), a3: of(187.5e-6, 1e-4) },
      steps: [
        { world: { a0: 0, a1: 5.5, a2: 1, a3: 3 } },
        { world: { a0: 0.0003, a1: 3.3, a2: 2.5, a3: 0 } },
        { world: { a0: 2.71828, a1: 1.41421, a2: 3.14159, a3: 1.61803 } },
        { world: { a0: 5.5, a1: 0, a2: 5.5, a3: 5.5 } },
        { world: { a0: 1, a1: 1, a2: 0, a3: 1 } },
      ],
    },
    {
      sensor: { address: "0x49", gain: 1, rate: 860, inputs: ["a0_a1", "a2"] },
      tolerance: { a0_a1: of(125e-6, 1e-4), a2: of(125e-6, 1e-4) },
      steps: [
        { world: { a0: 0.2, a1: 4.2, a2: 1 }, published: { a0_a1: -4 } },
        { world: { a0: 1.0001, a1: 1.0006, a2: 4 }, published: { a0_a1: -0.0005 } },
        { world: { a0: 4.095, a1: 0, a2: 0 }, published: { a0_a1: 4.095 } },
      ],
    },
    {
      sensor: { address: "0x4a", gain: 16, rate: 8, inputs: ["a3"] },
      tolerance: { a3: of(7.8125e-6, 1e-6) },
      steps: [{ world: { a3: 0.123456 } }, { world: { a3: 0.3 }, error: "range" }, { world: { a3: 0.255 } }],
    },
  ],
  faults: {
    stuck: reported("timeout"),
    reset: reported("reset"),
    // The config register has to read back as it was written.
    corrupt: reported("id", "reset", "timeout"),
  },
};
