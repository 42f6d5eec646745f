/** The WebSocket link over a link of this file: every byte of the server is given by hand. RFC 6455 in brackets. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { upgradeRequest, websocket } from "../../lib/link/websocket.ts";
import { close, type Socket } from "../../lib/platform/node/net.ts";
import { clientFrames, serverFrame, upgradeAnswer, type ClientFrame } from "./servers.ts";

/** One WebSocket and the connection below it. */
class Pair {
  readonly events: string[] = [];
  readonly socket: Socket;
  received = "";
  state: "open" | "flushed" | "aborted" = "open";
  onPayload = (): void => {};
  private written = "";
  private say!: (bytes: string) => void;
  private fail!: () => void;
  private drained!: () => void;

  constructor(path = "/mqtt") {
    const link = websocket((onOpen, onData, onClose, onDrain) => {
      const heard = (fn: () => void): void => {
        if (this.state === "open") fn();
      };
      this.say = (bytes) => heard(() => onData(bytes));
      this.fail = () => heard(onClose);
      this.drained = () => heard(onDrain);
      queueMicrotask(onOpen);
      return {
        write: (bytes: string) => void (this.written += bytes),
        close: (flush: boolean) => {
          if (this.state === "open") this.state = flush ? "flushed" : "aborted";
        },
      } as Socket;
    }, upgradeRequest("broker.local:8080", path));
    this.socket = link(() => this.events.push("open"), (bytes) => {
      this.received += bytes;
      this.onPayload();
    }, () => {
      this.events.push("close");
      // As the client does.
      close(this.socket, false);
    }, () => this.events.push("drain"))!;
  }

  /** What the client has written since the last call. */
  take(): string {
    const taken = this.written;
    this.written = "";
    return taken;
  }

  frames(): ClientFrame[] {
    const { frames, rest } = clientFrames(Buffer.from(this.take(), "latin1"));
    assert.is(rest.length, 0);
    return frames;
  }

  /** The server sends, whole or in pieces of `size` bytes. */
  hear(bytes: Buffer | string, size = Infinity): void {
    const text = typeof bytes === "string" ? bytes : bytes.toString("latin1");
    for (let at = 0; at < text.length; at += size) this.say(text.slice(at, at + size));
  }

  cut(): void {
    this.fail();
  }

  drain(): void {
    this.drained();
  }
}

/** After the request is written. */
const upgrading = async (path?: string): Promise<{ pair: Pair; request: string }> => {
  const pair = new Pair(path);
  await Promise.resolve();
  return { pair, request: pair.take() };
};

const passing = async (): Promise<Pair> => {
  const { pair, request } = await upgrading();
  pair.hear(upgradeAnswer(request));
  assert.equal(pair.events, ["open"]);
  return pair;
};

/** The server broke a rule: the connection is closed at once, and told once. */
const assertRefused = (pair: Pair, opened: boolean): void => {
  assert.equal(pair.events, opened ? ["open", "close"] : ["close"]);
  assert.is(pair.state, "aborted");
  pair.hear(serverFrame(0x82, "late"));
  assert.is(pair.received, "");
  assert.is(pair.events.filter((event) => event === "close").length, 1);
};

test("the request has what a WebSocket server and MQTT ask for [4.1]", async () => {
  const { request } = await upgrading("/path?x=1");
  assert.match(request, /^GET \/path\?x=1 HTTP\/1\.1\r\nHost: broker\.local:8080\r\n/);
  for (const line of ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: mqtt"]) {
    assert.ok(request.includes(`\r\n${line}\r\n`), line);
  }
  assert.ok(request.endsWith("==\r\n\r\n"));
});

test("the key is another one each time [4.1]", async () => {
  const keys = new Set<string>();
  for (let i = 0; i < 50; i++) keys.add(/Key: (.*)\r/.exec((await upgrading()).request)![1]!);
  assert.is(keys.size, 50);
});

test("an answer in pieces of any size opens it, and frames may follow at once", async () => {
  for (let size = 1; size < 230; size++) {
    const { pair, request } = await upgrading();
    pair.hear(upgradeAnswer(request) + serverFrame(0x82, "first").toString("latin1"), size);
    assert.equal(pair.events, ["open"], `pieces of ${size}`);
    assert.is(pair.received, "first", `pieces of ${size}`);
  }
});

