/** What the node's connection is like and what is in flight, as its packets show: the node itself is not asked. */
import type { PacketSummary } from "../../simulator/mqtt-log.ts";
import type { SimEvent } from "../../simulator/events.ts";
import { RETURN_CODES } from "./decode.ts";
import type { Connection, InFlight } from "./protocol.ts";

export interface ConnectionWatch {
  readonly connection: Connection;
  inflight(): InFlight[];
  /** Packets that the node has sent again. */
  readonly resends: number;
  take(event: SimEvent): void;
  /** The chip has no power any more. */
  powerOff(ms: number): void;
}

/** What ends a state of an exchange, and what it waits for next; "" for nothing more. */
const AFTER: Record<string, { awaited: string; next: string }> = {
  PUBACK: { awaited: "PUBACK", next: "" },
  PUBREC: { awaited: "PUBREC", next: "PUBCOMP" },
  PUBCOMP: { awaited: "PUBCOMP", next: "" },
  SUBACK: { awaited: "SUBACK", next: "" },
  UNSUBACK: { awaited: "UNSUBACK", next: "" },
};

const AWAITS: Record<string, string> = { SUBSCRIBE: "SUBACK", UNSUBSCRIBE: "UNSUBACK" };

type Packet = PacketSummary & { t: number; direction: "out" | "in" };

/** @param keepsOverPower the node keeps its messages in flash, so that a loss of power leaves them in flight */
export function watchConnection(keepsOverPower: boolean): ConnectionWatch {
  const connection: Connection = { state: "off", sinceMs: 0, reason: "", sessions: 0, resumed: false };
  const waiting = new Map<number, InFlight>();
  let resends = 0;
  let wifi = false;
  let link: number | undefined;

  const to = (state: Connection["state"], ms: number, reason = connection.reason): void => {
    if (connection.state !== state) connection.sinceMs = ms;
    Object.assign(connection, { state, reason });
  };
  const idle = (): Connection["state"] => (wifi ? "no broker" : "no wifi");

  const sent = (packet: Packet): void => {
    const { id, topic = "", qos = 1, bytes, t } = packet;
    if (packet.packet === "CONNECT") {
      to("connecting", t);
      // [MQTT-3.1.2-6]: of the session before nothing is left.
      if (packet.cleanSession) waiting.clear();
    }
    if (id === undefined || packet.packet === "PUBACK" || packet.packet === "PUBREC" || packet.packet === "PUBCOMP") return;
    const known = waiting.get(id);
    if (known !== undefined) {
      if (known.sent++ > 0) resends++;
      return;
    }
    if (packet.packet === "PUBREL") return;
    waiting.set(id, {
      id, packet: packet.packet, topic, qos, bytes, sinceMs: t, sent: 1,
      awaits: AWAITS[packet.packet] ?? (qos === 2 ? "PUBREC" : "PUBACK"),
    });
  };
  const received = (packet: Packet): void => {
    if (packet.packet === "CONNACK") {
      const code = packet.code ?? 0;
      if (code !== 0) return to("refused", packet.t, `the broker refused the node: ${RETURN_CODES[code] ?? `code ${code}`}`);
      to("connected", packet.t, "");
      connection.sessions++;
      connection.resumed = packet.sessionPresent === true;
    }
    const after = AFTER[packet.packet];
    const known = packet.id === undefined ? undefined : waiting.get(packet.id);
    if (after === undefined || known?.awaits !== after.awaited) return;
    if (after.next === "") waiting.delete(known.id);
    else Object.assign(known, { awaits: after.next, sent: 0 });
  };

  const powerOff = (ms: number): void => {
    wifi = false;
    link = undefined;
    if (!keepsOverPower) waiting.clear();
    to("off", ms, "");
  };
  return {
    connection,
    inflight: () => [...waiting.values()],
    get resends() {
      return resends;
    },
    powerOff,
    take(event) {
      if (event.type === "boot") {
        powerOff(event.t);
        to("no wifi", event.t, "");
      } else if (event.type === "off") powerOff(event.t);
      else if (event.type === "wifi") {
        wifi = event.state === "joined";
        if (connection.state === "no wifi" || connection.state === "no broker") to(idle(), event.t);
      } else if (event.type === "packet") (event.direction === "out" ? sent : received)(event);
      else if (event.type === "link" && event.state === "open") {
        link = event.link;
        to("opening", event.t);
      } else if (event.type === "link" && event.state === "failed") {
        to(idle(), event.t, `no connection to ${event.host}:${event.port}: ${event.error}`);
      } else if (event.type === "link" && event.link === link && connection.state !== "off") {
        const who = event.by === "node" ? "the node" : "the broker";
        const reason = connection.state === "refused" ? connection.reason
          : event.error === undefined ? `${who} closed the connection` : `the connection ended: ${event.error}`;
        to(idle(), event.t, reason);
        // What was published is sent again; what was asked for is asked for anew.
        for (const { id, packet } of waiting.values()) if (packet !== "PUBLISH") waiting.delete(id);
      }
    },
  };
}
