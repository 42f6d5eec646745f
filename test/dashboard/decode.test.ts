/** Packets as the dashboard shows them, and what it concludes of them. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { SimHappening } from "../../simulator/events.ts";
import { watchConnection, type ConnectionWatch } from "../../tools/dashboard/connection.ts";
import { decode, withoutPassword } from "../../tools/dashboard/decode.ts";
import { readingsOf } from "../../tools/dashboard/readings.ts";
import type { Manifest } from "../../tools/board/types.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));
const shown = (hex: string): string[] => decode(bytes(hex)).map(({ name, text }) => `${name}: ${text}`);

/** Client id "node", will "w" = "x" at QoS 1, retained, user "u", password "pw"; keep-alive 60 s. */
const CONNECT = "10 1f 0004 4d515454 04 ec 003c 0004 6e6f6465 0001 77 0001 78 0001 75 0002 7077 ".replace("10 1f", "10 1d");

test("each part of a packet is named, with its bytes", () => {
  assert.equal(shown(CONNECT), [
    "fixed header: CONNECT", "remaining length: 29", "protocol: MQTT (4 bytes)", "protocol level: 4 (MQTT 3.1.1)",
    "connect flags: the session goes on, will of QoS 1 (at least once), retained, user name, password",
    "keep-alive: 60 s", "client id: node (4 bytes)", "will topic: w (1 bytes)", "will payload: x (1 bytes)",
    "user name: u (1 bytes)", "password: pw (2 bytes)",
  ]);
  assert.equal(shown("3b 09 0003 612f62 0007 6869"), [
    "fixed header: PUBLISH, DUP, QoS 1 (at least once), retain", "remaining length: 9", "topic: a/b (3 bytes)", "packet id: 7",
    "payload: hi",
  ]);
  assert.equal(decode(bytes("30 05 0001 61 ff00")).at(-1), { name: "payload", from: 5, to: 7, text: "2 bytes that are no text" });
  assert.equal(shown("20 02 01 00").slice(2), ["acknowledge flags: session present", "return code: 0 (accepted)"]);
  assert.equal(shown("20 02 00 05").slice(3), ["return code: 5 (not authorised)"]);
  assert.equal(shown("82 0a 0001 0001 61 00 0001 62 01").slice(2), [
    "packet id: 1", "filter: a (1 bytes)", "asked for: QoS 0 (at most once)", "filter: b (1 bytes)",
    "asked for: QoS 1 (at least once)",
  ]);
  assert.equal(shown("90 04 0001 00 80").slice(3), ["return code: QoS 0 (at most once)", "return code: 128 (refused)"]);
  assert.equal(shown("40 02 0102"), ["fixed header: PUBACK", "remaining length: 2", "packet id: 258"]);
  assert.equal(shown("c0 00"), ["fixed header: PINGREQ", "remaining length: 0"]);
});

test("what is cut off anywhere, or is nonsense, is shown as far as it goes", () => {
  const all = bytes(CONNECT);
  for (let length = 0; length <= all.length; length++) {
    const parts = decode(all.subarray(0, length));
    assert.ok(parts.every(({ to }) => to <= length), `${length} bytes`);
  }
  assert.equal(shown(""), []);
  assert.equal(shown("30 ffffffff7f"), ["fixed header: PUBLISH, QoS 0 (at most once)", "remaining length: 268435455"]);
});

test("a password is starred out, and nothing else is touched", () => {
  const all = bytes(CONNECT);
  const without = withoutPassword(all);
  assert.is(Buffer.from(without.subarray(-2)).toString(), "**");
  assert.equal(without.subarray(0, -2), all.subarray(0, -2));
  assert.is(Buffer.from(all.subarray(-2)).toString(), "pw", "a copy");
  const publish = bytes("30 05 0001 61 7077");
  assert.is(withoutPassword(publish), publish);
});

/** A watch that is told some events, a second apart. */
function told(watch: ConnectionWatch, ...events: SimHappening[]): ConnectionWatch {
  events.forEach((event, at) => watch.take({ t: 1000 * (at + 1), ...event }));
  return watch;
}
const packet = (direction: "out" | "in", name: string, more: object = {}): SimHappening =>
  ({ type: "packet", link: 1, direction, packet: name, bytes: 10, ...more });
