/** A PIR motion sensor: motion and none, published when it changes. */
import { unnoticed, type Row } from "../range/row.ts";

export const row: Row = {
  ranges: [
    {
      sensor: { pin: "D14" },
      interval: "60s",
      within: "20s",
      tolerance: { motion: 0 },
      steps: [{ world: { motion: 1 } }, { world: { motion: 0 } }, { world: { motion: 1 } }],
    },
  ],
  faults: {
    absent: unnoticed("anything", "its output has two levels, and an open input has one of them"),
    low: unnoticed("anything", "a low output is no motion"),
    stuck: unnoticed("anything", "an output that stands still is no motion, or motion"),
    noise: unnoticed("true", "spikes are shorter than the debouncing"),
    drift: unnoticed("true", "motion and none do not wander"),
  },
};
