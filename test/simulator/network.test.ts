import { duplexPair, type Duplex } from "node:stream";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { virtualClock, type VirtualClock } from "../../simulator/clock.ts";
import type { SimHappening } from "../../simulator/events.ts";
import type { Link } from "../../simulator/link.ts";
import { packetReader, type PacketSummary } from "../../simulator/mqtt-log.ts";
import { Network } from "../../simulator/network.ts";
import { createRng } from "../../simulator/rng.ts";
import { settle } from "../../simulator/settle.ts";

interface Setup {
  clock: VirtualClock;
  network: Network;
  events: SimHappening[];
  /** The servers' ends of the connections, in order. */
  servers: Duplex[];
  /** What the servers got, as pieces. */
  got: Buffer[];
  ended: string[];
  open(): Link;
  pass(ms: number): Promise<void>;
}

function setup(seed = 1): Setup {
  const clock = virtualClock();
  const events: SimHappening[] = [];
  const network = new Network({ clock, rng: createRng(seed), report: (event) => void events.push(event) });
  const servers: Duplex[] = [];
  const got: Buffer[] = [];
  const ended: string[] = [];
  network.setStation(true);
  network.route("broker", 1883, {
    open() {
      const [node, server] = duplexPair();
      node.on("close", () => server.destroy());
      server.on("data", (data: Buffer) => void got.push(data));
      server.on("end", () => void ended.push("end"));
      server.on("close", () => void ended.push("close"));
      servers.push(server);
      return node;
    },
  });
  return {
    clock, network, events, servers, got, ended,
    open() {
      const link = network.connect("broker", 1883);
      if (typeof link === "string") throw new Error(link);
      return link;
    },
    pass: (ms) => settle(clock, network, ms),
  };
}

const text = (pieces: Buffer[]): string => Buffer.concat(pieces).toString("latin1");
const ALL = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

test("bytes of all values pass both ways", async () => {
  const s = setup();
  const link = s.open();
  assert.is(link.send(ALL), 256);
  s.servers[0]!.write(ALL);
  await s.pass(0);
  assert.equal(Buffer.concat(s.got), ALL);
  assert.equal(link.take(1000), ALL);
  assert.equal(link.take(1000), Buffer.alloc(0));
});

test("latency and jitter delay bytes without changing their order", async () => {
  const s = setup();
  Object.assign(s.network.faults, { latencyMs: 100, jitterMs: 50 });
  const link = s.open();
  for (const char of "abcdefgh") link.send(Buffer.from(char));
  await s.pass(99);
  assert.is(text(s.got), "");
  await s.pass(52);
  assert.is(text(s.got), "abcdefgh");
});

test("fragments cut at any byte and each comes by itself", async () => {
  const s = setup();
  s.network.faults.fragmentBytes = 7;
  const link = s.open();
  link.send(ALL);
  await s.pass(300);
  assert.equal(Buffer.concat(s.got), ALL);
  assert.ok(s.got.length > 36, "at least 256/7 pieces");
  assert.ok(s.got.every((piece) => piece.length <= 7));
});

test("the chip's send buffer takes 5744 bytes and no more until they are delivered", async () => {
  const s = setup();
  s.network.faults.latencyMs = 10;
  const link = s.open();
  assert.is(link.send(Buffer.alloc(6000)), 5744);
  assert.is(link.send(Buffer.alloc(6000)), 0);
  await s.pass(11);
  assert.is(link.send(Buffer.alloc(100)), 100);
});

test("while Wi-Fi is down sockets are silent, and what was sent arrives afterwards", async () => {
  const s = setup();
  const link = s.open();
  s.network.setWifi(false);
  assert.is(link.send(Buffer.from("late")), 4);
  s.servers[0]!.write("answer");
  await s.pass(60_000);
  assert.is(text(s.got), "");
  assert.equal(link.take(10), Buffer.alloc(0));
  s.network.setWifi(true);
  await s.pass(0);
  assert.is(text(s.got), "late");
  assert.is(link.take(10)?.toString(), "answer");
});

test("Wi-Fi that resets its sockets ends them", async () => {
  const s = setup();
  const link = s.open();
  s.network.setWifi(false, true);
  await s.pass(0);
  assert.is(link.take(10), null);
  assert.ok(link.reset);
});

test("a FIN lets what was received be read first", async () => {
  const s = setup();
  const link = s.open();
  s.servers[0]!.end("last words");
  await s.pass(0);
  assert.is(link.take(100)?.toString(), "last words");
  assert.is(link.take(100), null);
  assert.not.ok(link.reset);
  assert.is(link.send(Buffer.from("x")), -1);
});

test("a reset after so many bytes lets exactly these through", async () => {
  const s = setup();
  const link = s.open();
  s.network.cut("rst", 5);
  link.send(Buffer.from("abc"));
  link.send(Buffer.from("defgh"));
  await s.pass(0);
  assert.is(text(s.got), "abcde");
  assert.is(link.take(10), null);
  assert.ok(link.reset);
  assert.ok(s.ended.includes("close"));
});

