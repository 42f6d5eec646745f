/** Conversion of the MPU-6050. Sources and sections (RM, PS): see ../mpu6050.ts. */
import type { Values } from "../types.ts";
import { signedWord } from "./bytes.ts";

/**
 * Values: three accelerations, a temperature, three rotations; undefined at both ends of the 16 bits, which stand for
 * all that is beyond. The temperature is in 0.01 degC: counts / 340 + 36.53 (RM 4.18).
 * @param bytes ACCEL_XOUT_H to GYRO_ZOUT_L, from `at` on
 */
export const mpuValues = (bytes: string, at: number, accelScale: number, gyroScale: number): Values => {
  const values: Values = [];
  let i = 0;
  while (i < 7) {
    const count = signedWord(bytes, at + i * 2);
    const place = i < 3 ? i : i === 3 ? 6 : i - 1;
    values[place] = count === 32767 || count === -32768 ? undefined
      : Math.floor(i === 3 ? count / 3.4 + 3653.5 : count * (i < 3 ? accelScale : gyroScale) + 0.5);
    i++;
  }
  return values;
};
