/** MPU-6050: PS-MPU-6000A-00 3.4, 6.1, 6.2 (counts a g, a degree a second), RM-MPU-6000A-00 4.2, 4.18 (temperature). */
import { reported, type Row, type Step } from "../range/row.ts";

const G = 9.80665;
/** The world in g and degrees a second; fields are in m/s2 and degrees a second. */
const at = (ax: number, ay: number, az: number, gx: number, gy: number, gz: number, temperature: number): Step => ({
  world: { ax, ay, az, gx, gy, gz, temperature },
  published: {
    acceleration_x: ax * G, acceleration_y: ay * G, acceleration_z: az * G,
    rotation_x: gx, rotation_y: gy, rotation_z: gz,
  },
});
/** Half a count and half a digit; the sheet rounds the counts a degree a second by up to 0.1 %: 16.4 for 16.384. */
const within = (range: number, rotation: number): Record<string, number | ((value: number) => number)> => {
  const acceleration = range * G / 65536 + 0.0006;
  const turn = (value: number): number => rotation / 65536 + 0.0051 + Math.abs(value) * 0.001;
  return {
    acceleration_x: acceleration, acceleration_y: acceleration, acceleration_z: acceleration,
    rotation_x: turn, rotation_y: turn, rotation_z: turn, temperature: 0.0066,
  };
};

export const row: Row = {
  ranges: [
    {
      lag: 1,
      tolerance: within(2, 250),
      steps: [
        at(0, 0, 1, 0, 0, 0, 25), at(-1.999, 0.001, -1, -249, 10, -0.5, -10.3),
        at(1.999, -1.234, 0.5, 249, -249, 100, 36.5),
      ],
    },
    {
      sensor: { address: "0x69", range: 16, rotation: 2000 },
      lag: 1,
      tolerance: within(16, 2000),
      steps: [
        at(-15.99, 15.99, -15.99, -1997, 1997, -1997, -40), at(15.99, -15.99, 15.99, 1997, -1997, 1997, 85),
        at(0, 0, 1, 0, 0, 0, 0),
      ],
    },
  ],
  faults: {
    // What it has measured before is new once.
    stuck: { reasons: ["timeout"], publishes: "true" },
    // What is read before the power fails is true. It answers nothing for a while when it has power again.
    reset: { reasons: ["reset", "timeout", "nack"], publishes: "true" },
    // The clock has to read back as it was written, of a byte of which any bit may be wrong.
    corrupt: reported("id", "reset"),
  },
};
