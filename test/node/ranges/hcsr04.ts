/** HC-SR04: user guide, "Electric parameter" (2 cm to 4 m). */
import { reported, unnoticed, type Row } from "../range/row.ts";

// A microsecond of the echo is 0.17 mm; the driver rounds to whole millimetres.
const tolerance = { distance: 0.07 };

export const row: Row = {
  ranges: [
    {
      sensor: { trigger: "D5", echo: "D18" },
      tolerance,
      steps: [
        { world: { distance: 2.05 } }, { world: { distance: 10 } }, { world: { distance: 123.4 } },
        { world: { distance: 287.65 } }, { world: { distance: 399.9 } },
      ],
    },
    {
      sensor: { trigger: "D14", echo: "D19", airTemperature: -20 },
      tolerance,
      steps: [{ world: { distance: 50 } }, { world: { distance: 250 } }],
    },
  ],
  faults: {
    absent: reported("timeout"),
    low: reported("timeout"),
    stuck: reported("timeout"),
    reset: reported("timeout"),
    nothing: reported("range"),
    deaf: reported("range"),
    noise: unnoticed("anything", "a spike in the echo ends it early; where there is another one behind it, the last pulse counts",
      "range", "timeout"),
  },
};
