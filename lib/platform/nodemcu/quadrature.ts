/** Rotary encoders. Firmware module: rotary, which counts quarters of a period in interrupts of both pins. */
import { openSwitch } from "#platform/rotary";
import type { Pin, Quadrature } from "../types.ts";

/** Where it missed an edge, the firmware adds this (driver/rotary.c). */
const MISSED = 1000000;

/** An encoder on two pins. The firmware gives it the chip's pull-up resistors. */
export const quadrature = (a: Pin, b: Pin, _pullUp: boolean): Quadrature => {
  // Its A is what leads when it counts down.
  const knob = openSwitch(b as unknown as number, a as unknown as number);
  let quarters = 0;
  let last = knob.read();
  return {
    position: () => {
      const now = knob.read();
      let moved = now - last;
      while (moved > MISSED / 2) {
        moved -= MISSED;
      }
      last = now;
      quarters += moved;
      return quarters;
    },
    onTurn: (fn) => knob.watch(fn),
  };
};
