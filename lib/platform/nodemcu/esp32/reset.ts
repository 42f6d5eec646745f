/** Why the ESP32 started. Firmware module: node (docs/modules/node.md of dev-esp32, node.bootreason). */
import { node, select } from "../api.ts";

/** Causes of the chip's own, by name; those that are not here are given by number. */
const POWER_ON = 8;
const DEEP_SLEEP = 12;
const BROWN_OUT = 22;
const RESTART = 19;

/** "power on", "deep sleep", "restart", "panic" (an error in Lua that nobody caught), "brownout", or a number. */
export const resetReason = (): string => {
  const cause = select<number>(2, node.bootreason());
  if (cause === RESTART) {
    return (select<number | undefined>(3, node.bootreason()) ?? 0) > 0 ? "panic" : "restart";
  }
  return cause === POWER_ON ? "power on" : cause === DEEP_SLEEP ? "deep sleep" : cause === BROWN_OUT ? "brownout"
    : "reset " + cause;
};
