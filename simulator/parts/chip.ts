/**
 * What the chip is to itself: how strong the access point comes in (whole dBm), how warm it is. The range of
 * temperature is what the byte of the ESP32's thermometer holds, in degrees Fahrenheit (Espruino's port).
 */
import type { PartDefinition } from "../types.ts";

export const part: PartDefinition = {
  title: "The chip itself",
  bus: "self",
  signals: () => [
    { name: "rssi", unit: "dBm", mean: -62, swing: 8, min: -95, max: -20 },
    { name: "temperature", unit: "°C", mean: 45, swing: 8, min: -17, max: 123 },
  ],
  faults: {},
  create: (context) => ({
    rssi: () => Math.round(context.signal("rssi")),
    temperature: () => context.signal("temperature"),
  }),
};
