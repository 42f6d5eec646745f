/**
 * Deep sleep of the ESP8266: all but the RTC is off, and the chip boots when the time is over, if GPIO16 is wired to
 * RST. The time of day goes on. Firmware modules: node, rtctime.
 */
import { node, rtctime } from "../api.ts";

/** `rtctime.dsleep` takes 32 bits of microseconds. */
const LONGEST_KEPT_MS = 4294967;

/** Sleeps; nothing of the program runs on. More than the chip can is cut to that (some 3 hours): it wakes early. */
export const deepSleep = (ms: number): void => {
  if (ms <= LONGEST_KEPT_MS) {
    rtctime.dsleep(ms * 1000);
  } else {
    // Time is lost over it.
    const longest = node.dsleepMax();
    node.dsleep(ms * 1000 < longest ? ms * 1000 : longest);
  }
};
