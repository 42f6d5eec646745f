/** BMP280 data sheet DS001: table 2 (ranges), 3.3 (resolution at one reading: 16 bits), 3.11.3. */
import { reported, unnoticed, type Row } from "../range/row.ts";

export const row: Row = {
  ranges: [
    {
      // 16 bits are 0.005 degC, and 2.6 Pa at ordinary pressure, 5 Pa at 300 hPa.
      tolerance: { temperature: 0.0151, pressure: 0.06 },
      steps: [
        { world: { temperature: -39.9, pressure: 300.2 } },
        { world: { temperature: -10.13, pressure: 480 } },
        { world: { temperature: 0, pressure: 870 } },
        { world: { temperature: 21.5, pressure: 1013.25 } },
        { world: { temperature: 84.9, pressure: 1099.8 } },
      ],
    },
    {
      sensor: { address: "0x77", oversampling: { temperature: 2, pressure: 16 }, filter: 4 },
      tolerance: { temperature: 0.0151, pressure: 0.01 },
      // The filter of 4 takes 13 samples to come to a step of 2 % (3.3.3): these are one world.
      steps: [{ world: { temperature: 21, pressure: 1013 } }],
      lag: 24,
    },
  ],
  faults: {
    stuck: reported("timeout"),
    reset: reported("range", "timeout"),
    corrupt: unnoticed("anything", "the data has no checksum; a wrong chip id is noticed when the part is opened",
      "id", "range", "timeout"),
    garbage: { reasons: ["id", "range"], publishes: "nothing" },
    slow: unnoticed("true", "the longest measurement is waited for"),
  },
};
