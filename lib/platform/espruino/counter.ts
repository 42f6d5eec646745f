/**
 * Counted pulses, on Espruino. Each edge is an event of the interpreter, 6 bytes in a buffer of 4096 bytes (ESP32) or
 * 512 (ESP8266): edges that come faster than the interpreter empties it are lost, and Espruino flags that
 * (E.getErrorFlags).
 */
import type { Pin, PulseCount } from "../types.ts";
import { watch } from "./watch.ts";

/** Counts the edges of one direction that hold for `debounceMs`; 0 counts each. */
export const counter = (pin: Pin, pullUp: boolean, rising: boolean, debounceMs: number): PulseCount => {
  let count = 0;
  watch(pin, pullUp, { repeat: true, edge: rising ? "rising" : "falling", debounce: debounceMs }, () => {
    count++;
  });
  return () => count;
};
