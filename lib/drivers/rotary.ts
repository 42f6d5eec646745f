/**
 * A rotary encoder (KY-040, EC11): its position in steps, published while it is turned, and when it rests.
 * Source: ALPS EC11 data sheet: A and B, a quarter of a period apart; a detent every period or every half.
 */
import { after } from "#platform/timer";
import type { Quadrature } from "../platform/types.ts";
import type { DriverMeta, DriverOptions, EventDriver } from "./types.ts";

/**
 * A change is published after this time: a hand makes 50 detents a second, with bounces forth and back at each of them,
 * and a chip that published them all would come too late for the next edges.
 */
const TOLD_AFTER_MS = 100;

/** Steps of a number of quarters of a period, the nearest one. */
export const stepsOf = (quarters: number, perStep: number): number => Math.floor(quarters / perStep + 0.5);

/** @param perStep quarters of a period in a step, negative when it turns the other way */
export const create = (encoder: Quadrature, perStep: number): EventDriver => {
  let published = 0;
  return {
    open: (done) => done(""),
    sample: (done) => {
      published = stepsOf(encoder.position(), perStep);
      done("", [published]);
    },
    watch: (fn) => {
      let waits = false;
      encoder.onTurn(() => {
        if (!waits) {
          waits = true;
          after(() => {
            waits = false;
            // Half a step between two detents is none.
            if (stepsOf(encoder.position(), perStep) !== published) {
              fn();
            }
          }, TOLD_AFTER_MS);
        }
      });
    },
  };
};

export const meta: DriverMeta = {
  title: "Rotary encoder: position",
  bus: "quadrature",
  events: true,
  options: {
    detents: {
      enum: [1, 2], default: 1, description: "Detents in one period of A and B: a step each.", examples: [2],
    },
    reverse: { type: "boolean", default: false, description: "True: it counts the other way.", examples: [true] },
    pull: {
      enum: ["up", "none"], default: "up", description: "The chip's own pull-up resistors, for an encoder without any.",
      examples: ["none"],
    },
  },
  setup: (options: DriverOptions) => [(options["pull"] ?? "up") === "up"],
  fields: () => [{ name: "position", unit: "", decimals: 0, stateClass: "measurement" }],
  conversionMs: () => 1,
  constants: (options: DriverOptions) => [4 / (options["detents"] as number | undefined ?? 1)
    * (options["reverse"] === true ? -1 : 1)],
};
