/** The chip itself: the ESP32's thermometer has steps of 1 degF, the signal those of 1 dBm. */
import type { Row } from "../range/row.ts";

export const row: Row = {
  ranges: [
    {
      leftOut: "node/ranges/chip",
      sensor: { quantities: ["rssi", "temperature"] },
      tolerance: { rssi: 0.5, temperature: 0.34 },
      steps: [
        { world: { rssi: -95, temperature: -16 } }, { world: { rssi: -70, temperature: -0.3 } },
        { world: { rssi: -50, temperature: 42 } }, { world: { rssi: -20, temperature: 122 } },
      ],
    },
    {
      sensor: { quantities: ["uptime", "freeHeap", "resetReason"] },
      tolerance: { uptime: Infinity, freeHeap: Infinity, resetReason: Infinity },
      steps: [{ world: { rssi: -70 }, published: { uptime: 0, freeHeap: 0, resetReason: 0 } }],
    },
  ],
  faults: {},
};
