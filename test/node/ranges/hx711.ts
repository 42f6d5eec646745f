/** HX711: data sheet, "Output data rate and format" (24 bits). */
import { reported, unnoticed, type Row } from "../range/row.ts";

export const row: Row = {
  ranges: [
    {
      sensor: { clock: "D16", data: "D17", zero: 8430, perUnit: 420.5, decimals: 2 },
      // A step is 1 / 420.5 g = 0.0024 g; two decimals.
      tolerance: { weight: 0.007 },
      steps: [
        { world: { weight: -19_950 } }, { world: { weight: -2.5 } }, { world: { weight: -0.01 } },
        { world: { weight: 0 } }, { world: { weight: 1234.56 } }, { world: { weight: 19_900 } },
      ],
    },
    {
      // Upside down, at the other gain of input A.
      sensor: { clock: "D27", data: "D32", gain: 64, zero: -120, perUnit: -21.3 },
      tolerance: { weight: 0.53 },
      steps: [
        { world: { weight: -393_000 } }, { world: { weight: -100 } }, { world: { weight: 393_700 } },
        { world: { weight: 500 } },
      ],
    },
    {
      sensor: { clock: "D33", data: "D23", gain: 32, field: "pressure", unit: "kPa", perUnit: 1000, decimals: 3 },
      tolerance: { pressure: 0.001 },
      steps: [
        { world: { pressure: -8388.608 }, error: "range" }, { world: { pressure: -8388 } }, { world: { pressure: 0.123 } },
        { world: { pressure: 8388 } },
      ],
    },
  ],
  faults: {
    absent: reported("timeout", "stuck"),
    low: reported("stuck"),
    stuck: reported("timeout", "stuck"),
    reset: reported("timeout"),
    noise: unnoticed("anything", "the bits of the value have no checksum", "stuck", "timeout", "range"),
  },
};
