/** LIS3DH: DocID17530, table 4 (1, 2, 4, 12 mg a count). Fields are in m/s2, the world's signals in g. */
import { reported, type Row, type Step } from "../range/row.ts";

const G = 9.80665;
const at = (x: number, y: number, z: number): Step => ({
  world: { x, y, z, temperature: 25 },
  published: { acceleration_x: x * G, acceleration_y: y * G, acceleration_z: z * G },
});
/** Half a count, and the last decimal. */
const within = (mg: number): Record<string, number> => {
  const most = mg * G / 2000 + 0.0006;
  return { acceleration_x: most, acceleration_y: most, acceleration_z: most };
};

export const row: Row = {
  ranges: [
    {
      lag: 1,
      tolerance: within(1),
      steps: [at(-2, 0, 1.999), at(-0.001, 0.001, -1), at(0, 0, 1), at(1.5, -1.234, 0.5)],
    },
    {
      sensor: { address: "0x19", range: 16, rate: 100 },
      lag: 1,
      tolerance: within(12),
      steps: [
        { ...at(-16, 16, 0), world: { x: -16, y: 16, z: 0, temperature: -40 } },
        at(16, -16, 15.9), { ...at(1, 2, -16), world: { x: 1, y: 2, z: -16, temperature: 85 } }, at(0, 0, 16),
      ],
    },
  ],
  faults: {
    // What it has measured before is new once.
    stuck: { reasons: ["timeout"], publishes: "true" },
    // What is read before the power fails is true.
    reset: { reasons: ["reset", "timeout"], publishes: "true" },
    // The rate has to read back as it was written.
    corrupt: reported("id", "reset"),
  },
};
