/** DS18B20: data sheet 19-7487 revision 6, table 1 (steps of 1/16 degC with 12 bits), figure 10 (1/2 degC with 9). */
import { reported, type Row } from "../range/row.ts";

export const row: Row = {
  ranges: [
    {
      sensor: { bus: "onewire1" },
      buses: { onewire1: { pin: "D4" } },
      tolerance: { temperature: 1 / 32 },
      steps: [
        { world: { temperature: -55 } }, { world: { temperature: -10.1 } }, { world: { temperature: -0.04 } },
        { world: { temperature: 25.06 } }, { world: { temperature: 85 } }, { world: { temperature: 125 } },
      ],
    },
    {
      // Fed by the bus. Bits below the resolution are cut off.
      sensor: { bus: "onewire2", power: "parasite", resolution: 9 },
      buses: { onewire2: { pin: "D13" } },
      tolerance: { temperature: 0.5 },
      steps: [{ world: { temperature: -54.5 } }, { world: { temperature: -0.4 } }, { world: { temperature: 100.3 } }],
    },
  ],
  faults: {
    absent: reported("absent"),
    crc: reported("crc"),
    reset: reported("reset"),
    stuck: reported("timeout"),
  },
};
