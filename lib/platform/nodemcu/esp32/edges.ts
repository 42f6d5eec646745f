/** Inputs, their edges, outputs, on the ESP32. Firmware module: gpio. */
import { gpio } from "../api.ts";

/** Makes an input of a pin. */
export const setInput = (pin: number, pullUp: boolean): void =>
  gpio.config({ gpio: pin, dir: gpio.IN, pull: pullUp ? gpio.PULL_UP : gpio.FLOATING });

/** Calls `fn` after edges of an input; until it has run the firmware hears of no other (gpio.c). */
export const onEdges = (pin: number, fn: (this: void) => void): void => gpio.trig(pin, gpio.INTR_UP_DOWN, fn);

/** Makes an output of a pin. */
export const setOutput = (pin: number): void => gpio.config({ gpio: pin, dir: gpio.OUT });
