/** Counted pulses of the ESP8266: an interrupt counts them, Lua is told how many. Firmware module: gpio. */
import type { PulseCount } from "../../types.ts";
import { gpio } from "../api.ts";
import { setInput } from "./edges.ts";

/** Counts the edges of one direction. */
export const pulses = (pin: number, pullUp: boolean, rising: boolean): PulseCount => {
  let count = 0;
  setInput(pin, pullUp);
  gpio.trig(pin, rising ? "up" : "down", (_level, _us, edges) => {
    count += edges;
  });
  return () => count;
};
