/**
 * TCP of a NodeMCU chip over the simulated network: what lwIP tells `net.c` and `tls.c`, as events for the prelude.
 * Sizes and codes are those of lwIP 1.4 on the ESP8266 (app/include/lwipopts.h, lwip/err.h) and lwIP 2 on the ESP32.
 */
import type { Link } from "../../link.ts";
import { SYN_TIMEOUT_MS } from "../../link.ts";
import type { Network } from "../../network.ts";

/** A segment; so much comes with one event at most. */
const MSS_BYTES = 1460;
const ADDRESS = /^\d+\.\d+\.\d+\.\d+$/;
/** Where every name of the simulated network lives. */
const PEER_ADDRESS = "192.168.4.10";

const ESP8266 = { sendBytes: 2 * MSS_BYTES, aborted: -8, reset: -9 };
const ESP32 = { sendBytes: 4 * 1440, aborted: -13, reset: -14 };

interface Connection {
  id: number;
  host: string;
  port: number;
  isTls: boolean;
  link: Link | undefined;
  /** Not yet taken by the link, and how many bytes were ever queued. */
  queue: Buffer[];
  written: number;
  acknowledged: number;
  /** Ends of the segments that were not acknowledged, as counts of bytes from the start. */
  segments: number[];
  /** What became of the link was told. */
  told: "nothing" | "connected" | "end";
  held: boolean;
}

export interface SocketHost {
  network: Network;
  isEsp8266: boolean;
  /** An event for the prelude. */
  push: (kind: string, id: number, text: string) => void;
  /** Calls `fn` after some simulated time, if the chip still lives. */
  after(ms: number, fn: () => void): void;
  /** Something moved: `poll` is due. */
  wake: () => void;
  warn(message: string): void;
}

export interface Sockets {
  /** One of the operations of `net` and `tls`; undefined when it is none. */
  answer(op: string, fields: string[], last: string): string | undefined;
  /** Tells what has happened to the links; true when something has. */
  poll(): boolean;
}