test("an answer split in two anywhere opens it", async () => {
  const whole = upgradeAnswer((await upgrading()).request).length;
  for (let at = 1; at < whole; at++) {
    const { pair, request } = await upgrading();
    const answer = upgradeAnswer(request);
    pair.hear(answer.slice(0, at));
    assert.equal(pair.events, [], `at ${at}`);
    pair.hear(answer.slice(at));
    assert.equal(pair.events, ["open"], `at ${at}`);
  }
});

test("names of headers may be in any case, and others may be there", async () => {
  const { pair, request } = await upgrading();
  pair.hear(upgradeAnswer(request).replace(/^[\w-]+(?=:)/gm, (name) => name.toLowerCase())
    .replace("\r\n\r\n", "\r\nserver: some\r\ndate: Mon, 23 Nov 2026 04:00:00 GMT\r\n\r\n"));
  assert.equal(pair.events, ["open"]);
});

test("after a colon may be as many spaces as the server likes, or none (RFC 7230, 3.2)", async () => {
  for (const spaces of ["", "   "]) {
    const { pair, request } = await upgrading();
    pair.hear(upgradeAnswer(request).replaceAll(": ", `:${spaces}`), 7);
    assert.equal(pair.events, ["open"]);
  }
});

const ANSWERS: [string, (answer: string) => string][] = [
  ["a wrong accept key", (a) => a.replace(/Accept: ./, (text) => `Accept: ${/a$/i.test(text) ? "B" : "A"}`)],
  ["no accept key", (a) => a.replace(/Sec-WebSocket-Accept: .*\r\n/, "")],
  ["an accept key with something after it", (a) => a.replace(/(Accept: .*)\r\n/, "$1x\r\n")],
  ["another status", (a) => a.replace("101 Switching Protocols", "200 OK")],
  ["a redirection", (a) => a.replace("101 Switching Protocols", "302 Found")],
  ["a status in a header alone", (a) => a.replace("HTTP/1.1 101 Switching Protocols", "HTTP/1.1 200 OK\r\nVia: HTTP/1.1 101")],
  ["another upgrade", (a) => a.replace("Upgrade: websocket", "Upgrade: h2c")],
  ["no upgrade", (a) => a.replace("Upgrade: websocket\r\n", "")],
  ["no connection header", (a) => a.replace("Connection: Upgrade\r\n", "")],
  ["another protocol", (a) => a.replace("Protocol: mqtt", "Protocol: mqttv3.1")],
  ["a longer protocol", (a) => a.replace("Protocol: mqtt", "Protocol: xmqtt")],
  ["no protocol", (a) => a.replace("Sec-WebSocket-Protocol: mqtt\r\n", "")],
  ["an extension that was not asked for", (a) => a.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")],
  ["a header without end", (a) => a.replace("\r\n\r\n", `\r\nX: ${"x".repeat(5000)}`)],
  ["something that is not HTTP", () => "\x20\x02\0\0".repeat(1000)],
];

for (const [what, change] of ANSWERS) {
  test(`${what} is refused, whole or byte by byte [4.1]`, async () => {
    for (const size of [Infinity, 1]) {
      const { pair, request } = await upgrading();
      const answer = change(upgradeAnswer(request));
      assert.is.not(answer, upgradeAnswer(request));
      pair.hear(answer, size);
      assertRefused(pair, false);
    }
  });
}

test("a server that never answers is not open, and closing it leaves nothing", async () => {
  const { pair } = await upgrading();
  close(pair.socket, false);
  assert.equal(pair.events, []);
  assert.is(pair.state, "aborted");
});

test("frames split at every boundary arrive as they were: 7, 16 and 64 bits of length [5.2]", async () => {
  for (const length of [0, 1, 125, 126, 127, 300, 65535, 65536, 70000]) {
    const payload = Buffer.from(Array.from({ length }, (_, i) => i & 255)).toString("latin1");
    const bytes = Buffer.concat([serverFrame(0x82, payload), serverFrame(0x82, "!")]);
    for (let at = 1; at < 20 && at < bytes.length; at++) {
      const pair = await passing();
      pair.hear(bytes.subarray(0, at));
      pair.hear(bytes.subarray(at), 536);
      assert.ok(pair.received === `${payload}!`, `${length} bytes, split at ${at}`);
    }
  }
});

test("frames byte by byte arrive as they were, and every payload byte is passed on as it comes", async () => {
  const pair = await passing();
  const bytes = serverFrame(0x82, "x".repeat(200));
  pair.hear(bytes.subarray(0, 4), 1);
  for (let i = 4; i < bytes.length; i++) {
    pair.hear(bytes.subarray(i, i + 1));
    assert.is(pair.received.length, i - 3);
  }
});

test("a message in fragments arrives whole, with control frames between them [5.4]", async () => {
  for (const size of [Infinity, 1, 2, 3]) {
    const pair = await passing();
    pair.hear(Buffer.concat([
      serverFrame(0x02, "one "), serverFrame(0x89, "are you there"), serverFrame(0x00, ""), serverFrame(0x00, "two "),
      serverFrame(0x8a, "unasked"), serverFrame(0x80, "three"), serverFrame(0x82, "."),
    ]), size);
    assert.is(pair.received, "one two three.");
    const frames = pair.frames();
    assert.is(frames.length, 1);
    assert.is(frames[0]!.first, 0x8a);
    assert.is(frames[0]!.payload.toString(), "are you there");
  }
});

const FRAMES: [string, Buffer][] = [
  ["a text frame", serverFrame(0x81, "text")],
  ["the begin of a text message", serverFrame(0x01, "text")],
  ["a continuation of nothing", serverFrame(0x80, "text")],
  ["a second begin inside a message", Buffer.concat([serverFrame(0x02, ""), serverFrame(0x82, "x")])],
  ["a masked frame", Buffer.from([0x82, 0x81, 1, 2, 3, 4, 5])],
  ["a masked frame of which only two bytes came", Buffer.from([0x82, 0xff])],
  ["a masked ping", Buffer.from([0x89, 0x80, 1, 2, 3, 4])],
  ["the first reserved bit", serverFrame(0xc2, "x")],
  ["the second reserved bit", serverFrame(0xa2, "x")],
  ["the third reserved bit", serverFrame(0x92, "x")],
  ["a reserved bit in the begin of a message", serverFrame(0x42, "x")],
  ["another one there", serverFrame(0x12, "x")],
  ["a reserved bit in a ping", serverFrame(0x99, "x")],
  ["opcode 3", serverFrame(0x83, "x")],
  ["opcode 7", serverFrame(0x87, "x")],
  ["opcode 11", serverFrame(0x8b, "x")],
  ["opcode 15", serverFrame(0x8f, "x")],
  ["a ping in fragments", serverFrame(0x09, "x")],
  ["a close in fragments", serverFrame(0x08, "")],
  ["a ping of more than 125 bytes", serverFrame(0x89, "x".repeat(126))],
  ["a close of more than 125 bytes", serverFrame(0x88, "x".repeat(126))],
];

for (const [what, bytes] of FRAMES) {
  test(`${what} closes the link, whole or byte by byte [5]`, async () => {
    for (const size of [Infinity, 1]) {
      const pair = await passing();
      pair.hear(bytes, size);
      assertRefused(pair, true);
    }
  });
}

test("what is written goes out in masked binary frames, each under a mask of its own [5.3]", async () => {
  const pair = await passing();
  for (let i = 0; i < 50; i++) pair.socket.write("\0\xff\x80 the same");
  const frames = pair.frames();
  assert.is(frames.length, 50);
  assert.ok(frames.every(({ first, payload }) => first === 0x82 && payload.toString("latin1") === "\0\xff\x80 the same"));
  assert.is(new Set(frames.map(({ mask }) => mask)).size, 50);
});

test("a length goes out in as few bytes as hold it [5.2]", async () => {
  for (const length of [1, 125, 126, 255, 256, 65535]) {
    const pair = await passing();
    pair.socket.write("y".repeat(length));
    const bytes = pair.take();
    assert.is(bytes.length, length + (length < 126 ? 6 : 8));
    const { frames } = clientFrames(Buffer.from(bytes, "latin1"));
    assert.is(frames.length, 1);
    assert.is(frames[0]!.payload.length, length);
    assert.ok(frames[0]!.payload.every((byte) => byte === 0x79));
  }
});

test("what is longer than 16 bits can say goes out in several frames, in order", async () => {
  const pair = await passing();
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7 + (i >>> 8)) & 255));
  pair.socket.write(bytes.toString("latin1"));
  const frames = pair.frames();
  assert.equal(frames.map(({ payload }) => payload.length), [65535, 65535, 65535, 3395]);
  assert.ok(Buffer.concat(frames.map(({ payload }) => payload)).equals(bytes));
});

