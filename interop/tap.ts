/** A tap on a connection: a port on loopback that passes everything on to a broker, notes the packets, and can cut. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { once } from "node:events";
import { packetReader, type PacketSummary } from "../simulator/mqtt-log.ts";

export interface TappedPacket extends PacketSummary {
  from: "client" | "broker";
}

export interface Tap {
  port: number;
  /** What passed, in order, of all connections. */
  packets: TappedPacket[];
  /** How many connections there were. */
  connections: number;
  /** Breaks the connection that is open, as a network does: neither side says good-bye. */
  cut(): void;
  /** Called with each packet, before it is passed on. */
  onPacket: (packet: TappedPacket) => void;
  close(): Promise<void>;
}

/** Opens a tap to a broker. */
export const openTap = async (host: string, port: number): Promise<Tap> => {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    tap.connections++;
    const broker = connect({ host, port, noDelay: true });
    client.setNoDelay(true);
    const pass = (from: Socket, to: Socket, name: "client" | "broker"): void => {
      const read = packetReader((packet) => {
        tap.packets.push({ ...packet, from: name });
        tap.onPacket({ ...packet, from: name });
      });
      open.add(from);
      from.on("error", () => {});
      from.on("data", (bytes: Buffer) => {
        read(bytes);
        to.write(bytes);
      });
      from.on("end", () => to.end());
      from.on("close", () => {
        open.delete(from);
        to.destroySoon();
      });
    };
    pass(client, broker, "client");
    pass(broker, client, "broker");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const tap: Tap = {
    port: (server.address() as AddressInfo).port,
    packets: [],
    connections: 0,
    onPacket: () => {},
    cut: () => open.forEach((socket) => socket.resetAndDestroy()),
    close: async () => {
      open.forEach((socket) => socket.destroy());
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
  return tap;
};
