/** VEML7700 data sheet 84286 1.8 ("Resolution and maximum detection range"), application note 84323 (strong light). */
import { reported, unnoticed, type Row } from "../range/row.ts";

const at = (illuminance: number): { world: { illuminance: number } } => ({ world: { illuminance } });

/**
 * A count, and half a digit of what is published; above 1000 lx a count is worth what the polynomial makes of it, which
 * is less than 1 + lux / 5000.
 */
const within = (resolution: number) => (lux: number): number =>
  0.06 + resolution * (lux > 1000 ? 1 + lux / 5000 : 1);

export const row: Row = {
  ranges: [
    {
      sensor: { integrationMs: 25 },
      tolerance: { illuminance: within(2.1504) },
      // From 1000 to 1075 lx what is counted and what is corrected overlap.
      steps: [at(0), at(10), at(950), at(1200), at(15_000), at(70_000), at(139_000)],
    },
    {
      tolerance: { illuminance: within(0.5376) },
      steps: [at(1), at(500), at(30_000)],
    },
    {
      sensor: { gain: 2, integrationMs: 800 },
      tolerance: { illuminance: within(0.0042) },
      steps: [at(0), at(0.1), at(100), at(275), { ...at(300), error: "range" }, at(20)],
    },
  ],
  faults: {
    stuck: unnoticed("old", "the part has no flag of its measurements"),
    reset: reported("reset"),
    corrupt: unnoticed("anything", "there is no checksum; wrong ids and settings are noticed", "id", "reset", "range"),
    garbage: unnoticed("true", "the id is asked for when the part is opened"),
    slow: unnoticed("true", "a quarter more than the integration time is waited for"),
  },
};
