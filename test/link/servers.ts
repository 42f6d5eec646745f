/** In-process servers for every link, and the links that reach them. A server's side of WebSocket restates RFC 6455. */
import { createHash } from "node:crypto";
import { createServer, type AddressInfo, type Server, type Socket as Stream } from "node:net";
import { createServer as createTlsServer, type TlsOptions as ServerOptions } from "node:tls";
import { tcp } from "../../lib/link/tcp.ts";
import { tls } from "../../lib/link/tls.ts";
import { upgradeRequest, websocket } from "../../lib/link/websocket.ts";
import type { Socket } from "../../lib/platform/node/net.ts";
import type { Open, TlsOptions } from "../../lib/platform/types.ts";
import { authority, type Authority } from "../../interop/certificate.ts";

export type Link = Open<Socket>;

let root: Authority | undefined;

/** One authority for a test file: keys take time. */
export const ourAuthority = (): Authority => root ??= authority("motelet test");

/** A server that hands each connection to `serve`, once it is one (after the TLS handshake). */
export interface Listening {
  port: number;
  streams: Set<Stream>;
  close(): Promise<void>;
}

const listening = async (server: Server, streams: Set<Stream>): Promise<Listening> => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    port: (server.address() as AddressInfo).port,
    streams,
    close: () => new Promise((done) => {
      for (const stream of streams) stream.destroy();
      server.close(() => done());
    }),
  };
};

/** Listens on TCP, or on TLS where there are options for it. */
export const listen = (serve: (stream: Stream) => void, secure?: ServerOptions): Promise<Listening> => {
  const streams = new Set<Stream>();
  const keep = (stream: Stream): void => {
    streams.add(stream);
    stream.on("error", () => {});
    stream.on("close", () => streams.delete(stream));
  };
  const accept = (stream: Stream): void => {
    stream.setNoDelay(true);
    stream.on("error", () => {});
    serve(stream);
  };
  const server = secure ? createTlsServer(secure, accept) : createServer(accept);
  // The TCP connections, those below TLS included.
  server.on("connection", keep);
  return listening(server, streams);
};

/** A frame as a server sends it: not masked. */
export const serverFrame = (first: number, payload: Buffer | string): Buffer => {
  const body = typeof payload === "string" ? Buffer.from(payload, "latin1") : payload;
  const head = body.length < 126 ? Buffer.from([first, body.length])
    : body.length < 65536 ? Buffer.from([first, 126, body.length >> 8, body.length & 255])
      : Buffer.from([first, 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (body.length >>> shift) & 255)]);
  return Buffer.concat([head, body]);
};

/** A frame that a client sent, unmasked. */
export interface ClientFrame {
  first: number;
  mask: string;
  payload: Buffer;
}

/** Takes all complete frames off the front of some bytes; throws at what a client must not send. */
export const clientFrames = (bytes: Buffer): { frames: ClientFrame[]; rest: Buffer } => {
  const frames: ClientFrame[] = [];
  let at = 0;
  for (;;) {
    if (bytes.length < at + 2) break;
    const [first, second] = [bytes[at]!, bytes[at + 1]!];
    if ((second & 128) === 0) throw new Error("a frame of a client has no mask (5.1)");
    const short = second & 127;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < at + head + 4) break;
    const size = head === 2 ? short : head === 4 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
    if (head > 2 && size < (head === 4 ? 126 : 65536)) throw new Error("a length in more bytes than it needs (5.2)");
    const start = at + head + 4;
    if (bytes.length < start + size) break;
    const mask = bytes.subarray(at + head, start);
    const payload = Buffer.from(bytes.subarray(start, start + size).map((byte, i) => byte ^ mask[i & 3]!));
    frames.push({ first, mask: mask.toString("latin1"), payload });
    at = start + size;
  }
  return { frames, rest: bytes.subarray(at) };
};

