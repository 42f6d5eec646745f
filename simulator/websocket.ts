/** Where the node speaks WebSocket: a server in front of a broker, and what the log reads of such a connection. */
import { createServer, type Server } from "node:http";
import { duplexPair, type Duplex } from "node:stream";
import { createWebSocketStream, WebSocketServer, type WebSocket } from "ws";
import type { Endpoint } from "./network.ts";

/** A server of WebSockets at `path`, with the broker behind it. What it refuses gets the status that says why. */
export function webSocketEndpoint(broker: Endpoint, path: string): Endpoint {
  const sockets = new WebSocketServer({
    noServer: true, path, handleProtocols: (offered) => (offered.has("mqtt") ? "mqtt" : false),
  });
  const http: Server = createServer((_request, response) => response.writeHead(426).end());
  http.on("upgrade", (request, stream, head) => {
    if (!sockets.shouldHandle(request)) {
      stream.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => join(socket, broker.open()));
  });
  return {
    open() {
      const [node, server] = duplexPair();
      for (const [near, far] of [[node, server], [server, node]] as const) {
        near.on("error", () => {});
        // A connection that breaks at one end breaks at the other.
        near.on("close", () => far.destroy());
      }
      http.emit("connection", server);
      return node;
    },
    inside: payloadReader,
  };
}

/** Passes payloads on, both ways, until either side ends. */
function join(socket: WebSocket, broker: Duplex): void {
  const stream = createWebSocketStream(socket);
  stream.on("error", () => {});
  broker.on("error", () => {});
  stream.pipe(broker);
  broker.pipe(stream);
  stream.on("close", () => broker.destroy());
  broker.on("close", () => stream.destroy());
}

/**
 * Reads a direction of a connection (RFC 6455, 5.2) and gives the payloads of its data frames to `read`, whatever their
 * fragments: what comes before the end of the HTTP head is no payload.
 */
export function payloadReader(read: (bytes: Uint8Array) => void): (bytes: Uint8Array) => void {
  let upgraded = false;
  let held = Buffer.alloc(0);
  return (bytes) => {
    held = Buffer.concat([held, bytes]);
    if (!upgraded) {
      const end = held.indexOf("\r\n\r\n");
      if (end < 0) return;
      upgraded = true;
      held = held.subarray(end + 4);
    }
    for (;;) {
      const frame = firstFrame(held);
      if (frame === undefined) return;
      held = held.subarray(frame.end);
      if (frame.opcode < 8) read(frame.payload);
    }
  };
}

function firstFrame(bytes: Buffer): { opcode: number; payload: Buffer; end: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes[1]! & 127;
  const masked = bytes[1]! > 127;
  const head = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0);
  const start = head + (masked ? 4 : 0);
  if (bytes.length < start) return undefined;
  const size = head === 2 ? short : head === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const end = start + size;
  if (bytes.length < end) return undefined;
  const payload = Buffer.from(bytes.subarray(start, end));
  if (masked) for (let i = 0; i < size; i++) payload[i]! ^= bytes[head + (i & 3)]!;
  return { opcode: bytes[0]! & 15, payload, end };
}
