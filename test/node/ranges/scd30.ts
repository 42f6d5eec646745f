/** SCD30 data sheet, table 1 to 3 (400 to 10,000 ppm, -40 to 70 degC), interface description 1.0: 1.4.5 (floats). */
import { reported, type Row } from "../range/row.ts";

// What is published has whole ppm and two decimals; the floats are finer.
const tolerance = { co2: 0.51, temperature: 0.0051, humidity: 0.0051 };

export const row: Row = {
  ranges: [
    {
      lag: 1,
      tolerance,
      steps: [
        { world: { co2: 400, temperature: -40, humidity: 0, pressure: 1013.25 } },
        { world: { co2: 439.1, temperature: -0.02, humidity: 48.8 } },
        { world: { co2: 2000, temperature: 27.23, humidity: 60 } },
        { world: { co2: 10_000, temperature: 70, humidity: 100 } },
      ],
    },
    {
      sensor: { period: 4, altitude: 3000, temperatureOffset: 1.5, selfCalibration: true },
      interval: "10s", lag: 1,
      // The part does not warm itself here, and takes 1.5 degC off all the same; it is more humid where it is colder.
      tolerance: { co2: 3, temperature: 0.0051, humidity: 100 },
      steps: [
        { world: { co2: 1000, temperature: 20, humidity: 40, pressure: 701.08 }, published: { temperature: 18.5 } },
        { world: { co2: 5000, temperature: -5, humidity: 60, pressure: 701.08 }, published: { temperature: -6.5 } },
      ],
    },
  ],
  faults: {
    stuck: { reasons: ["timeout", "nack"], publishes: "true" },
    // It does not acknowledge for 2 s after its start.
    reset: reported("nack", "timeout"),
    corrupt: reported("crc"),
  },
};
