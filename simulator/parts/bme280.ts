/**
 * Bosch BME280: temperature, humidity, pressure. I2C, 0x76 or 0x77. The chip, with its datasheet, is in bme280/chip.ts.
 */
import type { PartDefinition } from "../types.ts";
import { BoschChip, type Model } from "./bme280/chip.ts";

const MODEL: Model = {
  chipId: 0x60, // 5.4.1
  hasHumidity: true,
  standbyMs: [0.5, 62.5, 125, 250, 500, 1000, 10, 20], // table 27
};

export const part: PartDefinition = {
  title: "Bosch BME280",
  bus: "i2c",
  signals: () => [
    { name: "temperature", unit: "°C", mean: 21, swing: 5, min: -40, max: 85 },
    { name: "humidity", unit: "%", mean: 55, swing: -12, min: 0, max: 100 },
    { name: "pressure", unit: "hPa", mean: 1013, swing: 4, min: 300, max: 1100 },
  ],
  faults: {
    garbage: "a wrong chip id, and random bytes in the data registers",
    slow: "takes the maximum measurement time instead of the typical one",
  },
  create: (context) => new BoschChip(context, MODEL),
};
