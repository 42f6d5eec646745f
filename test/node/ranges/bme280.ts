/** BME280: DS002 1.6, table 1 (ranges), 3.4 (resolution at one reading: 16 bits), 4.2.3. */
import { reported, unnoticed, type Row } from "../range/row.ts";

// 16 bits are 0.005 degC and 2.6 Pa at ordinary pressure; the formulas of 4.2.3 and 8.1 agree to 0.01 degC. At 300 hPa
// a step is 5 Pa. Humidity has 16 bits, 0.008 %RH; the integer formula of 4.2.3 is off by up to 0.07 from that of 8.1.
const tolerance = { temperature: 0.0151, humidity: 0.1, pressure: 0.06 };

export const row: Row = {
  ranges: [
    {
      tolerance,
      steps: [
        { world: { temperature: -39.9, humidity: 0, pressure: 300.2 } },
        { world: { temperature: -10.13, humidity: 7.5, pressure: 480 } },
        { world: { temperature: -0.04, humidity: 33.3, pressure: 700 } },
        { world: { temperature: 0, humidity: 50, pressure: 870 } },
        { world: { temperature: 21.5, humidity: 55.25, pressure: 1013.25 } },
        { world: { temperature: 60, humidity: 85, pressure: 1050 } },
        { world: { temperature: 84.9, humidity: 100, pressure: 1099.8 } },
      ],
    },
    {
      sensor: { address: "0x77", oversampling: { temperature: 16, humidity: 16, pressure: 16 } },
      tolerance: { ...tolerance, temperature: 0.0101, pressure: 0.01 },
      steps: [
        { world: { temperature: -3.3, humidity: 40, pressure: 850 } },
        { world: { temperature: 25, humidity: 60, pressure: 1000 } },
      ],
    },
  ],
  faults: {
    stuck: reported("timeout"),
    reset: reported("range", "timeout"),
    corrupt: unnoticed("anything", "the data has no checksum; a wrong chip id is noticed when the part is opened",
      "id", "range", "timeout"),
    garbage: { reasons: ["id", "range"], publishes: "nothing" },
    slow: unnoticed("true", "the longest conversion is waited for"),
  },
};
