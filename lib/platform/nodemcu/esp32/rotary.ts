/** The rotary encoders of the ESP32's firmware: objects. Firmware module: rotary. */
import { rotary } from "../api.ts";

/** Opens one. */
export const openSwitch = (
  a: number, b: number,
): { read: (this: void) => number; watch: (this: void, fn: (this: void) => void) => void } => {
  const knob = rotary.setup(a, b);
  return {
    // No value at all is -1 (rotary.c).
    read: () => knob.getpos() ?? -1,
    watch: (fn) => knob.on(rotary.TURN, fn),
  };
};