/** The answer that a server gives to an upgrade. */
export const upgradeAnswer = (request: string): string => {
  const key = /^Sec-WebSocket-Key: (.*)\r$/m.exec(request)?.[1];
  if (key === undefined || Buffer.from(key, "base64").length !== 16) throw new Error("the key is not 16 bytes (4.1)");
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    + `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n`;
};

/** What a test sees of one connection at the server, whatever the link. */
export interface Peer {
  send(bytes: Buffer): void;
  /** Ends the connection as the link's server does. */
  end(): void;
  /** Everything that the node has sent, so far. */
  received(): Buffer;
  onData(fn: () => void): void;
  onEnd(fn: () => void): void;
  stream: Stream;
  /** The frames, where the link has them. */
  frames: ClientFrame[];
}

const plainPeer = (stream: Stream): Peer => {
  const pieces: Buffer[] = [];
  let onData = (): void => {};
  stream.on("data", (piece) => {
    pieces.push(piece);
    onData();
  });
  return {
    stream, frames: [],
    send: (bytes) => void stream.write(bytes),
    end: () => void stream.end(),
    received: () => Buffer.concat(pieces),
    onData: (fn) => void (onData = fn),
    onEnd: (fn) => void stream.on("close", fn),
  };
};

const webSocketPeer = (stream: Stream): Peer => {
  let head: string | undefined = "";
  let ending = false;
  let rest = Buffer.alloc(0);
  let onData = (): void => {};
  const pieces: Buffer[] = [];
  const peer: Peer = {
    stream, frames: [],
    send: (bytes) => void stream.write(serverFrame(0x82, bytes)),
    end: () => {
      ending = true;
      stream.write(serverFrame(0x88, "\x03\xe8"));
    },
    received: () => Buffer.concat(pieces),
    onData: (fn) => void (onData = fn),
    onEnd: (fn) => void stream.on("close", fn),
  };
  stream.on("data", (piece) => {
    if (head !== undefined) {
      head += piece.toString("latin1");
      if (!head.endsWith("\r\n\r\n")) return;
      stream.write(upgradeAnswer(head));
      head = undefined;
      return;
    }
    const parsed = clientFrames(Buffer.concat([rest, piece]));
    rest = Buffer.from(parsed.rest);
    for (const frame of parsed.frames) {
      peer.frames.push(frame);
      if (frame.first === 0x82) pieces.push(frame.payload);
      // 7.1.1: the server ends the connection, after a close frame of its own where it has not sent one.
      if (frame.first === 0x88) stream.end(ending ? "" : serverFrame(0x88, "\x03\xe8"));
    }
    onData();
  });
  return peer;
};

/** A link under test. */
export interface Kind {
  name: string;
  secure: boolean;
  /** Starts a server; `serve` gets each connection. */
  start(serve: (peer: Peer) => void): Promise<Listening>;
  /** In this process. */
  open(port: number): Link;
  /** What a WebSocket asks of its server. */
  request(port: number): string;
}

/** All links, each with its server; its certificates are of the kind that the other side takes. */
export const kinds = (algorithm: "ec" | "rsa" = "ec"): Kind[] => {
  const { ca, issue } = algorithm === "ec" ? ourAuthority() : authority("motelet test", algorithm);
  const identity = issue(["localhost", "127.0.0.1"]);
  const trust: TlsOptions = { ca };
  const request = (port: number): string => upgradeRequest(`127.0.0.1:${port}`, "/mqtt");
  const kind = (name: string, secure: boolean, webSocket: boolean, peerOf: (stream: Stream) => Peer): Kind => ({
    name, secure, request,
    start: (serve) => listen((stream) => serve(peerOf(stream)), secure ? identity : undefined),
    open: (port) => {
      const below = secure ? tls("127.0.0.1", port, trust) : tcp("127.0.0.1", port);
      return webSocket ? websocket(below, request(port)) : below;
    },
  });
  return [
    kind("tcp", false, false, plainPeer),
    kind("tls", true, false, plainPeer),
    kind("websocket over tcp", false, true, webSocketPeer),
    kind("websocket over tls", true, true, webSocketPeer),
  ];
};
