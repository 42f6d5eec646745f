/** INA226: SBOS547B, 7.6.3 and 7.6.4 (2.5 uV and 1.25 mV a count), 6.1 (36 V). */
import { reported, type Row } from "../range/row.ts";

/** Half a count of each, and the last decimal, and what they make of the power at so many volts and amperes. */
const of = (volts: number, amps: number, ampStep: number): Record<string, number> => ({
  voltage: 0.000625 + 0.0005, current: ampStep, power: 0.0012 * amps + volts * ampStep + 0.0005,
});

export const row: Row = {
  ranges: [
    {
      // 0.1 ohm: 25 uA a count.
      tolerance: of(36, 0.82, 25e-6),
      steps: [
        { world: { voltage: 0, current: -0.8191 }, published: { power: 0 } },
        { world: { voltage: 12, current: -0.5 }, published: { power: -6 } },
        { world: { voltage: 3.3, current: -0.00005 }, published: { power: -0.0002 } },
        { world: { voltage: 5, current: 0 }, published: { power: 0 } },
        { world: { voltage: 11.98, current: 0.4242 }, published: { power: 5.0819 } },
        { world: { voltage: 36, current: 0.8191 }, published: { power: 29.4876 } },
        { world: { voltage: 36, current: 0.8192 }, error: "range" },
        { world: { voltage: 24, current: 0.1 }, published: { power: 2.4 } },
      ],
    },
    {
      sensor: { address: "0x4f", shuntOhms: 0.002, averages: 16 },
      tolerance: of(36, 41, 0.00125),
      steps: [
        { world: { voltage: 11.98, current: 10 }, published: { power: 119.8 } },
        { world: { voltage: 35.9, current: -40.9 }, published: { power: -1468.31 } },
        { world: { voltage: 1, current: 40.9 }, published: { power: 40.9 } },
      ],
    },
  ],
  faults: {
    stuck: reported("timeout"),
    reset: reported("reset"),
    // The configuration has to read back as it was written.
    corrupt: reported("id", "reset", "timeout"),
  },
};
