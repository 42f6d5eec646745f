/** AHT20 data sheet A/0 1.1: 1.1, 1.2 (ranges), 6.1, 6.2: 20 bits, finer than what is published. */
import { reported, unnoticed, type Row } from "../range/row.ts";

export const row: Row = {
  ranges: [{
    tolerance: { temperature: 0.0051, humidity: 0.0051 },
    steps: [
      { world: { temperature: -40, humidity: 0 } },
      { world: { temperature: -12.345, humidity: 12.5 } },
      { world: { temperature: 0, humidity: 33.33 } },
      { world: { temperature: 21.5, humidity: 50 } },
      { world: { temperature: 60, humidity: 80.07 } },
      { world: { temperature: 85, humidity: 100 } },
    ],
  }],
  faults: {
    // Whichever of its waits it is in: a measurement is "busy", a start is not acknowledged.
    stuck: reported("timeout", "nack"),
    reset: reported("reset", "timeout", "nack"),
    corrupt: reported("crc", "timeout", "reset"),
    crc: reported("crc"),
    slow: unnoticed("true", "the longest measurement is waited for"),
    uncalibrated: unnoticed("true", "it is initialized whenever it is opened"),
  },
};
