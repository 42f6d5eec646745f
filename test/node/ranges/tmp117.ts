/** TMP117 data sheet SNOSD82D: 6.5 (range), 7.6.1: a step is 1/128 degC. */
import { reported, unnoticed, type Row } from "../range/row.ts";

const worlds = [-55, -40.3, -0.0078, 0, 25, 61.7, 150].map((temperature) => ({ world: { temperature } }));

export const row: Row = {
  ranges: [
    { tolerance: { temperature: 0.0045 }, steps: worlds },
    { sensor: { address: "0x4b", average: 64 }, tolerance: { temperature: 0.0045 }, steps: worlds.slice(2, 5) },
  ],
  faults: {
    stuck: reported("timeout", "nack"),
    reset: reported("reset", "range", "nack"),
    corrupt: unnoticed("anything", "there is no checksum; wrong ids and modes are noticed", "id", "reset", "range", "timeout"),
    garbage: unnoticed("true", "ids are asked for when the part is opened"),
    slow: unnoticed("true", "the longest measurement is waited for"),
  },
};