test("a frame that says to be longer than anything holds nothing: what comes of it is passed on", async () => {
  const pair = await passing();
  pair.hear(Buffer.from([0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0]), 1);
  for (let i = 0; i < 100; i++) pair.hear("x".repeat(1000));
  assert.is(pair.received.length, 100_000);
  assert.equal(pair.events, ["open"]);
});

test("after the close of the server no pong goes out, though one is due [5.5.1]", async () => {
  const pair = await passing();
  pair.hear(Buffer.concat([serverFrame(0x89, "a"), serverFrame(0x88, "")]));
  assert.equal(pair.frames().map(({ first }) => first), [0x88]);
  const late = await passing();
  late.hear(serverFrame(0x89, "a"));
  late.hear(serverFrame(0x89, "b"));
  late.hear(serverFrame(0x88, ""));
  late.drain();
  assert.equal(late.frames().map(({ first }) => first), [0x8a, 0x88]);
});

test("a ping is answered by a pong of the same payload, up to 125 bytes [5.5.2]", async () => {
  const pair = await passing();
  for (const payload of ["", "x", "p".repeat(125)]) {
    pair.hear(serverFrame(0x89, payload), 7);
    const frames = pair.frames();
    assert.is(frames.length, 1);
    assert.is(frames[0]!.first, 0x8a);
    assert.is(frames[0]!.payload.toString(), payload);
    pair.drain();
  }
});

