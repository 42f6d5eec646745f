/** HTU21D data sheet HPC199: 14 bits of temperature are 0.0107 degC, 12 bits of humidity 0.0305 %RH. */
import { reported, type Row } from "../range/row.ts";

export const row: Row = {
  ranges: [{
    // Half a step, and half a digit of what is published.
    tolerance: { temperature: 0.0104, humidity: 0.0203 },
    steps: [
      { world: { temperature: -40, humidity: 0 } },
      { world: { temperature: -12.345, humidity: 12.5 } },
      { world: { temperature: 0, humidity: 33.33 } },
      { world: { temperature: 21.5, humidity: 50 } },
      { world: { temperature: 60, humidity: 80.07 } },
      { world: { temperature: 125, humidity: 100 } },
    ],
  }],
  faults: {
    stuck: reported("nack"),
    reset: reported("nack"),
    corrupt: { reasons: ["crc", "id"], publishes: "nothing" },
  },
};
