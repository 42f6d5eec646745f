/** DHT11: data sheet V1.3, 3 (ranges; 1 %RH, 0.1 degC), 7. */
import type { Row } from "../range/row.ts";
import { row as dht22 } from "./dht22.ts";

export const row: Row = {
  ranges: [{
    sensor: { pin: "D13" },
    interval: "6s",
    // The part gives whole percents and tenths of a degree.
    tolerance: { temperature: 0.05, humidity: 0.5 },
    steps: [
      { world: { temperature: -20, humidity: 5 } },
      { world: { temperature: -10.1, humidity: 12.3 } },
      { world: { temperature: -0.1, humidity: 30 } },
      { world: { temperature: 24, humidity: 53 } },
      { world: { temperature: 41.27, humidity: 80.08 } },
      { world: { temperature: 60, humidity: 95 } },
    ],
  }],
  // It speaks as a DHT22 does.
  faults: dht22.faults,
};