const UP: SimHappening[] = [
  { type: "boot", reason: "power on" }, { type: "wifi", state: "joined", ssid: "a", ip: "b" },
  { type: "link", link: 1, state: "open", host: "h", port: 1 }, packet("out", "CONNECT", { cleanSession: false }),
  packet("in", "CONNACK", { code: 0, sessionPresent: true }),
];

test("a QoS 2 message waits for PUBREC and PUBCOMP in turn; its first PUBREL is no repetition", () => {
  const watch = told(watchConnection(false), ...UP, packet("out", "PUBLISH", { topic: "a", qos: 2, id: 7 }));
  assert.is(watch.inflight()[0]!.awaits, "PUBREC");
  told(watch, packet("in", "PUBACK", { id: 7 }), packet("in", "PUBREC", { id: 7 }), packet("out", "PUBREL", { id: 7 }));
  assert.is(watch.inflight()[0]!.awaits, "PUBCOMP");
  assert.is(watch.resends, 0);
  told(watch, packet("out", "PUBREL", { id: 7 }));
  assert.is(watch.resends, 1);
  told(watch, packet("in", "PUBCOMP", { id: 7 }));
  assert.equal(watch.inflight(), []);
});

test("a message stays in flight over a connection, and goes with a clean session or the power", () => {
  const closed: SimHappening = { type: "link", link: 1, state: "closed", by: "peer", bytesOut: 0, bytesIn: 0, error: "reset" };
  const start = (keeps = false): ConnectionWatch => told(watchConnection(keeps), ...UP,
    packet("out", "PUBLISH", { topic: "a", qos: 1, id: 1 }), packet("out", "SUBSCRIBE", { topic: "b", id: 2 }), closed);
  assert.equal(start().inflight().map(({ id }) => id), [1]);
  assert.is(start().connection.state, "no broker");
  assert.is(start().connection.reason, "the connection ended: reset");
  assert.equal(told(start(), packet("out", "CONNECT", { cleanSession: false })).inflight().length, 1);
  assert.equal(told(start(), packet("out", "CONNECT", { cleanSession: true })).inflight(), []);
  assert.equal(told(start(), { type: "off", reason: "x" }).inflight(), []);
  assert.equal(told(start(true), { type: "off", reason: "x" }).inflight().length, 1, "it has a store");
});

test("a refusal is told, and stays told when the broker closes the connection", () => {
  const watch = told(watchConnection(false), ...UP.slice(0, 4), packet("in", "CONNACK", { code: 5 }));
  assert.is(watch.connection.state, "refused");
  told(watch, { type: "link", link: 1, state: "closed", by: "peer", bytesOut: 0, bytesIn: 0 });
  assert.equal([watch.connection.state, watch.connection.reason], ["no broker", "the broker refused the node: not authorised"]);
  told(watch, { type: "wifi", state: "lost", reason: "BEACON_TIMEOUT" });
  assert.is(watch.connection.state, "no wifi");
});

test("readings are the digits that were sent; words that are on or off can be drawn", () => {
  const sensor = (as: string, ...names: string[]): object =>
    ({ id: "a", publish: { as }, fields: names.map((name) => ({ name, unit: "", decimals: 2 })) });
  const manifest = (as: string, topics: string[], ...names: string[]): Manifest =>
    ({ sensors: [sensor(as, ...names)], topics: { sensors: { a: topics } } }) as unknown as Manifest;
  assert.equal(readingsOf(manifest("json", ["n/a"], "t", "state"), "n/a", "{\"t\":20.10,\"state\":\"ON\",\"other\":1}"), [
    { name: "a.t", text: "20.10", value: 20.1 }, { name: "a.state", text: "ON", value: 1 },
  ]);
  assert.equal(readingsOf(manifest("value", ["n/a/t", "n/a/u"], "t", "u"), "n/a/u", "-1.50"), [{ name: "a.u", text: "-1.50", value: -1.5 }]);
  assert.equal(readingsOf(manifest("value", ["n/a/t"], "t"), "n/a/t", "left"), [{ name: "a.t", text: "left", value: undefined }]);
  assert.equal(readingsOf(manifest("json", ["n/a"], "t"), "n/b", "{\"t\":1}"), []);
});

test.run();
