/** motelet/mqtt in Node: callbacks, events, queue, flush, end; several clients in a process. */
import { connect, type MqttError } from "motelet/mqtt";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { startAedes } from "../../interop/brokers.ts";
import { until, withClient } from "./broker.ts";

const codes: string[] = [];
const note = (error?: MqttError): void => void codes.push(error?.code ?? "done");
test.before.each(() => void codes.splice(0));

const SUBACK = (id: number, code: number): string => `\x90\x03\0${String.fromCharCode(id, code)}`;

test("clients in one process do not share state, and text goes through a real broker", async () => {
  const broker = await startAedes();
  const { host, port } = broker;
  const login = { host, port, username: broker.username!, password: broker.password! };
  const [a, b] = [connect({ ...login, clientId: "a" }), connect({ ...login, clientId: "b" })];
  try {
    const got: string[] = [];
    await new Promise<void>((done) => {
      b.subscribe("grün/+", { qos: 2 }, ({ topic, text }) => got.push(`${topic}=${text}`), () => done());
    });
    for (const qos of [0, 1, 2] as const) a.publish("grün/ä", `${qos} °C`, { qos }, note);
    await until(() => got.length === 3 && codes.length === 3, "three messages");
    assert.equal(got.sort(), ["grün/ä=0 °C", "grün/ä=1 °C", "grün/ä=2 °C"]);
    assert.equal(codes, ["done", "done", "done"]);
    assert.is(await a.end(), true);
    assert.is(a.connected, false);
    assert.is(b.connected, true);
  } finally {
    await Promise.all([a.end(0), b.end(0)]);
    await broker.stop();
  }
});

test("QoS 0 without a connection is refused, counted and told", () => withClient({}, async (client) => {
  const drops: string[] = [];
  client.on("drop", ({ topic, qos, error }) => drops.push(`${topic} ${qos} ${error.code}`));
  assert.is(client.connected, false);
  assert.is(client.publish("a", "x", {}, note), false);
  assert.equal([codes, drops, client.counters.dropped], [["offline"], ["a 0 offline"], 1]);
}, ""));

test("each publish ends once: acknowledged, in order", () => withClient({}, async (client, broker) => {
  const before = broker.sent().length;
  client.publish("a", "1", { qos: 1 }, note);
  client.publish("a", "2", { qos: 1 }, note);
  await until(() => broker.sent().length === before + 16, "two PUBLISH");
  assert.is(broker.sent().slice(before), "\x32\x06\0\x01a\0\x011\x32\x06\0\x01a\0\x022");
  assert.is(client.counters.inflight, 2);
  broker.send("\x40\x02\0\x01\x40\x02\0\x01");
  await until(() => codes.length > 0, "the first");
  assert.is(await client.flush(30), false);
  assert.equal(codes, ["done"]);
  broker.send("\x40\x02\0\x02");
  assert.is(await client.flush(), true);
  assert.equal(codes, ["done", "done"]);
}));

test("a window of one: the next goes out when the first is acknowledged", () => withClient({
  inflight: { messages: 1 },
}, async (client, broker) => {
  const before = broker.sent().length;
  for (const text of ["1", "2"]) assert.is(client.publish("a", text, { qos: 1 }, note), true);
  assert.equal([client.counters.queued, client.counters.inflight], [1, 1]);
  await until(() => broker.sent().length === before + 8, "one PUBLISH");
  broker.send("\x40\x02\0\x01");
  await until(() => broker.sent().length === before + 16, "the second");
  assert.is(broker.sent().slice(before + 8), "\x32\x06\0\x01a\0\x022");
}));

const full = (whenFull: "reject" | "oldest" | "latest"): Promise<[string[], number]> => {
  const ends: string[] = [];
  let dropped = 0;
  return withClient({ offline: { messages: 2, whenFull } }, async (client) => {
    for (const [topic, text] of [["a", "1"], ["b", "2"], ["b", "3"]]) {
      client.publish(topic!, text!, { qos: 1 }, (error) => ends.push(`${text} ${error!.code}`));
    }
    assert.is(client.counters.queued, 2);
    dropped = client.counters.dropped;
  }, "").then(() => [ends, dropped]);
};

test("a full queue does as it was told: reject, oldest, latest; and what ends with the client is told", async () => {
  assert.equal(await full("reject"), [["3 full", "1 ended", "2 ended"], 1]);
  assert.equal(await full("oldest"), [["1 replaced", "2 ended", "3 ended"], 1]);
  assert.equal(await full("latest"), [["2 replaced", "1 ended", "3 ended"], 1]);
});

