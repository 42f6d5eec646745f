/** Watched inputs of Espruino (reference: setWatch, pinMode). */
import type { Pin } from "../types.ts";

/** Times in seconds, stamped when the edge came. */
export interface Edge { state: boolean; time: number; lastTime: number; data: boolean }

export interface WatchOptions {
  repeat: boolean;
  edge: "rising" | "falling" | "both";
  debounce?: number;
  /** A pin whose level is noted at each edge, as `data`. */
  data?: Pin;
}

declare const pinMode: (pin: Pin, mode: string) => void;
declare const setWatch: (fn: (this: void, event: Edge) => void, pin: Pin, options: WatchOptions) => number;

/**
 * Watches an input. The mode comes last: the ESP32 port's setWatch makes an input with pull-up of any pin
 * (targets/esp32/jshardware.c, jshPinWatch).
 */
export const watch = (
  pin: Pin,
  pullUp: boolean,
  options: WatchOptions,
  fn: (this: void, edge: Edge) => void,
): number => {
  const id = setWatch(fn, pin, options);
  pinMode(pin, pullUp ? "input_pullup" : "input");
  return id;
};
