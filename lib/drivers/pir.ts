/**
 * Passive infrared motion sensors (HC-SR501, HC-SR505, AM312) and whatever else holds a pin high while it sees
 * something (radar: RCWL-0516, LD2410's OUT). Motion is published when it begins and when it ends.
 * Source: HC-SR501 data sheet: 3.3 V at OUT while there is motion and for the time that its potentiometer sets.
 */
import { binaryConstants, binaryOptions } from "./contact.ts";
import type { BinaryClass } from "./classes.ts";
import type { DriverMeta, DriverOptions } from "./types.ts";

export { create } from "./contact.ts";

export const meta: DriverMeta = {
  title: "PIR motion sensor",
  bus: "input",
  events: true,
  options: /* @__PURE__ */ Object.assign(/* @__PURE__ */ binaryOptions("high", "none", 20, "High for all that are known."), {
    deviceClass: {
      enum: ["motion", "occupancy", "presence", "moving", "vibration", "sound"], default: "motion",
      description: "Device class of Home Assistant (binary sensor).", examples: ["occupancy"],
    },
  }),
  setup: (options: DriverOptions) => [options["pull"] === "up"],
  fields: (options: DriverOptions) => [{
    name: "motion", unit: "", decimals: 0, binary: true,
    deviceClass: options["deviceClass"] as BinaryClass | undefined ?? "motion",
  }],
  conversionMs: () => 1,
  constants: (options: DriverOptions) => binaryConstants(options, "high", 20),
};
