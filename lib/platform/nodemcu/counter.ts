/** Counted pulses that have to hold. Firmware modules: gpio, tmr, and those of `#platform/pulses`. */
import { pulses } from "#platform/pulses";
import type { Pin, PulseCount } from "../types.ts";
import { input } from "./gpio.ts";

/** Counts the edges of one direction that hold for `debounceMs`; 0 counts each. */
export const counter = (pin: Pin, pullUp: boolean, rising: boolean, debounceMs: number): PulseCount => {
  if (debounceMs > 0) {
    let count = 0;
    input(pin, pullUp).watch(debounceMs, (high) => {
      if (high === rising) {
        count++;
      }
    });
    return () => count;
  }
  return pulses(pin as unknown as number, pullUp, rising);
};
