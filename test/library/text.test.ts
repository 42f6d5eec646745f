/** What motelet/mqtt refuses before anything is sent, and says. */
import { connect, type ConnectOptions } from "motelet/mqtt";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { until, withClient } from "./broker.ts";

const rejects = (options: unknown, pattern: RegExp): void =>
  assert.throws(() => connect(options as ConnectOptions), pattern);

test("options that are wrong are named, with what would be right", () => {
  rejects({}, /needs a url/);
  rejects({ url: "mqtt://a", host: "a" }, /not both/);
  rejects("127.0.0.1:1883", /no URL|write mqtt:/);
  rejects("mqtt://host/topic", /mqtt:\/\/ ends after the port/);
  rejects({ host: "a", port: 70000 }, /port is 70000: a whole number from 1 to 65535/);
  rejects({ host: "a", keepalive: 5 }, /has no "keepalive"; there are .*keepAlive/);
  rejects({ host: "a", keepAlive: 65536 }, /keepAlive \(seconds\) is 65536/);
  rejects({ host: "a", offline: { whenFull: "newest" } }, /"reject", "oldest" or "latest"/);
  rejects({ host: "a", inflight: { message: 1 } }, /inflight has no "message"/);
  rejects({ host: "a", will: { topic: "a/#", payload: "" } }, /will\.topic "a\/#": the wildcards/);
  rejects({ host: "a", will: { topic: "a", payload: "x", qos: 3 } }, /will\.qos is 3/);
  rejects({ host: "a", will: { topic: "a", payload: "x".repeat(65536) } }, /will\.payload has 65536 bytes/);
});

test("a kept session needs a client id [MQTT-3.1.3-7], a password a user name [MQTT-3.1.2-22]", () => {
  rejects({ host: "a", cleanSession: false }, /needs a clientId/);
  rejects({ host: "a", cleanSession: false, clientId: "" }, /needs a clientId/);
  rejects({ host: "a", password: "x" }, /password needs a username/);
});

test("topics and filters are checked before anything is sent", () => withClient({}, async (client, broker) => {
  const before = broker.sent();
  const publish = (topic: unknown, payload: unknown = ""): void => void client.publish(topic as string, payload as string);
  assert.throws(() => publish(""), /topic is empty.*MQTT-4\.7\.3-1/);
  assert.throws(() => publish("a/+"), /wildcards.*MQTT-3\.3\.2-2/);
  assert.throws(() => publish("a\0b"), /U\+0000.*MQTT-1\.5\.3-2/);
  assert.throws(() => publish("a\ud800"), /surrogate.*MQTT-1\.5\.3-1/);
  assert.throws(() => publish("ä".repeat(32768)), /65536 bytes as UTF-8.*MQTT-4\.7\.3-3/);
  assert.throws(() => publish(undefined), /topic is of type undefined/);
  assert.throws(() => publish("a", { t: 1 }), /payload is of type object.*JSON\.stringify/);
  assert.throws(() => publish("a", 21), /payload is of type number.*String/);
  assert.throws(() => client.publish("a", "", { qos: 3 as 2 }), /qos is 3/);
  for (const filter of ["a/#/b", "a#", "#a"]) assert.throws(() => client.subscribe(filter), /MQTT-4\.7\.1-2/);
  for (const filter of ["a+", "+a/b", "a/b+"]) assert.throws(() => client.subscribe(filter), /MQTT-4\.7\.1-3/);
  assert.throws(() => client.subscribe(""), /filter is empty/);
  assert.is(broker.sent(), before);
}));

test("text goes out as UTF-8, and lengths count its bytes; U+FEFF stays [MQTT-1.5.3-3]", () => withClient({
  clientId: "grün", username: "ü", password: Buffer.from([0, 255]),
  will: { topic: "é", payload: "°", qos: 1, retain: true },
}, async (client, broker) => {
  assert.is(
    broker.sent(),
    "\x10\x21\0\x04MQTT\x04\xee\0\x3c\0\x05gr\xc3\xbcn\0\x02\xc3\xa9\0\x02\xc2\xb0\0\x02\xc3\xbc\0\x02\0\xff",
  );
  const before = broker.sent().length;
  assert.is(client.publish("\ufeffé", "21,5 °"), true);
  await until(() => broker.sent().length > before, "PUBLISH");
  assert.is(broker.sent().slice(before), "\x30\x0e\0\x05\xef\xbb\xbf\xc3\xa921,5 \xc2\xb0");
}));

for (const topic of ["\xff", "a\0", "+", "\xed\xa0\x80", ""]) {
  test(`the topic ${JSON.stringify(topic)} from a broker closes the connection [MQTT-1.5.3-1, -2]`, () =>
    withClient({}, async (client, broker) => {
      const reasons: number[] = [];
      let messages = 0;
      client.on("disconnected", ({ code }) => reasons.push(code));
      client.on("message", () => messages++);
      broker.send(`\x30${String.fromCharCode(topic.length + 2, 0, topic.length)}${topic}`);
      await until(() => reasons.length > 0, "closed");
      assert.equal(reasons, [10]);
      assert.is(messages, 0);
    }));
}

test.run();
