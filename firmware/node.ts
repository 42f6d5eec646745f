/** The node: Wi-Fi, then MQTT, then the sensors; each of them comes back by itself. */
import { onShutdown, watchdog } from "#platform/system";
import { after } from "#platform/timer";
import { join } from "#platform/wifi";
import { fail, retryNow, start, stop, upHandlers } from "../lib/mqtt/client.ts";
import { LINK_CLOSED } from "../lib/mqtt/reason.ts";
import type { OpenLink } from "../lib/mqtt/types.ts";
import { startSensors } from "./sensor.ts";

/** Sensors begin with the first session, so that their first reading arrives, or without one after this time. */
const PATIENCE_MS = 15000;
/** Joins Wi-Fi and keeps the client connected whenever there is a network. */
export const run = (
  ssid: string,
  password: string,
  watchdogSeconds: number,
  open: OpenLink,
  connectPacket: string,
  halfKeepAliveMs: number,
  limitBytes: number,
  largestBytes: number,
  onDown: (this: void, reason: number) => void,
): void => {
  let started = false;
  upHandlers.push(startSensors);
  // A node that restarts leaves politely: its will is for when it is lost.
  onShutdown(stop);
  after(startSensors, PATIENCE_MS);
  join(
    ssid,
    password,
    () => {
      if (started) {
        retryNow();
      } else {
        started = true;
        start(open, connectPacket, halfKeepAliveMs, limitBytes, largestBytes, onDown);
      }
    },
    () => fail(LINK_CLOSED),
  );
  if (watchdogSeconds > 0) {
    watchdog(watchdogSeconds);
  }
};
