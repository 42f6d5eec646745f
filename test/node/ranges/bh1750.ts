/** BH1750FVI technical note, revision D: a count is 1/1.2 lx at a measurement time of 69; L-resolution counts by 4. */
import { unnoticed, type Row } from "../range/row.ts";

const at = (illuminance: number): { world: { illuminance: number } } => ({ world: { illuminance } });

export const row: Row = {
  ranges: [
    // A count, as the part cuts, and half a digit of what is published.
    {
      tolerance: { illuminance: 0.884 },
      steps: [at(0), at(1), at(100), at(28_067), at(54_611), { ...at(100_000), error: "range" }, at(500)],
    },
    {
      sensor: { address: "0x5c", mode: "low", measurementTime: 31 },
      tolerance: { illuminance: 7.5 },
      steps: [at(0), at(100), at(54_000), at(121_000)],
    },
    { sensor: { mode: "high2", measurementTime: 254 }, tolerance: { illuminance: 0.17 }, steps: [at(0), at(1), at(7400)] },
  ],
  faults: {
    stuck: unnoticed("old", "the part has no flag of its measurements"),
    reset: unnoticed("anything", "after a loss of power it reads 0, as in darkness"),
    corrupt: unnoticed("anything", "there is no checksum", "range"),
    slow: unnoticed("true", "the longest measurement is waited for"),
  },
};
