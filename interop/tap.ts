/**
 * A tap on a connection: a port on loopback that passes everything on to a broker, notes the packets, and can cut or
 * hold. TLS passes through it as it is, unless it is to be opened: then it ends in the tap and begins anew behind it.
 */
import { connect, createServer, isIP, type AddressInfo, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { packetReader, type PacketSummary } from "../simulator/mqtt-log.ts";
import { payloadReader } from "../simulator/websocket.ts";
import { authority } from "./certificate.ts";
import { isSecure, isWebSocket, type Target } from "./target.ts";

export interface TappedPacket extends PacketSummary {
  from: "client" | "broker";
  atMs: number;
}

export interface Tap {
  /** The broker, as it is reached through the tap. */
  target: Target;
  /** What passed, in order, of all connections; nothing of what is encrypted. */
  packets: TappedPacket[];
  /** What was wrong with connections to the broker. */
  problems: string[];
  /** How many connections there were. */
  connections: number;
  /** Breaks the connection that is open, as a network does: neither side says good-bye. */
  cut(): void;
  /** From now on nothing passes on the connection that is open, and nobody is told; a new one passes. */
  hold(): void;
  /** Called with each packet, before it is passed on. */
  onPacket: (packet: TappedPacket) => void;
  close(): Promise<void>;
}

/** Of taps that open TLS. */
const own = authority("motelet interop tap");
const identity = own.issue(["127.0.0.1"]);

/** A connection to the broker, encrypted where the tap has taken that off. */
const toBroker = (target: Target, opens: boolean): [outer: Socket, inner: Socket] => {
  const { host, port, ca, cert, key, serverName } = target;
  const outer = connect({ host, port, noDelay: true });
  const name = serverName ?? (isIP(host) === 0 ? host : undefined);
  return [outer, opens
    ? connectTls({
      socket: outer, ...(ca === undefined ? {} : { ca }), ...(cert === undefined ? {} : { cert, key }),
      ...(name === undefined ? { host } : { servername: name }),
    })
    : outer];
};

/** Opens a tap to a broker. With `opens` it sees the packets of TLS, too. */
export const openTap = async (target: Target, opens = true): Promise<Tap> => {
  const secure = isSecure(target.link);
  const isOpen = !secure || opens;
  /** TCP connections of both sides, and those that nothing passes on. */
  const open = new Set<Socket>();
  let holding = new Set<Socket>();
  const current = new Set<Socket>();
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
  };
  const serve = (client: Socket): void => {
    tap.connections++;
    const [outer, broker] = toBroker(target, secure && isOpen);
    keep(outer);
    broker.on("error", (error) => tap.problems.push(error.message));
    client.setNoDelay(true);
    const pass = (from: Socket, to: Socket, name: "client" | "broker"): void => {
      const packets = packetReader((packet) => {
        const tapped = { ...packet, from: name, atMs: Date.now() };
        tap.packets.push(tapped);
        tap.onPacket(tapped);
      });
      const read = isWebSocket(target.link) ? payloadReader(packets) : packets;
      current.add(from);
      from.on("error", () => {});
      from.on("data", (bytes: Buffer) => {
        if (holding.has(from)) return;
        if (isOpen) read(bytes);
        to.write(bytes);
      });
      from.on("end", () => holding.has(from) || to.end());
      from.on("close", () => {
        current.delete(from);
        if (!holding.has(from)) to.destroySoon();
      });
    };
    pass(client, broker, "client");
    pass(broker, client, "broker");
  };
  const server: Server = secure && isOpen ? createTlsServer(identity, serve) : createServer(serve);
  server.on("connection", keep);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const behind: Target = { ...target, host: "127.0.0.1", port };
  const tap: Tap = {
    target: secure && isOpen
      ? { ...behind, ca: own.ca }
      // Whom the certificate has to be for is behind the tap.
      : { ...behind, ...(isIP(target.host) === 0 ? { serverName: target.serverName ?? target.host } : {}) },
    packets: [],
    problems: [],
    connections: 0,
    onPacket: () => {},
    cut: () => open.forEach((socket) => socket.resetAndDestroy()),
    hold: () => void (holding = new Set([...holding, ...current])),
    close: async () => {
      open.forEach((socket) => socket.destroy());
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
  return tap;
};
