/**
 * A contact: a door or window switch, a float switch, a button, anything that opens and closes. What it does is
 * published when it does it, and at each interval for those who have missed it.
 * Bounces of a contact are over within 5 to 20 ms (data sheets of reed switches and of buttons); `debounce` is longer.
 */
import type { Input } from "../platform/types.ts";
import { BINARY_CLASSES, type BinaryClass } from "./classes.ts";
import type { DriverMeta, DriverOptions, EventDriver } from "./types.ts";

/** @param on the level that is published as ON */
export const create = (line: Input, debounceMs: number, on: boolean): EventDriver => {
  let level = false;
  let isTold = false;
  return {
    open: (done) => done(""),
    sample: (done) => {
      // A change that came is what is published, whatever the line does meanwhile.
      level = isTold ? level : line.read();
      isTold = false;
      done("", [level === on ? 1 : 0]);
    },
    watch: (fn) => {
      line.watch(debounceMs, (high) => {
        level = high;
        isTold = true;
        fn();
      });
    },
  };
};

/** Options of parts that are on or off. */
export const binaryOptions = (on: string, pull: string, debounceMs: number, about: string): Record<string, object> => ({
  on: {
    enum: ["high", "low"], default: on,
    description: `The level of the pin that is published as ON. ${about}`, examples: ["low"],
  },
  pull: {
    enum: ["up", "none"], default: pull,
    description: "The chip's own pull-up resistor, some 45 kOhm. Long wires want one of 1 to 10 kOhm on the board.",
    examples: ["none"],
  },
  debounce: {
    type: "integer", minimum: 0, maximum: 10000, default: debounceMs,
    description: "A change counts when it has lasted for so many milliseconds.", examples: [20],
  },
});

/** What `create` of such a part gets. */
export const binaryConstants = (options: DriverOptions, on: string, debounceMs: number): (number | boolean)[] =>
  [options["debounce"] as number | undefined ?? debounceMs, (options["on"] ?? on) === "high"];

export const meta: DriverMeta = {
  title: "Contact: door, window, float switch, button",
  bus: "input",
  events: true,
  options: /* @__PURE__ */ Object.assign(
    /* @__PURE__ */ binaryOptions("high", "up", 50, "High with a switch to ground that opens with its door; low for a button to ground."),
    {
      field: {
        type: "string", pattern: "^[A-Za-z][A-Za-z0-9_-]*$", default: "contact", description: "What it is called.",
        examples: ["door"],
      },
      deviceClass: {
        enum: BINARY_CLASSES, default: "opening",
        description: "Device class of Home Assistant (binary sensor).", examples: ["door", "window", "moisture"],
      },
    },
  ),
  setup: (options: DriverOptions) => [(options["pull"] ?? "up") === "up"],
  fields: (options: DriverOptions) => [{
    name: options["field"] as string | undefined ?? "contact", unit: "", decimals: 0, binary: true,
    deviceClass: options["deviceClass"] as BinaryClass | undefined ?? "opening",
  }],
  conversionMs: () => 1,
  constants: (options: DriverOptions) => binaryConstants(options, "high", 50),
};
