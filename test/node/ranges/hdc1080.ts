/** HDC1080 data sheet SNAS672A: 7.5 (range), 8.6.1, 8.6.2: 14 bits, steps of 0.0101 degC and 0.0061 %RH. */
import { reported, unnoticed, type Row } from "../range/row.ts";

export const row: Row = {
  ranges: [{
    // A step, as the part may cut what is below it, and half a digit of what is published.
    tolerance: { temperature: 0.0151, humidity: 0.0112 },
    steps: [
      { world: { temperature: -39.9, humidity: 0.1 } },
      { world: { temperature: -12.345, humidity: 12.5 } },
      { world: { temperature: 0, humidity: 33.33 } },
      { world: { temperature: 21.5, humidity: 50 } },
      { world: { temperature: 60, humidity: 80.07 } },
      { world: { temperature: 124.9, humidity: 99.95 } },
    ],
  }],
  faults: {
    stuck: reported("nack"),
    reset: reported("nack", "range"),
    corrupt: unnoticed("anything", "there is no checksum; wrong ids are noticed", "id", "range"),
    garbage: unnoticed("true", "ids are asked for when the part is opened"),
    slow: unnoticed("true", "the longest measurement is waited for"),
  },
};
