/** Inputs, their edges, outputs, on the ESP8266. Firmware module: gpio, in a build with GPIO_INTERRUPT_ENABLE. */
import { gpio } from "../api.ts";

/** Makes an input of a pin, one that can interrupt. */
export const setInput = (pin: number, pullUp: boolean): void =>
  gpio.mode(pin, gpio.INT, pullUp ? gpio.PULLUP : gpio.FLOAT);

/** Calls `fn` after edges of an input. */
export const onEdges = (pin: number, fn: (this: void) => void): void => gpio.trig(pin, "both", fn);

/** Makes an output of a pin. */
export const setOutput = (pin: number): void => gpio.mode(pin, gpio.OUTPUT, gpio.FLOAT);
