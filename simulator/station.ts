/**
 * The chip's Wi-Fi station: joins the simulated access point and tells when it is lost, at the pace of the
 * ESP32 port.
 */
import type { Network } from "./network.ts";
import type { Clock, Rng } from "./types.ts";

/** What the chip's Wi-Fi module reports; `details` as the event's object of the port. */
export type StationEvent = "associated" | "connected" | "disconnected";

export interface StationState {
  status: string;
  ssid: string;
  password: string;
  rssi: number;
  channel: number;
  mac: string;
  own: string;
  ip: string;
  netmask: string;
  gw: string;
}

const ASSOCIATE_MS = 300;
const DHCP_MS = 200;
/** A scan of all channels that does not find the network. */
const SCAN_MS = 2400;
/** Beacons missed until the chip believes that the network is gone (6 s in ESP-IDF). */
const BEACON_TIMEOUT_MS = 6000;
/** s_retry_num of jswrap_wifi_connect: the firmware hears of a loss when these are used up. */
const RETRIES = 3;
const MAC = "02:4d:6f:74:65:01";
const OWN_MAC = "02:4d:6f:74:65:02";
const RSSI_DBM = -58;
const RSSI_SPREAD_DB = 4;

export interface Station {
  connect(ssid: string, password: string): void;
  disconnect(): void;
  /** Has an address, so that sockets can be opened. */
  joined(): boolean;
  state(): StationState;
  /** The radio is off: no event comes any more. */
  stop(): void;
}

export function createStation(options: {
  network: Network;
  clock: Clock;
  rng: Rng;
  /**
   * Who tries again: Espruino's port does, some times, before it tells; the ESP8266's SDK does for ever, and tells of
   * each failure; ESP-IDF leaves it to the program. Default "some times".
   */
  policy?: "some times" | "for ever" | "once";
  /** dBm, where the world has it. */
  rssi?: () => number | undefined;
  onEvent: (name: StationEvent, details: Record<string, string>) => void;
}): Station {
  const { network, clock, rng, onEvent, policy = "some times" } = options;
  let status = "off";
  let ssid = "";
  let password = "";
  let retries = 0;
  let address = false;
  let timer: number | undefined;

  const later = (ms: number, fn: () => void): void => {
    cancel();
    timer = clock.after(ms, fn);
  };
  const cancel = (): void => {
    if (timer !== undefined) clock.cancel(timer);
    timer = undefined;
  };
  const fail = (reason: number, message: string): void => {
    address = false;
    network.setStation(false);
    retries--;
    if (retries > 0 && policy === "some times") {
      attempt();
      return;
    }
    status = message;
    network.report({ type: "wifi", state: "lost", reason: message });
    onEvent("disconnected", { ssid, mac: MAC, reason: String(reason), msg: message });
    if (policy === "for ever") attempt();
  };
  const attempt = (): void => {
    if (!network.wifiUp) {
      later(SCAN_MS, () => (network.wifiUp ? attempt() : fail(201, "NO_AP_FOUND")));
      return;
    }
    later(ASSOCIATE_MS, () => {
      const wrong = network.checkWifi(ssid, password);
      if (wrong === "ssid") return fail(201, "NO_AP_FOUND");
      if (wrong === "password") return fail(15, "4WAY_HANDSHAKE_TIMEOUT");
      onEvent("associated", { ssid, mac: MAC, channel: "6" });
      later(DHCP_MS, () => {
        if (!network.wifiUp) return fail(200, "BEACON_TIMEOUT");
        status = "connected";
        address = true;
        network.setStation(true);
        network.report({ type: "wifi", state: "joined", ssid, ip: "192.168.4.2" });
        onEvent("connected", { ip: "192.168.4.2", netmask: "255.255.255.0", gw: "192.168.4.1" });
      });
    });
  };
  const stopListening = network.onWifi((up) => {
    if (!up && status === "connected") later(BEACON_TIMEOUT_MS, () => fail(200, "BEACON_TIMEOUT"));
    // The network came back before the chip noticed.
    if (up && status === "connected" && address) cancel();
  });
  return {
    connect(newSsid, newPassword) {
      ssid = newSsid;
      password = newPassword;
      retries = RETRIES;
      address = false;
      network.setStation(false);
      attempt();
    },
    disconnect() {
      cancel();
      const was = status === "connected";
      status = "ASSOC_LEAVE";
      address = false;
      network.setStation(false);
      if (was) onEvent("disconnected", { ssid, mac: MAC, reason: "8", msg: "ASSOC_LEAVE" });
    },
    joined: () => address,
    state: () => ({
      status, ssid, password, channel: 6, mac: MAC, own: OWN_MAC,
      rssi: options.rssi?.() ?? RSSI_DBM + rng.below(2 * RSSI_SPREAD_DB + 1) - RSSI_SPREAD_DB,
      ip: address ? "192.168.4.2" : "0.0.0.0",
      netmask: address ? "255.255.255.0" : "0.0.0.0",
      gw: address ? "192.168.4.1" : "0.0.0.0",
    }),
    stop() {
      cancel();
      stopListening();
      address = false;
      status = "off";
      network.setStation(false);
    },
  };
}
