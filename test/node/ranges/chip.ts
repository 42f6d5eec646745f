/** The chip itself: the ESP32's thermometer has steps of 1 degF, the signal those of 1 dBm. */
import type { Row } from "../range/row.ts";

const published = { uptime: 0, freeHeap: 0, resetReason: 0 };

export const row: Row = {
  ranges: [{
    sensor: { quantities: ["rssi", "uptime", "freeHeap", "resetReason", "temperature"] },
    tolerance: { rssi: 0.5, temperature: 0.34, uptime: Infinity, freeHeap: Infinity, resetReason: Infinity },
    steps: [
      { world: { rssi: -95, temperature: -16 }, published }, { world: { rssi: -70, temperature: -0.3 }, published },
      { world: { rssi: -50, temperature: 42 }, published }, { world: { rssi: -20, temperature: 122 }, published },
    ],
  }],
  faults: {},
};
