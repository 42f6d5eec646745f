/**
 * Deep sleep of the ESP32: all but the RTC is off, and the chip boots when the time is over. The time of day goes on.
 * Firmware module: node.
 */
import { node } from "../api.ts";

/** Sleeps; nothing of the program runs on. */
export const deepSleep = (ms: number): void => node.dsleep({ secs: Math.floor(ms / 1000), us: ms % 1000 * 1000 });
