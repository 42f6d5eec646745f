/** What happens in a simulation, as `--json` prints it: one object an event, `t` in simulated ms. */
import type { PacketSummary } from "./mqtt-log.ts";

export type SimEvent = { t: number } & SimHappening;

export type SimHappening =
  /** The chip starts: "power on", "restart", "watchdog", "deep sleep". */
  | { type: "boot"; reason: string }
  /** The chip has lost its power by itself: the fault of its flash. */
  | { type: "off"; reason: string }
  | { type: "console"; line: string }
  | { type: "wifi"; state: "joined"; ssid: string; ip: string }
  | { type: "wifi"; state: "lost"; reason: string }
  /**
   * A TCP connection of the node. `error` is why it failed or ended: "refused", "no route", "not found",
   * "reset".
   */
  | { type: "link"; link: number; state: "open"; host: string; port: number }
  | { type: "link"; link: number; state: "failed"; host: string; port: number; error: string }
  | { type: "link"; link: number; state: "closed"; by: "node" | "peer"; bytesOut: number; bytesIn: number; error?: string }
  /** An MQTT packet that left the node ("out") or reached it ("in"). */
  | ({ type: "packet"; link: number; direction: "out" | "in" } & PacketSummary)
  /** The broker and its clients. `clean`: the client sent DISCONNECT. */
  | { type: "broker"; state: "listening"; host: string; port: number }
  | { type: "broker"; state: "connected"; clientId: string }
  | { type: "broker"; state: "disconnected"; clientId: string; clean: boolean }
  | { type: "broker"; state: "refused"; clientId: string; code: number; reason: string }
  | { type: "broker"; state: "unreachable"; reason: string }
  /** A message that arrived at the broker. `payload` holds bytes, as a binary string. */
  | { type: "message"; topic: string; payload: string; qos: 0 | 1 | 2; retain: boolean; clientId?: string }
  /** What no datasheet allows, or what this engine cannot do. */
  | { type: "warning"; message: string }
  | { type: "end"; reason: string };

/** Takes an event; the time is added by the simulator. */
export type Report = (happening: SimHappening) => void;
