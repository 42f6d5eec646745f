/** QoS 2 out and in. */
import * as assert from "uvu/assert";
import { test } from "./engines/test.ts";
import { instantiate, type Instance } from "./instance.ts";

const topic = "\0\x03a/b";
const make = async (): Promise<Instance> => {
  const c = await instantiate();
  c.inflight.configure(3, 64, false);
  return c;
};
const publish = (id: string, payload: string, first = "\x34"): string =>
  `${first}${String.fromCharCode(7 + payload.length)}\0\x03a/b\0${id}${payload}`;
const reconnect = (c: Instance, present: boolean): string => {
  const links = c.links.length;
  c.link().closed();
  while (c.links.length === links) c.clock.advance(100);
  c.link().opened();
  c.link().take();
  c.link().data(`\x20\x02${present ? "\x01" : "\0"}\0`);
  return c.link().take();
};

test("PUBLISH, PUBREC, PUBREL, PUBCOMP: the slot is free after the last", async () => {
  const c = await make();
  const settled: boolean[] = [];
  c.inflight.onSettled((_kept, how) => settled.push(how > 0));
  const link = c.connect();
  c.qos1.publishKept(topic, "1", 4);
  assert.is(link.take(), publish("\x01", "1"));
  link.data("\x50\x02\0\x01");
  assert.is(link.take(), "\x62\x02\0\x01");
  assert.equal(settled, []);
  link.data("\x70\x02\0\x01");
  assert.equal(settled, [true]);
});

test("after PUBREC the PUBREL is sent again and never the PUBLISH, in order [MQTT-4.3.3-1, MQTT-4.4.0-1]", async () => {
  const c = await make();
  const link = c.connect();
  c.qos1.publishKept(topic, "1", 4);
  c.qos1.publishKept(topic, "2", 4);
  link.data("\x50\x02\0\x01");
  assert.is(reconnect(c, true), `\x62\x02\0\x01${publish("\x02", "2", "\x3c")}`);
  c.link().data("\x50\x02\0\x01");
  assert.is(c.link().take(), "\x62\x02\0\x01");
});

test("a PUBREC for an unknown id is answered", async () => {
  const c = await make();
  const link = c.connect();
  link.data("\x50\x02\0\x09");
  assert.is(link.take(), "\x62\x02\0\x09");
});

// RabbitMQ 3.10 has no QoS 2: it takes such a message as one of QoS 1, and its PUBACK is all that ever comes.
test("PUBACK ends a QoS 2 message that the broker took as QoS 1, and nothing that waits for PUBCOMP", async () => {
  const c = await make();
  const settled: string[] = [];
  c.inflight.onSettled(([key], how) => settled.push(`${key!.charCodeAt(3)} ${how > 0}`));
  const link = c.connect();
  c.qos1.publishKept(topic, "1", 4);
  c.qos1.publishKept(topic, "2", 5);
  link.data("\x50\x02\0\x01\x40\x02\0\x01\x40\x02\0\x02");
  assert.equal(settled, ["2 true"]);
  assert.is(c.inflight.slots.length, 2);
  link.data("\x70\x02\0\x01");
  assert.equal(settled, ["2 true", "1 true"]);
});

test("an acknowledgement that does not answer what has its id is ignored", async () => {
  const c = await make();
  const link = c.connect();
  c.subscribe.subscribe(topic, 1, () => {});
  c.qos1.publishKept(topic, "2", 2);
  // SUBSCRIBE has the id 1, PUBLISH the id 2.
  link.data("\x40\x02\0\x01\x70\x02\0\x01\xb0\x02\0\x01\x70\x02\0\x02\xb0\x02\0\x02");
  assert.equal([c.inflight.slots.length, c.reasons], [4, []]);
  link.data("\x90\x03\0\x01\x01\x40\x02\0\x02");
  assert.is(c.inflight.slots.length, 0);
});

test("a message is delivered once until its PUBREL; then its id is a new message [MQTT-4.3.3-2]", async () => {
  const c = await make();
  const got: string[] = [];
  c.subscribe.subscribe(topic, 2, (_t, payload) => got.push(payload));
  c.connect(true).take();
  c.link().data(publish("\x07", "one") + publish("\x07", "one", "\x3c"));
  assert.equal(c.link().writes, ["\x50\x02\0\x07\x50\x02\0\x07"]);
  assert.is(reconnect(c, true).includes("\x50"), false);
  c.link().data(`${publish("\x07", "one", "\x3c")}\x62\x02\0\x07`);
  assert.is(c.link().take(), "\x50\x02\0\x07\x70\x02\0\x07");
  c.link().data(`${publish("\x07", "two")}\x62\x02\0\x63`);
  assert.equal(got, ["one", "two"]);
  assert.is(c.link().take(), "\x50\x02\0\x07\x70\x02\0\x63");
});

test("more unreleased messages than can be held end the connection, with what was held acknowledged", async () => {
  const c = await make();
  const link = c.connect(true);
  link.take();
  let stream = "";
  for (let i = 1; i <= 33; i++) stream += publish(String.fromCharCode(i), "x");
  link.data(stream);
  assert.equal(c.reasons, [c.reason.TOO_LARGE]);
  assert.is(link.take().length, 32 * 4);
});

test.run();
