/** INA219: SBOS448G, 8.6.3 (10 uV and 4 mV a count), 7.1 (26 V). */
import { reported, type Row } from "../range/row.ts";

/** At so many volts and amperes their steps make so much of the power. */
const power = (volts: number, amps: number, ampStep: number): number => 0.002 * amps + volts * ampStep / 2 + 0.0005;

export const row: Row = {
  ranges: [
    {
      // 0.1 ohm: 0.1 mA a count.
      tolerance: { voltage: 0.002, current: 0.00005, power: power(26, 3.2, 0.0001) },
      steps: [
        { world: { voltage: 0, current: -3.1998 }, published: { power: 0 } },
        { world: { voltage: 12, current: -1.5 }, published: { power: -18 } },
        { world: { voltage: 3.3, current: -0.0001 }, published: { power: -0.0003 } },
        { world: { voltage: 5, current: 0 }, published: { power: 0 } },
        { world: { voltage: 11.98, current: 0.4242 }, published: { power: 5.0819 } },
        { world: { voltage: 26, current: 3.1998 }, published: { power: 83.1948 } },
        { world: { voltage: 26, current: 3.2 }, error: "range" },
        { world: { voltage: 24, current: 1 }, published: { power: 24 } },
      ],
    },
    {
      sensor: { address: "0x41", maxAmps: 0.4, busVolts: 16, averages: 128 },
      tolerance: { voltage: 0.002, current: 0.00005, power: power(16, 0.4, 0.0001) },
      steps: [
        { world: { voltage: 7.4, current: -0.3999 }, published: { power: -2.9593 } },
        { world: { voltage: 16, current: 0.1 }, error: "range" },
        { world: { voltage: 15.9, current: 0.3999 }, published: { power: 6.3584 } },
        { world: { voltage: 5, current: 0.4 }, error: "range" },
        { world: { voltage: 5, current: 0.01 }, published: { power: 0.05 } },
      ],
    },
    {
      sensor: { address: "0x4f", shuntOhms: 0.01 },
      tolerance: { voltage: 0.002, current: 0.0005, power: power(26, 32, 0.001) },
      steps: [
        { world: { voltage: 12, current: 31.9 }, published: { power: 382.8 } },
        { world: { voltage: 24, current: -31.9 }, published: { power: -765.6 } },
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