test("what has waited for longer than maxAgeMs is told as expired, counted, and makes room", () => withClient({
  offline: { messages: 2, maxAgeMs: 60 },
}, async (client) => {
  let rooms = 0;
  client.on("room", () => rooms++);
  const began = performance.now();
  for (const text of ["1", "2", "3"]) client.publish("a", text, { qos: 1 }, note);
  assert.equal([codes, rooms, client.counters.queued], [["full"], 0, 2]);
  await until(() => codes.length === 3, "two expired");
  assert.ok(performance.now() - began >= 59);
  assert.equal([codes, rooms, client.counters.queued, client.counters.dropped], [["full", "expired", "expired"], 1, 0, 3]);
  assert.is(await client.flush(0), true);
}, ""));

test("a message that fits nowhere is refused at once", () => withClient({
  inflight: { bytes: 20 },
}, async (client) => {
  assert.is(client.publish("a", "x".repeat(20), { qos: 1 }, note), false);
  assert.is(client.publish("a", "x".repeat(10), { qos: 1 }), true);
  assert.equal(codes, ["large"]);
}));

test("there is room again after the queue was full", () => withClient({
  inflight: { messages: 1 }, offline: { messages: 1 },
}, async (client, broker) => {
  let rooms = 0;
  client.on("room", () => rooms++);
  for (let i = 0; i < 3; i++) client.publish("a", "x", { qos: 1 }, note);
  assert.equal([codes, rooms], [["full"], 0]);
  broker.send("\x40\x02\0\x01");
  await until(() => rooms === 1, "room");
}));

test("QoS 0 is refused where the network takes no more, and there is word of room", () => withClient({
  sendBuffer: 10,
}, async (client) => {
  let rooms = 0;
  client.on("room", () => rooms++);
  for (let i = 0; i < 3; i++) client.publish("a", "x".repeat(9), {}, note);
  assert.equal([codes, rooms], [["crowded", "crowded"], 0]);
  await until(() => rooms === 1, "room");
  assert.is(client.publish("a", "x"), true);
  assert.equal([codes, client.counters.dropped], [["crowded", "crowded", "done"], 2]);
}));

test("a message that is too large is acknowledged, counted and told, and not delivered", () => withClient({
  largestIncoming: 128,
}, async (client, broker) => {
  const told: unknown[] = [];
  client.on("skipped", (count) => told.push(count));
  client.on("message", ({ text }) => told.push(text));
  broker.send(`\x32\xc8\x01\0\x01a\0\x07${"x".repeat(195)}\x32\x06\0\x01a\0\x082`);
  await until(() => broker.sent().endsWith("\x40\x02\0\x07\x40\x02\0\x08"), "two PUBACK");
  assert.equal([told, client.counters.skipped], [["2", 1], 1]);
}));

test("a clean session: what was not acknowledged is told as lost when the next one begins [MQTT-3.1.2-6]", () =>
  withClient({ cleanSession: true }, async (client, broker) => {
    client.publish("a", "1", { qos: 1 }, note);
    await until(() => broker.sent().includes("\0\x01a"), "PUBLISH");
    broker.socket().destroy();
    await until(() => codes.length > 0, "told");
    assert.equal(codes, ["lost"]);
    assert.not(broker.sent().includes("\0\x01a"));
  }));

test("a kept session: what was not acknowledged is sent again with DUP, and is done when it is acknowledged", () =>
  withClient({ cleanSession: false }, async (client, broker) => {
    client.publish("a", "1", { qos: 1 }, note);
    await until(() => broker.sent().includes("\x32\x06\0\x01a"), "PUBLISH");
    broker.socket().destroy();
    await until(() => broker.sent().includes("\x3a\x06\0\x01a\0\x011"), "PUBLISH with DUP");
    assert.equal(codes, []);
    broker.send("\x40\x02\0\x01");
    await until(() => codes.length > 0, "done");
    assert.equal(codes, ["done"]);
  }));

test("SUBACK 0x80 is told to who asked, or is an error [MQTT-3.9.3-2]", () => withClient({}, async (client, broker) => {
  const errors: string[] = [];
  client.on("error", (error) => errors.push(error.message));
  client.subscribe("a", {}, undefined, note);
  client.subscribe("b");
  client.subscribe("c", { qos: 1 }, undefined, (_error, granted) => codes.push(String(granted)));
  await until(() => broker.sent().includes("\0\x01c\x01"), "three SUBSCRIBE");
  broker.send(SUBACK(2, 0x80) + SUBACK(1, 0x80) + SUBACK(3, 0));
  await until(() => codes.length === 2, "told");
  assert.equal(codes, ["refused", "0"]);
  assert.equal(errors, ['the broker refused the subscription to "b"']);
}));

