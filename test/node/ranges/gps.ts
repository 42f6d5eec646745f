/** GPS: u-blox M8 receiver description R28, 31.2.4, 31.2.13. */
import { harmless, reported, unnoticed, type Row } from "../range/row.ts";

const usual = { altitude: 545.4, speed: 5, course: 84.4, satellites: 8, hdop: 0.9 };

export const row: Row = {
  ranges: [{
    sensor: { bus: "uart1" },
    alone: true,
    buses: { uart1: { rx: "D16", tx: "D17" } },
    // 0.00001 minutes are 0.0000002 degrees. A knot has three decimals; what is beyond the field's digits is cut off.
    tolerance: {
      latitude: 0.0000006, longitude: 0.0000006, altitude: 0.05, speed: 0.051, course: 0.1, satellites: 0.5,
      hdop: 0.005,
    },
    steps: [
      { world: { ...usual, latitude: -90, longitude: -180, altitude: -499.9 } },
      { world: { ...usual, latitude: -33.856789, longitude: -0.123456, satellites: 3, hdop: 20 } },
      { world: { ...usual, latitude: -0.000001, longitude: 0.000001, speed: 0, course: 0 } },
      { world: { ...usual, latitude: 48.1173, longitude: 11.516667 } },
      { world: { ...usual, latitude: 59.999999, longitude: 151.2093, satellites: 12, hdop: 0.5, course: 359.99 } },
      { world: { ...usual, latitude: 90, longitude: 180, altitude: 17_999.9, speed: 1799.9 } },
    ],
  }],
  faults: {
    absent: reported("timeout"),
    low: reported("timeout"),
    stuck: reported("timeout"),
    reset: unnoticed("true", "each half sentence has wrong check digits or none", "timeout", "checksum"),
    corrupt: unnoticed("true", "a wrong bit in the line feed does no harm", "timeout", "checksum"),
    noise: harmless("stray bytes before a sentence do no harm, or make it none", "timeout", "checksum"),
    nofix: reported("nofix"),
    checksum: reported("checksum"),
  },
};
