/** MAX17048: 19-6171, table 2 (78.125 uV, 1/256 %, 0.208 %/h), 2.5 V to 4.5 V. */
import { unnoticed, type Row } from "../range/row.ts";

export const row: Row = {
  ranges: [{
    // It measures by itself; where the charge hardly changes it hibernates, and does so every 45 s.
    lag: 10,
    tolerance: { voltage: 0.0001, level: 0.007, rate: 0.155 },
    steps: [
      { world: { voltage: 2.5, level: 0, rate: -100 } },
      { world: { voltage: 3.1234, level: 12.3, rate: -12.5 } },
      { world: { voltage: 3.7, level: 50, rate: 0 } },
      { world: { voltage: 4.2, level: 99.9, rate: 33.3 } },
      { world: { voltage: 4.5, level: 100, rate: 100 } },
    ],
  }],
  faults: {
    stuck: unnoticed("old", "the part has no sign of a measurement that is new"),
    // What is read before the power fails is true.
    reset: { reasons: ["reset"], publishes: "true" },
    corrupt: unnoticed("anything", "the data has no checksum; a wrong version is noticed when the part is opened",
      "id", "range", "reset"),
  },
};