export function createSockets(host: SocketHost): Sockets {
  const connections = new Map<number, Connection>();
  const { network, push } = host;
  const limits = host.isEsp8266 ? ESP8266 : ESP32;
  let warned = false;

  const lookUp = (name: string): string => {
    if (ADDRESS.test(name)) return name;
    return network.resolves(name) ? PEER_ADDRESS : "";
  };
  const drop = (connection: Connection): void => {
    connections.delete(connection.id);
    if (connection.link === undefined) return;
    connection.link.onChange = () => {};
    connection.link.close();
  };
  const end = (connection: Connection, code: "closed" | "reset" | "aborted"): void => {
    if (connection.told === "end") return;
    const { id } = connection;
    const wasConnected = connection.told === "connected";
    connection.told = "end";
    if (connection.isTls) {
      push("net.tls.end", id, code === "closed" ? "" : code === "reset" ? "Connection reset" : "Timeout");
      drop(connection);
    } else if (host.isEsp8266) {
      push("net.end", id, String(code === "closed" ? 0 : limits[code]));
      drop(connection);
    } else {
      // err_tcp of api_msg.c posts an error, a read of nothing and a write of nothing; the read is handled first, and
      // the write looks like a connection to whoever has not closed the socket by then.
      push("net.end", id, "0");
      if (code === "closed") return;
      push("net.end", id, String(limits[code]));
      if (!wasConnected) push("net.connected", id, "");
    }
  };
  const dial = (connection: Connection): void => {
    const failLater = (ms: number, code: "reset" | "aborted"): void => host.after(ms, () => {
      if (connections.get(connection.id) === connection) end(connection, code);
    });
    const link = network.connect(connection.host, connection.port);
    // Without a route tcp_connect fails, which nobody looks at: nothing is ever told.
    if (link === "no route") return;
    if (link === "not found") failLater(SYN_TIMEOUT_MS, "aborted");
    else if (link === "refused") failLater(1, "reset");
    else {
      connection.link = link;
      link.onChange = host.wake;
      host.wake();
    }
  };
  const write = (connection: Connection, bytes: Buffer): void => {
    connection.queue.push(bytes);
    for (let at = 0; at < bytes.length; at += MSS_BYTES) {
      connection.segments.push(connection.written + Math.min(at + MSS_BYTES, bytes.length));
    }
    connection.written += bytes.length;
    flush(connection);
    host.wake();
  };
  const send = (connection: Connection, bytes: Buffer): string => {
    const { link } = connection;
    const isOpen = link?.state === "open";
    if (!host.isEsp8266 && !isOpen) return link?.state === "opening" ? "in progress" : "not connected";
    const underWay = connection.written - connection.acknowledged;
    if (underWay > 0 && !warned) {
      warned = true;
      host.warn("net: a send before the \"sent\" of the last one, which NodeMCU does not guarantee (docs/modules/net.md)");
    }
    const space = limits.sendBytes - underWay;
    if (host.isEsp8266) {
      if (bytes.length > space) return "out of memory";
      write(connection, bytes);
      return "";
    }
    if (space <= 0) return "would block";
    write(connection, bytes.subarray(0, space));
    return bytes.length > space ? "buffer error" : "";
  };
  const sendTls = (connection: Connection, bytes: Buffer): void => {
    if (connection.link?.state !== "open" || bytes.length === 0) return;
    if (connection.written > connection.acknowledged) {
      host.warn(`tls: a send of ${bytes.length} bytes before the "sent" of the last one is lost`);
      return;
    }
    write(connection, bytes);
  };

  const pollOne = (connection: Connection): boolean => {
    const { link, id } = connection;
    if (link === undefined || connection.told === "end" || link.state === "opening") return false;
    const prefix = connection.isTls ? "net.tls." : "net.";
    let moved = false;
    const tell = (kind: string, text: string): void => {
      moved = true;
      push(prefix + kind, id, text);
    };
    if (connection.told === "nothing") {
      if (link.state === "closed") {
        end(connection, link.failure === "timeout" ? "aborted" : "reset");
        return true;
      }
      connection.told = "connected";
      tell("connected", "");
    }
    for (let isMore = !connection.held; isMore;) {
      const bytes = link.take(MSS_BYTES);
      isMore = bytes !== null && bytes.length > 0;
      if (bytes === null) {
        end(connection, link.reset ? "reset" : "closed");
        return true;
      }
      if (isMore) tell("receive", bytes.toString("latin1"));
    }
    flush(connection);
    const acknowledged = link.bytesOut - link.unacknowledged;
    let count = 0;
    while (connection.segments.length > 0 && connection.segments[0]! <= acknowledged) {
      const segment = connection.segments.shift()!;
      count += segment - connection.acknowledged;
      connection.acknowledged = segment;
    }
    // espconn tells of a send when all of it has arrived, lwIP of every acknowledgement.
    if (count > 0 && (!connection.isTls || connection.segments.length === 0)) tell("sent", String(count));
    return moved;
  };

  return {
    answer(op, fields, last) {
      const id = Number(fields[0]);
      const connection = connections.get(id);
      if (op === "net.open") {
        connections.set(id, {
          id, port: Number(fields[1]), host: fields[2]!, isTls: false, link: undefined, queue: [], written: 0,
          acknowledged: 0, segments: [], told: "nothing", held: false,
        });
      } else if (op === "net.resolve" || op === "tls.resolve") {
        if (op === "tls.resolve") connection!.isTls = true;
        host.after(0, () => push(op === "net.resolve" ? "net.dns" : "net.tls.dns", id, lookUp(fields[1]!)));
      } else if (op === "net.lookup") {
        host.after(0, () => push("net.lookup", id, lookUp(fields[1]!)));
      } else if (op === "net.peer") {
        if (connection?.link === undefined) return "";
        return `${connection.port} ${ADDRESS.test(connection.host) ? connection.host : PEER_ADDRESS}`;
      } else if (!["net.dial", "net.send", "tls.send", "net.close", "tls.close", "net.hold"].includes(op)) {
        return undefined;
      } else if (connection !== undefined) {
        const bytes = (): Buffer => Buffer.from(last, "latin1");
        if (op === "net.dial") dial(connection);
        if (op === "net.send") return send(connection, bytes());
        if (op === "tls.send") sendTls(connection, bytes());
        if (op === "net.close") drop(connection);
        if (op === "tls.close") end(connection, "closed");
        if (op === "net.hold") {
          connection.held = fields[1] === "1";
          host.wake();
        }
      }
      return "";
    },
    poll: () => [...connections.values()].map(pollOne).some(Boolean),
  };
}

/** Hands to the link what it takes. */
function flush(connection: Connection): void {
  const { link, queue } = connection;
  while (link?.state === "open" && queue.length > 0) {
    const count = link.send(queue[0]!);
    if (count <= 0) return;
    if (count === queue[0]!.length) queue.shift();
    else queue[0] = queue[0]!.subarray(count);
  }
}
