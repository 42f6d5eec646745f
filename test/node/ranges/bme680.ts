/** BME680 data sheet DS001 1.9: tables 2 to 5 (ranges), 3.2.1 (resolution: 16 bits at one reading), 3.4. */
import { reported, unnoticed, type Row } from "../range/row.ts";

// 16 bits are 0.005 degC, and 2.6 Pa at ordinary pressure, 5 Pa at 300 hPa; humidity has 16 bits. The converter of the
// gas sensor has 10 bits of a quarter of its range: 0.2 %.
const tolerance = {
  temperature: 0.0151, humidity: 0.06, pressure: 0.06, gas_resistance: (ohms: number): number => 1 + ohms * 0.005,
};

export const row: Row = {
  ranges: [
    {
      tolerance,
      steps: [
        { world: { temperature: -39.9, humidity: 0, pressure: 300.2, gas_resistance: 200 } },
        { world: { temperature: -10.13, humidity: 12.5, pressure: 480, gas_resistance: 5000 } },
        { world: { temperature: 0, humidity: 33.33, pressure: 870, gas_resistance: 60_000 } },
        { world: { temperature: 21.5, humidity: 50, pressure: 1013.25, gas_resistance: 123_456 } },
        { world: { temperature: 60, humidity: 80, pressure: 1050, gas_resistance: 1_000_000 } },
        { world: { temperature: 84.9, humidity: 100, pressure: 1099.8, gas_resistance: 11_900_000 } },
      ],
    },
    {
      sensor: { address: "0x77", heater: 0, oversampling: { temperature: 4, humidity: 2, pressure: 16 } },
      tolerance,
      steps: [
        { world: { temperature: -3.3, humidity: 40, pressure: 850 } },
        { world: { temperature: 25, humidity: 60, pressure: 1000 } },
      ],
    },
  ],
  faults: {
    stuck: reported("timeout"),
    reset: reported("timeout", "nack", "heater", "range"),
    corrupt: unnoticed("anything", "the data has no checksum; a wrong chip id or status is noticed",
      "id", "range", "timeout", "heater"),
    garbage: { reasons: ["id", "range", "heater", "timeout"], publishes: "nothing" },
    cold: { reasons: ["heater"], publishes: "true", because: "the other quantities do not need the heater" },
    slow: unnoticed("true", "the longest measurement is waited for"),
  },
};
