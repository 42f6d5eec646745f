/** MH-Z19B: user's manual V1.0, technical parameters, "0x86" (1 ppm). */
import { harmless, reported, type Row } from "../range/row.ts";

export const row: Row = {
  ranges: [
    {
      sensor: { bus: "uart1", preheat: false },
      buses: { uart1: { rx: "D16", tx: "D17" } },
      tolerance: { co2: 0.5 },
      steps: [
        { world: { co2: 0 } }, { world: { co2: 410.4 } }, { world: { co2: 608 } }, { world: { co2: 2048 } },
        { world: { co2: 5000 } },
      ],
    },
    {
      sensor: { bus: "uart2", preheat: false, range: 10000, autoCalibration: false },
      buses: { uart2: { rx: "D26", tx: "D27" } },
      tolerance: { co2: 0.5 },
      steps: [{ world: { co2: 300 } }, { world: { co2: 9999 } }],
    },
  ],
  patient: {
    sensor: { bus: "uart1" },
    buses: { uart1: { rx: "D16", tx: "D17" } },
    warmUp: "3m",
    tolerance: { co2: 0.5 },
    steps: [{ world: { co2: 1200 } }, { world: { co2: 608 } }],
  },
  faults: {
    absent: reported("timeout"),
    low: reported("timeout"),
    stuck: reported("timeout"),
    reset: reported("timeout"),
    // A wrong bit in the head makes it no answer, after which the part may be cold.
    corrupt: reported("timeout", "checksum", "preheating"),
    noise: harmless("stray bytes before an answer do no harm"),
    checksum: reported("checksum"),
  },
};
