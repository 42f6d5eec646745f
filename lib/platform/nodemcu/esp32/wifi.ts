/** Wi-Fi of the ESP32, which leaves it to the program to join again. Firmware modules: wifi, tmr, node. */
import { after } from "../timer.ts";
import { math, node, pcall, string, tonumber, wifi } from "../api.ts";

/** After a loss. An attempt that fails takes seconds itself, and ends in another loss. */
const RETRY_MS = 1000;

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
  const attempt = (): void => {
    // What cannot be begun now ends in no event.
    if (!pcall(wifi.sta.connect)) {
      after(attempt, RETRY_MS);
    }
  };
  wifi.mode(wifi.STATION, false);
  wifi.sta.on("got_ip", onUp);
  wifi.sta.on("disconnected", () => {
    after(attempt, RETRY_MS);
    onDown();
  });
  wifi.start();
  // Not saved: it is in the program, and each boot would write to flash.
  wifi.sta.config({ ssid: ssid, pwd: password });
  attempt();
  // The generator of the firmware begins with the same number after every start, on every board: this differs.
  const mac = wifi.sta.getmac();
  math.randomseed(node.uptime() + tonumber(string.sub(mac, 13, 14) + string.sub(mac, 16), 16));
};

/** Received signal strength: NodeMCU tells it in a scan alone, which would keep the node off the air. */
export const rssi = (): number | undefined => undefined;
