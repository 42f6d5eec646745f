/** CCS811 data sheet SC-001232-DS-2: "ALG_RESULT_DATA" (400 to 29,206 ppm, 0 to 32,768 ppb). */
import { reported, unnoticed, type Row, type Step } from "../range/row.ts";

const at = (eco2: number, tvoc: number): Step => ({ world: { eco2, tvoc } });
const tolerance = { eco2: 0.5, tvoc: 0.5 };

export const row: Row = {
  ranges: [
    {
      // It does not start with its 20 minutes: the part of the simulator has no run-in.
      sensor: { warmUp: 0 },
      lag: 1,
      tolerance,
      steps: [at(400, 0), at(612, 34), at(3000, 5000), at(29_206, 32_768)],
    },
    {
      sensor: { address: "0x5b", warmUp: 1, period: 10, baseline: 33972 },
      interval: "10s", lag: 2, warmUp: "1m",
      tolerance,
      steps: [at(450, 10), at(800, 210)],
    },
  ],
  faults: {
    stuck: { reasons: ["timeout"], publishes: "true" },
    // What is read before the power fails is true. The boot loader takes the mode for an error.
    reset: { reasons: ["reset", "nack", "timeout", "fault"], publishes: "true" },
    corrupt: unnoticed("anything", "there is no checksum; a wrong id, status or range is noticed",
      "id", "reset", "fault", "timeout", "range", "nack"),
    heater: reported("fault"),
  },
};
