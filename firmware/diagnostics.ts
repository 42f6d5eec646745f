/** `<name>/diagnostics`: how the node fares, as a JSON object at QoS 0. */
import { faults, freeHeap, log } from "#platform/system";
import { after, cancel, noTimer, now } from "#platform/timer";
import { rssi } from "#platform/wifi";
import { upHandlers } from "../lib/mqtt/client.ts";
import { dropped, publish } from "../lib/mqtt/publish.ts";
import { failures, onSensorChange, reasons, sensorIds } from "./sensor.ts";

/** A change is reported after this time, together with what else has changed. */
const SETTLE_MS = 2000;

let reconnects = 0;
let lastReason = 0;
let more: ((this: void) => string) | undefined;

/** Has members of another module in the report: text that begins with a comma. A node without one pays nothing. */
export const reportMore = (fn: (this: void) => string): void => {
  more = fn;
};

/** To be given to the client: counts the connections that ended, and says why. */
export const countDown = (reason: number): void => {
  reconnects++;
  lastReason = reason;
  log("mqtt: " + reason);
};

const errors = (): string => {
  let json = "";
  let at = 0;
  while (at < sensorIds.length) {
    if (failures[at]! > 0) {
      json += (json === "" ? "" : ",") + '"' + sensorIds[at]! + '":{"count":' + failures[at]!
        + ',"reason":"' + reasons[at]! + '"}';
    }
    at++;
  }
  return json;
};

/** Publishes diagnostics when a session is up, at every interval, and soon after a sensor fails or works again. */
export const diagnostics = (topic: string, intervalMs: number, resetReason: string): void => {
  const bootMs = now();
  let timer = noTimer;
  let isSoon = false;
  const report = (): void => {
    isSoon = false;
    cancel(timer);
    timer = after(report, intervalMs);
    const signal = rssi();
    publish(
      topic,
      '{"uptime":' + Math.floor((now() - bootMs) / 1000)
        + (signal === undefined ? "" : ',"rssi":' + signal)
        + ',"freeHeap":' + freeHeap()
        + ',"reconnects":' + reconnects
        + ',"lastReason":' + lastReason
        + ',"dropped":' + dropped
        + (more === undefined ? "" : more())
        + ',"faults":' + faults
        + ',"resetReason":"' + resetReason
        + '","errors":{' + errors() + "}}",
      0,
    );
  };
  const soon = (): void => {
    // One that is due soon is not put off: a sensor that fails and works by turns would do that forever.
    if (!isSoon) {
      isSoon = true;
      cancel(timer);
      timer = after(report, SETTLE_MS);
    }
  };
  onSensorChange(soon);
  upHandlers.push(soon);
};
