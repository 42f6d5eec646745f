/** The time of day of the ESP32, from a time server. Firmware module: time. */
import { time } from "../api.ts";

/** A clock that was not set counts from the start: no firmware of 2020 or later has been running since 1970. */
const LEAST = 1577836800;

/** Asks a server now and then every hour; where nothing answers, every 15 seconds (lwIP does it). */
export const keepTime = time.initntp;

/** Seconds since 1970, UTC; undefined until a server has answered. */
export const timeOfDay = (): number | undefined => {
  const seconds = time.get();
  return seconds > LEAST ? seconds : undefined;
};
