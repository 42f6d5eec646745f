/** The time of day of the ESP8266, from a time server. Firmware modules: sntp, rtctime, tmr. */
import { pcall, rtctime, sntp } from "../api.ts";
import { after } from "../timer.ts";

/** Its clock is off by some ms an hour. */
const AGAIN_MS = 3600000;
/** After no answer, or while there is no network. */
const RETRY_MS = 60000;

/** Asks a server now and every hour; where nothing answers, every minute. */
export const keepTime = (server: string): void => {
  const ask = (): void => {
    // An attempt that is under way still is an error.
    if (!pcall(sntp.sync, server, () => void after(ask, AGAIN_MS), () => void after(ask, RETRY_MS))) {
      after(ask, RETRY_MS);
    }
  };
  ask();
};

/** Seconds since 1970, UTC; undefined until a server has answered. */
export const timeOfDay = (): number | undefined => {
  const seconds = rtctime.get();
  return seconds > 0 ? seconds : undefined;
};
