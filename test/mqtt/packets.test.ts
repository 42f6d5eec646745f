/** Each packet as the table has it: sent by the client, got by it in two pieces at every boundary; a second codec. */
import { generate, parser, type Packet as Generated } from "mqtt-packet";
import * as assert from "uvu/assert";
import { ALL_ENGINES, test } from "./engines/test.ts";
import { instantiate, type Instance } from "./instance.ts";
import { GOT, SENT, type Got, type Packet, type Said } from "./packet-rows.ts";

const bytesOf = (said: Said): string =>
  Buffer.from(said.map(([bytes]) => bytes).join("").replaceAll(" ", ""), "hex").toString("latin1");
const hex = (bytes: string): string => [...bytes].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join(" ");

/** What an independent codec makes of the bytes and of the object. */
const checkWithReferee = (packet: Packet, bytes: string): void => {
  assert.is(hex(generate(packet as unknown as Generated).toString("latin1")), hex(bytes));
  const found: Generated[] = [];
  const reader = parser();
  reader.on("packet", (p) => found.push(p));
  reader.parse(Buffer.from(bytes, "latin1"));
  assert.is(found.length, 1);
  for (const [field, value] of Object.entries(packet)) assert.equal(found[0]![field as keyof Generated], value, field);
  assert.is(found[0]!.length, bytes.length - (bytes.charCodeAt(1) > 127 ? 3 : 2));
};

for (const { name, packet, bytes, send } of SENT) {
  test(`sends ${name}`, async () => {
    const c = await instantiate();
    c.inflight.configure(8, 64, false);
    c.connect(true);
    c.link().take();
    const returned = send(c);
    assert.is(hex(returned ?? c.link().take()), hex(bytesOf(bytes)));
    checkWithReferee(packet, bytesOf(bytes));
  }, ALL_ENGINES);
}

/** A client that has one exchange of each kind in flight, unless it is CONNACK that it shall get. */
const make = async (awaitsConnack: boolean, effects: string[]): Promise<Instance> => {
  const c = await instantiate();
  c.inflight.configure(8, 64, false);
  const hear = (topic: string, payload: string, retained: boolean): void => {
    effects.push(`${topic.slice(2)}: ${payload}${retained ? " (retained)" : ""}`);
  };
  c.subscribe.listeners["\0\x03a/b"] = hear;
  if (awaitsConnack) {
    c.client.upHandlers.push((present) => effects.push(`up, ${present ? "session present" : "new session"}`));
    c.start();
    c.link().opened();
  } else {
    const link = c.connect(true);
    c.qos1.publishKept("\0\x01t", "", 2);
    c.qos1.publishKept("\0\x01t", "", 4);
    c.qos1.publishKept("\0\x01t", "", 4);
    link.data("\x50\x02\0\x03");
    c.subscribe.subscribe("\0\x01s", 0);
    c.unsubscribe.unsubscribe("\0\x01s");
    c.inflight.onSettled(([key, packet], how) => {
      const codes = packet!.charCodeAt(0) === c.packet.SUBSCRIBE
        ? `: ${hex(c.reader.received.slice(c.reader.packetAt + 4, c.reader.packetEnd))}` : "";
      effects.push(`id ${c.packet.uint16At(key!, 2)} is ${how > 0 ? "done" : "lost"}${codes}`);
    });
  }
  c.link().take();
  return c;
};

/** What comes of a packet that arrives in two pieces. */
const effectsOf = async ({ packet }: Got, first: string, second: string): Promise<string[]> => {
  const effects: string[] = [];
  const c = await make(packet.cmd === "connack", effects);
  c.link().data(first);
  if (first !== "" && second !== "") assert.equal(effects, [], "half of it has no effect");
  c.link().data(second);
  const sent = c.link().take();
  if (sent !== "") effects.push(`sends ${hex(sent)}`);
  if (c.reasons.length > 0) effects.push(`down, reason ${c.reasons.join()}`);
  return effects;
};

for (const row of GOT) {
  test(`gets ${row.name}`, async () => {
    const bytes = bytesOf(row.bytes);
    checkWithReferee(row.packet, bytes);
    for (let at = 0; at < bytes.length; at++) {
      assert.equal(await effectsOf(row, bytes.slice(0, at), bytes.slice(at)), row.effects, `split at ${at}`);
    }
  }, ALL_ENGINES);
}

test("the tables have every packet of 3.1.1 that a client sends or gets", () => {
  const names = (rows: { packet: Packet }[]): string[] => [...new Set(rows.map(({ packet }) => packet.cmd))].sort();
  const both = ["puback", "pubcomp", "publish", "pubrec", "pubrel"];
  assert.equal(names(SENT), ["connect", "disconnect", "pingreq", "subscribe", "unsubscribe", ...both].sort());
  assert.equal(names(GOT), ["connack", "pingresp", "suback", "unsuback", ...both].sort());
});

test("each byte is explained", () => {
  for (const { name, bytes } of [...SENT, ...GOT]) {
    for (const [said, meaning] of bytes) {
      assert.match(said, /^[0-9a-f]{2}( [0-9a-f]{2})*$/, name);
      assert.ok(meaning.length > 1, name);
    }
  }
});

test("remaining lengths of 1 to 4 bytes are read as 2.2.3 says, split anywhere, and written", async (engine) => {
  for (const [length, header] of [
    [127, "\x30\x7f"], [128, "\x30\x80\x01"], [16383, "\x30\xff\x7f"], [16384, "\x30\x80\x80\x01"],
    [2097151, "\x30\xff\xff\x7f"], [2097152, "\x30\x80\x80\x80\x01"],
  ] as const) {
    const packet = `${header}\0\x03a/b${"x".repeat(length - 5)}`;
    // Two megabytes take their time on an interpreter.
    const most = engine.name === "v8" || length < 20_000 ? header.length + 5 : 0;
    for (let split = 0; split <= most; split++) {
      const c = await instantiate();
      const got: number[] = [];
      c.subscribe.listeners["\0\x03a/b"] = (_topic, payload) => void got.push(payload.length);
      let data = (_bytes: string): void => {};
      const open = (_opened: () => void, onData: (bytes: string) => void): object => {
        data = onData;
        return { write: () => {} };
      };
      c.client.start(open as never, "", 30000, 1e9, 268435455, () => {});
      data("\x20\x02\0\0");
      if (split === 0) assert.is(c.packet.packet(0x30, packet.slice(header.length)), packet);
      data(packet.slice(0, split));
      assert.equal(got, [], `split at ${split}`);
      data(packet.slice(split));
      assert.equal(got, [length - 5], `split at ${split}`);
    }
  }
}, ALL_ENGINES);

test.run();
