/**
 * Bosch BMP280: temperature, pressure. I2C, 0x76 or 0x77.
 *
 * Datasheet BST-BMP280-DS001-19 (revision 1.19). The chip is that of the BME280 (bme280/chip.ts) without humidity:
 * registers 0xF2, 0xFD, 0xFE and the trimming from 0xE1 on are not there (table 18); what differs is below.
 */
import type { PartDefinition } from "../types.ts";
import { BoschChip, type Model } from "./bme280/chip.ts";

const MODEL: Model = {
  chipId: 0x58, // 4.3.1
  hasHumidity: false,
  standbyMs: [0.5, 62.5, 125, 250, 500, 1000, 2000, 4000], // table 11
};

export const part: PartDefinition = {
  title: "Bosch BMP280",
  bus: "i2c",
  signals: () => [
    { name: "temperature", unit: "°C", mean: 21, swing: 5, min: -40, max: 85 },
    { name: "pressure", unit: "hPa", mean: 1013, swing: 4, min: 300, max: 1100 },
  ],
  faults: {
    garbage: "a wrong chip id, and random bytes in the data registers",
    slow: "takes the maximum measurement time instead of the typical one",
  },
  create: (context) => new BoschChip(context, MODEL),
};