test("a peer that pings and does not read is owed one pong: of the latest ping [5.5.3]", async () => {
  const pair = await passing();
  for (let i = 0; i < 1000; i++) pair.hear(serverFrame(0x89, `ping ${i}`));
  assert.equal(pair.frames().map(({ payload }) => payload.toString()), ["ping 0"]);
  pair.drain();
  assert.equal(pair.frames().map(({ payload }) => payload.toString()), ["ping 999"]);
  pair.drain();
  assert.is(pair.take(), "");
});

test("a close of the server is answered by one, and nothing is sent or heard after it [5.5.1]", async () => {
  const pair = await passing();
  pair.hear(Buffer.concat([serverFrame(0x88, "\x03\xe9going"), serverFrame(0x82, "after the close")]));
  const frames = pair.frames();
  assert.is(frames.length, 1);
  assert.is(frames[0]!.first, 0x88);
  pair.socket.write("too late");
  assert.is(pair.take(), "");
  assert.is(pair.received, "");
  assert.equal(pair.events, ["open"]);
  pair.cut();
  assert.equal(pair.events, ["open", "close"]);
  close(pair.socket, false);
  assert.is(pair.take(), "");
});

test("closing with flush says goodbye with 1000, once [7.1.2]", async () => {
  const pair = await passing();
  pair.socket.write("last");
  close(pair.socket, true);
  close(pair.socket, true);
  const frames = pair.frames();
  assert.equal(frames.map(({ first }) => first), [0x82, 0x88]);
  assert.equal([...frames[1]!.payload], [3, 232]);
  assert.is(pair.state, "flushed");
});

test("a handler that closes gets nothing more of the bytes that came with the last", async () => {
  const pair = await passing();
  pair.onPayload = () => close(pair.socket, false);
  pair.hear(Buffer.concat([serverFrame(0x82, "one"), serverFrame(0x82, "two"), serverFrame(0x81, "bad")]));
  assert.is(pair.received, "one");
  assert.equal(pair.events, ["open"]);
});

test("whatever bytes a server sends, the link passes them on or closes once, and does not throw", async () => {
  let seed = 1;
  const chance = (below: number): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return (seed >>> 8) % below;
  };
  for (let round = 0; round < 3000; round++) {
    const pair = await passing();
    const good = [serverFrame(0x82, "abc"), serverFrame(0x89, ""), serverFrame(0x02, "x"), serverFrame(0x80, "y")];
    const bytes = Buffer.concat(Array.from({ length: 8 }, () => good[chance(4)]!));
    for (let i = 0; i < 3; i++) bytes[chance(bytes.length)] = chance(256);
    pair.hear(bytes, 1 + chance(9));
    const closes = pair.events.filter((event) => event === "close").length;
    assert.is(closes, pair.state === "open" ? 0 : 1, `round ${round}`);
    clientFrames(Buffer.from(pair.take(), "latin1"));
  }
});

test.run();
