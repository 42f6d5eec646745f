/** A contact: both of its positions, published when it moves. */
import { unnoticed, type Row } from "../range/row.ts";

export const row: Row = {
  ranges: [
    {
      sensor: { pin: "D4" },
      interval: "60s",
      within: "20s",
      tolerance: { contact: 0 },
      steps: [{ world: { contact: 1 } }, { world: { contact: 0 } }, { world: { contact: 1 } }],
    },
    {
      sensor: { pin: "D13", on: "low", pull: "none", debounce: 10, field: "door", deviceClass: "door" },
      interval: "60s",
      within: "20s",
      tolerance: { door: 0 },
      steps: [{ world: { door: 1 } }, { world: { door: 0 } }, { world: { door: 1 } }],
    },
  ],
  faults: {
    absent: unnoticed("anything", "a cut wire is an open contact"),
    low: unnoticed("anything", "a wire on ground is a closed contact"),
    stuck: unnoticed("anything", "there is no oscillator in it"),
    noise: unnoticed("true", "spikes are shorter than the debouncing"),
    drift: unnoticed("true", "open and closed do not wander"),
  },
};
