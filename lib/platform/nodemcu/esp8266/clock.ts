/** Time on the ESP8266. Firmware module: tmr. */
import { tmr } from "../api.ts";

/** Whole milliseconds, at least 1 (tmr.c). */
export const shortestWait = (ms: number): number => (ms < 1 ? 1 : Math.floor(ms));

/** `tmr.now` counts so many microseconds, 35 minutes, and begins anew. */
const TURN_US = 2147483648;

let lastUs = 0;
let lastSeconds = 0;
let elapsedUs = 0;

/**
 * Whole milliseconds since some time before boot. `tmr.now` is exact but short, `tmr.time` long but coarse, and some
 * percent off: the latter tells how many turns the former has made since the last call.
 */
export const now = (): number => {
  const us = tmr.now();
  const seconds = tmr.time();
  let passedUs = us - lastUs;
  if (passedUs < 0) {
    passedUs += TURN_US;
  }
  const turns = Math.floor(((seconds - lastSeconds) * 1000000 - passedUs) / TURN_US + 0.5);
  elapsedUs += passedUs + (turns > 0 ? turns : 0) * TURN_US;
  lastUs = us;
  lastSeconds = seconds;
  return Math.floor(elapsedUs / 1000);
};
