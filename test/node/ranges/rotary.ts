/** A rotary encoder: detents, both ways. */
import { unnoticed, type Row } from "../range/row.ts";

export const row: Row = {
  ranges: [
    {
      sensor: { a: "D18", b: "D19" },
      // 198 detents, 50 a second.
      interval: "60s",
      within: "20s",
      pace: 0.2,
      tolerance: { position: 0 },
      steps: [
        { world: { position: 0 } }, { world: { position: 1 } }, { world: { position: -100 } },
        { world: { position: 98 } },
      ],
    },
    {
      sensor: { a: "D23", b: "D27", detents: 2, reverse: true, pull: "none" },
      interval: "60s",
      within: "20s",
      pace: 0.2,
      tolerance: { position: 0 },
      // What it is turned before the node counts is lost: 0 is where that begins.
      steps: [{ world: { position: 0 } }, { world: { position: 3 } }, { world: { position: -3 } }],
    },
  ],
  patient: {
    sensor: { a: "D18", b: "D19" },
    pace: 0.2,
    // Lines that are cut and held low while it rests make edges of their own: the position is relative.
    tolerance: { position: 1 },
    steps: [{ world: { position: -20 } }, { world: { position: 20 } }],
  },
  faults: {
    absent: unnoticed("anything", "one that is not turned looks alike"),
    low: unnoticed("anything", "one that is not turned looks alike"),
    stuck: unnoticed("anything", "there is no oscillator in it"),
    noise: unnoticed("anything", "it stands still meanwhile"),
    drift: unnoticed("anything", "it turns by less than a detent, or turns"),
  },
};
