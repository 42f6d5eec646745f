/** PMS5003: series data manual V2.3, technical index (resolution 1 ug/m3; up to 1000). */
import { harmless, reported, type Row } from "../range/row.ts";

const tolerance = { pm1: 0.5, pm25: 0.5, pm10: 0.5 };

export const row: Row = {
  ranges: [
    {
      sensor: { bus: "uart1", preheat: false },
      buses: { uart1: { rx: "D16", tx: "D17" } },
      tolerance,
      steps: [
        { world: { pm1: 0, pm25: 0, pm10: 0 } }, { world: { pm1: 3.4, pm25: 12.2, pm10: 25 } },
        { world: { pm1: 99, pm25: 255, pm10: 256 } }, { world: { pm1: 990, pm25: 995, pm10: 1000 } },
      ],
    },
    {
      sensor: { bus: "uart2", sleep: true },
      buses: { uart2: { rx: "D16", tx: "D17" } },
      interval: "40s",
      tolerance,
      steps: [{ world: { pm1: 100, pm25: 200, pm10: 300 } }, { world: { pm1: 5, pm25: 6, pm10: 7 } }],
    },
  ],
  patient: {
    sensor: { bus: "uart1" },
    buses: { uart1: { rx: "D16", tx: "D17" } },
    warmUp: "30s",
    tolerance,
    steps: [{ world: { pm1: 99, pm25: 255, pm10: 256 } }, { world: { pm1: 3.4, pm25: 12.2, pm10: 25 } }],
  },
  faults: {
    absent: reported("timeout"),
    low: reported("timeout"),
    stuck: reported("timeout"),
    reset: reported("timeout"),
    // A wrong bit in the head makes it no answer, after which the part may be cold.
    corrupt: reported("timeout", "checksum", "preheating"),
    noise: harmless("stray bytes before a frame do no harm"),
    checksum: reported("checksum"),
  },
};
