/** Time on the ESP32. Firmware module: node. */
import { node } from "../api.ts";

/** Of a FreeRTOS timer (CONFIG_FREERTOS_HZ=100), ms. */
const TICK_MS = 10;

/**
 * The ticks that are sure to take so many milliseconds, as ms: tmr.c cuts off what is left of a tick, the first one may
 * be over at once, and a timer of no tick restarts the chip.
 */
export const shortestWait = (ms: number): number => (Math.floor((ms + TICK_MS - 1) / TICK_MS) + 1) * TICK_MS;

/** Whole milliseconds since boot. */
export const now = (): number => Math.floor(node.uptime() / 1000);
