/** Timers of NodeMCU. Firmware module: tmr; node on the ESP32. */
import { shortestWait } from "#platform/clock";
import { tmr, type TmrTimer } from "./api.ts";

export { now } from "#platform/clock";

export type Timer = TmrTimer | undefined;

/** No timer. */
export const noTimer: Timer = undefined;

/** The longest that a timer of the firmware waits (MAX_TIMEOUT of tmr.c), in ms; longer ones are run in turns. */
const LONGEST_MS = 6870947;

const arm = (timer: TmrTimer, fn: (this: void) => void, ms: number): void => {
  if (ms > LONGEST_MS) {
    timer.alarm(LONGEST_MS, tmr.ALARM_SINGLE, () => arm(timer, fn, ms - LONGEST_MS));
  } else {
    timer.alarm(shortestWait(ms), tmr.ALARM_SINGLE, fn);
  }
};

/** Calls `fn` once, after so many milliseconds. */
export const after = (fn: (this: void) => void, ms: number): Timer => {
  const timer = tmr.create();
  arm(timer, fn, ms);
  return timer;
};

/** Stops a timer, if it has not fired yet. */
export const cancel = (timer: Timer): void => {
  if (timer) {
    timer.unregister();
  }
};
