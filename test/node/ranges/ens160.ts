/** ENS160 data sheet SC-001224-DS-9: 5 (0 to 65,000 ppb, 400 to 65,000 ppm), 6 (table 5: index of TVOC), 16.2. */
import { reported, unnoticed, type Row, type Step } from "../range/row.ts";

const at = (tvoc: number, eco2: number, aqi: number): Step => ({ world: { tvoc, eco2 }, published: { aqi } });
const tolerance = { aqi: 0, tvoc: 0.5, eco2: 0.5 };

export const row: Row = {
  ranges: [
    {
      warmUp: "3m", lag: 1,
      tolerance,
      steps: [at(0, 400, 1), at(100, 612, 2), at(400, 900, 3), at(1000, 1500, 4), at(65_000, 65_000, 5)],
    },
    {
      sensor: { address: "0x52" },
      warmUp: "3m", lag: 1,
      tolerance,
      steps: [at(50, 450, 1), at(5000, 30_000, 5)],
    },
  ],
  faults: {
    stuck: { reasons: ["timeout"], publishes: "true" },
    // What is read before the power fails is true.
    reset: { reasons: ["reset", "warmup"], publishes: "true" },
    corrupt: unnoticed("anything", "the data is not under its checksum, which is a register of its own",
      "id", "reset", "fault", "warmup", "invalid", "timeout"),
    invalid: reported("invalid"),
  },
};
