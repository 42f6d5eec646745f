/** Between the node and its broker: the access point, names, routes, links and their faults. */
import { connect as tcpConnect } from "node:net";
import type { Duplex } from "node:stream";
import type { Report } from "./events.ts";
import { Link, type Cut, type LinkFaults } from "./link.ts";
import { packetReader, type OnPacket } from "./mqtt-log.ts";
import type { Clock, Rng } from "./types.ts";

/** What a node can reach: opens one connection and gives this side of it. */
export interface Endpoint {
  open(): Duplex;
  /** Where MQTT is inside of something else: makes of a reader of MQTT one of what passes here. */
  inside?(read: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void;
}

/** A server that listens on TCP. */
export const tcpEndpoint = (host: string, port: number): Endpoint => ({
  open: () => {
    const socket = tcpConnect({ host, port });
    socket.setNoDelay(true);
    return socket;
  },
});

/** Faults of the network; all off by default. */
export interface NetworkFaults extends LinkFaults {
  /** Names are not resolved. */
  dns: boolean;
  /** Connections are refused. */
  refuse: boolean;
  /** Connections are never answered. */
  unanswered: boolean;
}

/** Why a connection could not even be tried: the chip's `connect` fails at once. */
export type ConnectError = "no route" | "not found" | "refused";

const NO_FAULTS: NetworkFaults = {
  latencyMs: 0, jitterMs: 0, fragmentBytes: 0, dns: false, refuse: false, unanswered: false,
};

export interface NetworkOptions {
  clock: Clock;
  rng: Rng;
  report: Report;
  /** The access point takes any name and password unless they are given. */
  wifi?: { ssid: string; password: string };
  onPacket?: WatchPackets | undefined;
}

/** Gets each MQTT packet of the node after its event, with its bytes: a CONNECT holds the password. */
export type WatchPackets = (direction: "out" | "in", ...packet: Parameters<OnPacket>) => void;

export class Network {
  readonly faults: NetworkFaults = { ...NO_FAULTS };
  readonly report: Report;
  wifiUp = true;
  /** Counts whatever moved: when it stands still between turns of the event loop, nothing is under way. */
  activity = 0;
  readonly links = new Set<Link>();
  private lastLink = 0;
  private station = false;
  private readonly routes = new Map<string, Endpoint>();
  private readonly wifiListeners = new Set<(up: boolean) => void>();

  constructor(private readonly options: NetworkOptions) {
    this.report = options.report;
  }

  /** Names what answers at `host`:`port`. */
  route(host: string, port: number, endpoint: Endpoint): void {
    this.routes.set(`${host.toLowerCase()}:${port}`, endpoint);
  }

  /**
   * Switches the access point. While it is off the node's connections are silent, or reset with `reset`, and
   * go on where they were when it comes back before somebody gave them up.
   */
  setWifi(up: boolean, reset = false): void {
    if (this.wifiUp === up) return;
    this.wifiUp = up;
    for (const link of this.links) {
      if (!up && reset) link.cut("rst");
      else link.hold(!up);
    }
    for (const listener of this.wifiListeners) listener(up);
  }

  /** Returns how to stop listening. */
  onWifi(listener: (up: boolean) => void): () => void {
    this.wifiListeners.add(listener);
    return () => this.wifiListeners.delete(listener);
  }

  /** What of a name and password is wrong. */
  checkWifi(ssid: string, password: string): "ssid" | "password" | undefined {
    const { wifi } = this.options;
    if (wifi === undefined) return undefined;
    return wifi.ssid !== ssid ? "ssid" : wifi.password !== password ? "password" : undefined;
  }

  /** The chip's station has an address, or not. */
  setStation(joined: boolean): void {
    this.station = joined;
  }

  /** Whether the node finds the address of a name. */
  resolves(host: string): boolean {
    return this.station && !this.faults.dns && this.knows(host);
  }

  /** Whether the node finds the address of a name that is one of the world's: of a time server. */
  finds(): boolean {
    return this.station && this.wifiUp && !this.faults.dns;
  }

  /** Whether the world answers the node. */
  hears(): boolean {
    return this.station && this.wifiUp && !this.faults.unanswered;
  }

  /** Opens a connection of the node; a string is why the chip fails at once. */
  connect(host: string, port: number): Link | ConnectError {
    const error = this.refusal(host, port);
    const id = ++this.lastLink;
    if (typeof error === "string") {
      this.report({ type: "link", link: id, state: "failed", host, port, error });
      return error;
    }
    const log = (direction: "in" | "out"): ((bytes: Uint8Array) => void) => {
      const read = packetReader((packet, bytes) => {
        this.report({ type: "packet", link: id, direction, ...packet });
        this.options.onPacket?.(direction, packet, bytes);
      });
      return error.inside?.(read) ?? read;
    };
    const stream = error.open();
    const link: Link = new Link({
      id, clock: this.options.clock, rng: this.options.rng, faults: this.faults, stream,
      unanswered: this.faults.unanswered || !this.wifiUp,
      onOpen: () => this.report({ type: "link", link: id, state: "open", host, port }),
      onFail: (reason) => this.report({ type: "link", link: id, state: "failed", host, port, error: reason }),
      onOut: log("out"),
      onIn: log("in"),
      onClose: (by, reason) => this.report({
        type: "link", link: id, state: "closed", by, bytesOut: link.bytesOut, bytesIn: link.bytesIn,
        ...(reason === undefined ? {} : { error: reason }),
      }),
      onActivity: () => this.activity++,
    });
    this.links.add(link);
    // Not before: a connection that the node has closed still has to tell the other side.
    stream.once("close", () => this.links.delete(link));
    return link;
  }

  /** Cuts all connections of the node, now or when each has sent `afterBytes` more. */
  cut(how: Cut, afterBytes = 0): void {
    for (const link of [...this.links]) link.cut(how, afterBytes);
  }

  /** The chip has no power any more. */
  powerOff(how: "reset" | "silent"): void {
    this.station = false;
    for (const link of [...this.links]) link.powerOff(how);
  }

  /** Drops everything, so that the process can end. */
  close(): void {
    for (const link of [...this.links]) link.destroy();
  }

  private refusal(host: string, port: number): ConnectError | Endpoint {
    if (!this.station) return "no route";
    if (this.faults.dns) return "not found";
    const endpoint = this.routes.get(`${host.toLowerCase()}:${port}`);
    if (endpoint === undefined) {
      return this.knows(host) ? "refused" : "not found";
    }
    return this.faults.refuse ? "refused" : endpoint;
  }

  private knows(host: string): boolean {
    return [...this.routes.keys()].some((route) => route.startsWith(`${host.toLowerCase()}:`));
  }
}
