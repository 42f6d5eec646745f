/** SGP30 data sheet 1.0: table 1 (0 to 60,000 ppb, 400 to 60,000 ppm, in steps of 1 to 32). */
import { reported, type Row } from "../range/row.ts";

// Table 1: half a step at the value.
const tolerance = {
  eco2: (ppm: number): number => ppm < 1479 ? 0.5 : ppm < 5144 ? 1.5 : ppm < 17597 ? 4.5 : 15.5,
  tvoc: (ppb: number): number => ppb < 2008 ? 0.5 : ppb < 11110 ? 3 : 16,
};

export const row: Row = {
  ranges: [
    {
      // It is to be asked each second, and complains after 3: slow enough for a machine that has other things to do.
      warmUp: "17s", lag: 1, alone: true, pace: 0.4,
      tolerance,
      steps: [
        { world: { eco2: 400, tvoc: 0 } }, { world: { eco2: 612, tvoc: 34 } }, { world: { eco2: 3000, tvoc: 5000 } },
        { world: { eco2: 12_345, tvoc: 20_000 } }, { world: { eco2: 60_000, tvoc: 60_000 } },
      ],
    },
    {
      sensor: { baseline: { tvoc: 35374, eco2: 36243 } },
      warmUp: "17s", lag: 1, alone: true, pace: 0.4,
      tolerance,
      steps: [{ world: { eco2: 450, tvoc: 10 } }, { world: { eco2: 800, tvoc: 210 } }],
    },
  ],
  faults: {
    // Whether its algorithm still runs it does not tell: it is started anew after each failure.
    nack: { reasons: ["nack", "warmup"], publishes: "true" },
    // It measures when it is told to, and answers nothing before it has done so.
    stuck: reported("nack", "warmup"),
    reset: reported("nack", "warmup"),
    corrupt: reported("crc", "id", "warmup"),
  },
};
