/** SHT3x-DIS data sheet version 6: 2.1, 2.2 (ranges), 4.13: a step is 0.0027 degC and 0.0015 %RH. */
import { reported, unnoticed, type Row } from "../range/row.ts";

const tolerance = { temperature: 0.0064, humidity: 0.0058 };

export const row: Row = {
  ranges: [
    {
      tolerance,
      steps: [
        { world: { temperature: -40, humidity: 0 } },
        { world: { temperature: -12.345, humidity: 12.5 } },
        { world: { temperature: 0, humidity: 33.33 } },
        { world: { temperature: 21.5, humidity: 50 } },
        { world: { temperature: 60, humidity: 80.07 } },
        { world: { temperature: 125, humidity: 100 } },
      ],
    },
    {
      sensor: { address: "0x45", repeatability: "low" },
      tolerance,
      steps: [{ world: { temperature: -5, humidity: 40 } }, { world: { temperature: 35, humidity: 60 } }],
    },
  ],
  faults: {
    // A part that does not finish, or that has forgotten that it began, does not acknowledge the read (4.3).
    stuck: reported("nack"),
    reset: reported("nack"),
    corrupt: reported("crc"),
    crc: reported("crc"),
    slow: unnoticed("true", "the longest measurement is waited for"),
  },
};
