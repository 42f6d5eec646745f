/** Wi-Fi of Espruino (module "Wifi"). */
import { after } from "./timer.ts";

declare const require: (module: "Wifi") => Wifi;

interface Wifi {
  connect: (ssid: string, options: { password: string }, done: (this: void, error: unknown) => void) => void;
  on: (event: "connected" | "disconnected", fn: (this: void) => void) => void;
  getStatus: () => { rssi?: number };
  getDetails: () => { rssi?: number };
}

/**
 * How often a node that is not joined tries again. Association and DHCP take some seconds: an attempt must not cut
 * off the last.
 */
const RETRY_MS = 20000;

const wifi = require("Wifi");

/**
 * Joins a network and joins it again whenever it was lost. `onUp` is called with every address obtained, `onDown`
 * with every loss.
 */
export const join = (
  ssid: string,
  password: string,
  onUp: (this: void) => void,
  onDown: (this: void) => void,
): void => {
  let joined = false;
  const attempt = (): void => {
    if (!joined) {
      try {
        // The events tell; some ports want the callback all the same.
        wifi.connect(ssid, { password: password }, () => {});
      } catch {}
    }
    after(attempt, RETRY_MS);
  };
  wifi.on("connected", () => {
    joined = true;
    onUp();
  });
  wifi.on("disconnected", () => {
    joined = false;
    onDown();
  });
  attempt();
};

/**
 * Received signal strength, dBm; undefined where it is not known. The ESP32 port has it in one place, the others in
 * the other.
 */
export const rssi = (): number | undefined => wifi.getStatus().rssi ?? wifi.getDetails().rssi;
