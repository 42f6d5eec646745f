/** A broker that does as little as the bench needs, on a loopback port: what is timed is the client. */
import { createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";

/** Topic and payload that are published and received: 25 and 32 bytes. */
export const TOPIC = "bench/greenhouse/air/temp";
export const PAYLOAD = "0123456789abcdef0123456789abcdef";

export interface BenchBroker {
  port: number;
  close(): void;
}

const MESSAGE = Buffer.from(`\x30\x3b\0\x19${TOPIC}${PAYLOAD}`, "latin1");

/** Answers CONNECT, PUBLISH at QoS 1, SUBSCRIBE and PINGREQ; on SUBSCRIBE it sends `burst` messages. */
const answer = (socket: Socket, burst: number): void => {
  let rest = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const out: Buffer[] = [];
    while (rest.length >= 2 && rest.length >= 2 + rest[1]!) {
      const type = rest[0]! >> 4;
      const qos = (rest[0]! >> 1) & 3;
      const body = rest.subarray(2, 2 + rest[1]!);
      rest = rest.subarray(2 + rest[1]!);
      if (type === 1) out.push(Buffer.from([0x20, 2, 0, 0]));
      else if (type === 3 && qos === 1) {
        const at = 2 + body.readUInt16BE(0);
        out.push(Buffer.from([0x40, 2, body[at]!, body[at + 1]!]));
      } else if (type === 8) {
        out.push(Buffer.from([0x90, 3, body[0]!, body[1]!, 0]));
        for (let i = 0; i < burst; i++) out.push(MESSAGE);
      } else if (type === 12) out.push(Buffer.from([0xd0, 0]));
    }
    if (out.length > 0) socket.write(Buffer.concat(out));
  });
};

/** Starts the broker; packets have remaining lengths of one byte. */
export const startBroker = async (burst: number): Promise<BenchBroker> => {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    answer(socket, burst);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};
