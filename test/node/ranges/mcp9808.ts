/** MCP9808 data sheet DS20005095B: 1.0 (range), 5.1.3: steps of 1/16 degC, or of what the resolution is (5.1.6). */
import { reported, unnoticed, type Row } from "../range/row.ts";

const worlds = [-40, -25.4, -0.0625, 0, 25.25, 61.7, 125].map((temperature) => ({ world: { temperature } }));

export const row: Row = {
  ranges: [
    // Half a step, and half a digit of what is published.
    { tolerance: { temperature: 0.0363 }, steps: worlds },
    { sensor: { address: "0x1f", resolution: 0.5 }, tolerance: { temperature: 0.255 }, steps: worlds },
  ],
  faults: {
    stuck: unnoticed("old", "the part has no flag of its conversions"),
    reset: reported("reset"),
    corrupt: unnoticed("anything", "there is no checksum; wrong ids and settings are noticed", "id", "reset", "range"),
    garbage: unnoticed("true", "ids are asked for when the part is opened"),
    slow: unnoticed("true", "the longest measurement is waited for"),
  },
};
