/** DHT22: AM2302 product manual, table 1 (ranges; resolution 0.1 %RH, 0.1 degC), 7.1. */
import { reported, unnoticed, type Row } from "../range/row.ts";

export const row: Row = {
  ranges: [{
    sensor: { pin: "D4" },
    interval: "6s",
    // The part gives tenths.
    tolerance: { temperature: 0.05, humidity: 0.05 },
    steps: [
      { world: { temperature: -40, humidity: 0 } },
      { world: { temperature: -10.1, humidity: 12.3 } },
      { world: { temperature: -0.1, humidity: 30 } },
      { world: { temperature: 0, humidity: 50 } },
      { world: { temperature: 35.1, humidity: 65.2 } },
      { world: { temperature: 51.23, humidity: 80.08 } },
      { world: { temperature: 80, humidity: 99.9 } },
    ],
  }],
  faults: {
    absent: reported("absent"),
    low: reported("absent"),
    stuck: reported("absent"),
    noise: unnoticed("true", "spikes change the number of bits or the checksum", "absent", "timeout", "checksum"),
    checksum: reported("checksum"),
    // NodeMCU has one status for a part that stops and for none at all.
    reset: reported("timeout", "absent"),
    held: reported("absent"),
  },
};