test("a SUBACK with another number of codes than filters closes [MQTT-3.8.4-5]", async () => {
  for (const suback of ["\x90\x04\0\x03\0\0", "\x90\x02\0\x03"]) {
    await withClient({}, async (client, broker) => {
      const downs: number[] = [];
      codes.splice(0);
      client.on("error", () => {});
      client.on("disconnected", ({ code }) => downs.push(code));
      client.subscribe("a", {}, undefined, note);
      client.subscribe("b", {}, undefined, note);
      await until(() => broker.sent().includes("\0\x01b\0"), "SUBSCRIBE");
      broker.send(SUBACK(1, 0) + SUBACK(2, 0));
      await until(() => codes.length === 2, "granted");
      broker.socket().destroy();
      // Of a new session, a packet each.
      await until(() => broker.connections() === 2 && broker.sent().includes("\0\x01b\0"), "SUBSCRIBE of both");
      broker.send(suback);
      await until(() => downs.length === 2, "closed");
      assert.equal(downs, [6, 10]);
    });
  }
});

test("a refused login is an error and a reason of the config, and waits long before the next try", () =>
  withClient({}, async (client, broker) => {
    const told: string[] = [];
    client.on("disconnected", ({ code, fault }) => told.push(`${code} ${fault}`));
    client.on("error", ({ code, message }) => told.push(`${code}: ${message}`));
    await until(() => told.length === 2, "told");
    assert.equal(told, ["4 config", "refused: the broker refused user name or password"]);
    assert.is(broker.connections(), 1);
  }, "\x20\x02\0\x04"));

test("a handler that throws is an error; its message is acknowledged, the next one delivered [MQTT-4.5.0-2]", () =>
  withClient({}, async (client, broker) => {
    const errors: unknown[] = [];
    const texts: string[] = [];
    client.on("error", ({ code, cause }) => errors.push(code, (cause as Error).message));
    client.subscribe("a", { qos: 1 }, () => {
      throw new Error("oops");
    });
    client.on("message", ({ text }) => texts.push(text));
    broker.send("\x32\x06\0\x01a\0\x071\x32\x06\0\x01a\0\x082");
    await until(() => broker.sent().endsWith("\x40\x02\0\x07\x40\x02\0\x08"), "two PUBACK");
    assert.equal([errors, texts], [["handler", "oops", "handler", "oops"], ["1", "2"]]);
  }));

test("handlers get what their filters match, until unsubscribed", () => withClient({}, async (client, broker) => {
  const got: string[] = [];
  client.subscribe("a/+", {}, ({ topic }) => got.push(`+ ${topic}`));
  client.subscribe("a/#", {}, ({ topic }) => got.push(`# ${topic}`));
  broker.send("\x30\x05\0\x03a/b\x30\x03\0\x01a");
  await until(() => got.length === 3, "three calls");
  client.unsubscribe("a/#", note);
  await until(() => broker.sent().endsWith("\xa2\x07\0\x03\0\x03a/#"), "UNSUBSCRIBE");
  broker.send("\xb0\x02\0\x03\x30\x05\0\x03a/b");
  await until(() => got.length === 4, "one call more");
  assert.equal(got, ["+ a/b", "# a/b", "# a", "+ a/b"]);
  assert.equal(codes, ["done"]);
}));

test("who asked for a filter so long that the length of its SUBSCRIBE takes two bytes hears the answer, too", () =>
  withClient({}, async (client, broker) => {
    const answers: unknown[] = [];
    const filter = "a".repeat(300);
    client.subscribe(filter, { qos: 2 }, undefined, (error, granted) => answers.push(error?.code ?? granted));
    await until(() => broker.sent().endsWith(`${filter}\x02`), "SUBSCRIBE");
    broker.send("\x90\x03\0\x01\x01");
    await until(() => answers.length > 0, "the answer");
    assert.equal(answers, [1]);
  }));

test("end sends DISCONNECT after what was accepted, and nothing is accepted after it", () =>
  withClient({}, async (client, broker) => {
    client.publish("a", "1", { qos: 1 }, note);
    const ended = client.end(2000);
    assert.is(client.publish("a", "2", { qos: 1 }, note), false);
    await until(() => broker.sent().includes("\x32\x06\0\x01a"), "PUBLISH");
    assert.not(broker.sent().endsWith("\xe0\0"));
    broker.send("\x40\x02\0\x01");
    assert.is(await ended, true);
    assert.equal(codes, ["ended", "done"]);
    await until(() => broker.sent().endsWith("\xe0\0"), "DISCONNECT");
  }));

test("a client that nobody answers says so, with what the system said, and ends", async () => {
  const client = connect({ host: "127.0.0.1", port: 1 });
  const reasons: string[] = [];
  client.on("disconnected", ({ fault, text }) => reasons.push(`${fault}: ${text}`));
  await until(() => reasons.length > 0, "told");
  assert.match(reasons[0]!, /^link: the connection was closed: .*ECONNREFUSED/);
  await client.end(0);
});

test("plain Node imports it, without tsx", async () => {
  const program = 'import { connect } from "motelet/mqtt"; try { connect({}) } catch (e) { console.log(e.message) }';
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
    cwd: new URL("../..", import.meta.url),
  });
  assert.match(stdout, /needs a url/);
});

test.run();
