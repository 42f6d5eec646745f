/** Wi-Fi of the ESP8266, whose SDK joins again by itself. Firmware modules: wifi, node. */
import { math, node, wifi } from "../api.ts";

/** The generator of the firmware begins with the same number after every start; the hardware has chance. */
math.randomseed(node.random(1, 2147483646));

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
  wifi.setmode(wifi.STATION, false);
  wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, onUp);
  wifi.eventmon.register(wifi.eventmon.STA_DISCONNECTED, onDown);
  // Not saved: it is in the program, and each boot would write to flash.
  wifi.sta.config({ ssid: ssid, pwd: password, save: false });
};

/** Received signal strength, dBm; undefined where it is not known. */
export const rssi = wifi.sta.getrssi;
