/** MS5611: ENG_DS_MS5611-01BA03_B3, "Performance specifications" (-40 to 85 degC, 10 to 1200 mbar). */
import { reported, unnoticed, type Row } from "../range/row.ts";

export const row: Row = {
  ranges: [
    {
      // 24 bits are far finer than 0.01 degC and 0.01 mbar, in which the data sheet computes.
      tolerance: { temperature: 0.011, pressure: 0.021 },
      steps: [
        { world: { temperature: -40, pressure: 10.5 } },
        { world: { temperature: -15.2, pressure: 300 } },
        { world: { temperature: -0.01, pressure: 700.05 } },
        { world: { temperature: 19.99, pressure: 1013.25 } },
        { world: { temperature: 20.01, pressure: 1100 } },
        { world: { temperature: 85, pressure: 1199.5 } },
      ],
    },
    {
      sensor: { address: "0x76", oversampling: 256 },
      // 0.012 degC and 0.065 mbar of resolution.
      tolerance: { temperature: 0.03, pressure: 0.14 },
      steps: [{ world: { temperature: -3.3, pressure: 850 } }, { world: { temperature: 25, pressure: 1000 } }],
    },
  ],
  faults: {
    // A part that does not come out of its reset acknowledges nothing.
    stuck: reported("timeout", "nack"),
    reset: reported("timeout", "crc", "nack"),
    corrupt: unnoticed("anything", "the PROM has a CRC, values have none", "crc", "range", "timeout"),
  },
};