test("a black hole ends nothing and lets nothing through, even when Wi-Fi comes back", async () => {
  const s = setup();
  const link = s.open();
  s.network.cut("blackhole");
  s.network.setWifi(false);
  s.network.setWifi(true);
  link.send(Buffer.from("x"));
  s.servers[0]!.write("y");
  await s.pass(600_000);
  assert.is(text(s.got), "");
  assert.equal(link.take(10), Buffer.alloc(0));
  assert.equal(s.ended, []);
});

test("a connection that the node closes delivers its last bytes", async () => {
  const s = setup();
  s.network.faults.latencyMs = 20;
  const link = s.open();
  link.send(Buffer.from("bye"));
  link.close();
  await s.pass(30);
  assert.is(text(s.got), "bye");
  assert.ok(s.ended.includes("end"));
});

test("a silent power cut tells the server nothing, a reset one does", async () => {
  const s = setup();
  s.open();
  s.network.powerOff("silent");
  await s.pass(1000);
  assert.equal(s.ended, []);
  s.network.setStation(true);
  s.open();
  s.network.powerOff("reset");
  await s.pass(0);
  assert.equal(s.ended, ["close"]);
});

test("connecting fails as the chip's does: no route, no name, refused, no answer", async () => {
  const s = setup();
  assert.is(s.network.connect("nowhere", 1883), "not found");
  assert.is(s.network.connect("broker", 1), "refused");
  s.network.faults.dns = true;
  assert.is(s.network.connect("broker", 1883), "not found");
  Object.assign(s.network.faults, { dns: false, refuse: true });
  assert.is(s.network.connect("broker", 1883), "refused");
  Object.assign(s.network.faults, { refuse: false, unanswered: true });
  const link = s.open();
  await s.pass(18_000);
  assert.is(link.state, "opening");
  await s.pass(1000);
  assert.is(link.take(1), null);
  s.network.setStation(false);
  assert.is(s.network.connect("broker", 1883), "no route");
  const errors = s.events.map((event) => (event.type === "link" && event.state === "failed" ? event.error : "?"));
  assert.equal(errors, ["not found", "refused", "not found", "refused", "timeout", "no route"]);
});

test("equal seeds fragment and delay alike", async () => {
  const run = async (seed: number): Promise<number[]> => {
    const s = setup(seed);
    Object.assign(s.network.faults, { fragmentBytes: 30, jitterMs: 20 });
    s.open().send(ALL);
    await s.pass(1000);
    return s.got.map((piece) => piece.length);
  };
  assert.equal(await run(7), await run(7));
  assert.not.equal(await run(7), await run(8));
});

test("the packet log reads packets at any fragmentation", () => {
  const bytes = Buffer.from([
    0x10, 16, 0, 4, 77, 81, 84, 84, 4, 0, 0, 60, 0, 4, 110, 111, 100, 101, // CONNECT "node", keep-alive 60
    0x3b, 8, 0, 3, 97, 47, 98, 0, 9, 120, // PUBLISH "a/b", QoS 1, DUP, RETAIN, id 9
    0x40, 2, 0, 9, 0xc0, 0, 0xe0, 0,
  ]);
  for (let size = 1; size <= bytes.length; size++) {
    const packets: PacketSummary[] = [];
    const read = packetReader((packet) => packets.push(packet));
    for (let at = 0; at < bytes.length; at += size) read(bytes.subarray(at, at + size));
    assert.equal(packets, [
      { packet: "CONNECT", bytes: 18, clientId: "node", keepAliveSeconds: 60, cleanSession: false },
      { packet: "PUBLISH", bytes: 10, topic: "a/b", qos: 1, retain: true, dup: true, id: 9 },
      { packet: "PUBACK", bytes: 4, id: 9 },
      { packet: "PINGREQ", bytes: 2 },
      { packet: "DISCONNECT", bytes: 2 },
    ], `pieces of ${size}`);
  }
});

test("the packet log says once what is malformed and keeps quiet then", () => {
  const rows: [number[], string][] = [
    [[0x30, 255, 255, 255, 255, 1], "remaining length has more than 4 bytes"],
    [[0x00, 0], "packet type 0 is reserved"],
    [[0x36, 5, 0, 1, 97, 0, 1], "PUBLISH has QoS 3"],
    [[0x30, 2, 0, 9], "PUBLISH of 4 bytes ends too early"],
    [[0x20, 0], "CONNACK of 2 bytes ends too early"],
  ];
  for (const [bytes, problem] of rows) {
    const packets: PacketSummary[] = [];
    const read = packetReader((packet) => packets.push(packet));
    read(Buffer.from(bytes));
    read(Buffer.from([0xc0, 0]));
    assert.equal(packets.map((packet) => packet.problem), [problem]);
  }
});

test.run();
