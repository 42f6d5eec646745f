/** QoS 1 out and in, subscriptions, the offline queue. */
import * as assert from "uvu/assert";
import { test } from "./engines/test.ts";
import { instantiate, type Instance } from "./instance.ts";

const topic = "\0\x03a/b";
const make = async (clean = false): Promise<Instance> => {
  const c = await instantiate();
  c.inflight.configure(3, 64, clean);
  return c;
};
const publish = (id: string, payload: string, first = "\x32"): string =>
  `${first}${String.fromCharCode(7 + payload.length)}\0\x03a/b\0${id}${payload}`;
const reconnect = (c: Instance, present: boolean): string => {
  const links = c.links.length;
  c.link().closed();
  while (c.links.length === links) c.clock.advance(100);
  const link = c.link();
  link.opened();
  link.take();
  link.data(`\x20\x02${present ? "\x01" : "\0"}\0`);
  return link.take();
};

test("a slot is taken until its PUBACK, and a publish that finds none is refused", async () => {
  const c = await make();
  const link = c.connect();
  for (const payload of ["1", "2", "3"]) assert.is(c.qos1.publishKept(topic, payload, 2), true);
  assert.is(c.qos1.publishKept(topic, "4", 2), false);
  assert.is(link.take(), publish("\x01", "1") + publish("\x02", "2") + publish("\x03", "3"));
  link.data("\x40\x02\0\x02");
  assert.is(c.qos1.publishKept(topic, "4", 3), true);
  assert.is(link.take(), publish("\x04", "4", "\x33"));
});

test("a packet larger than a slot is refused", async () => {
  const c = await make();
  c.connect();
  assert.is(c.qos1.publishKept(topic, "x".repeat(54), 2), true);
  assert.is(c.qos1.publishKept(topic, "x".repeat(55), 2), false);
});

test("what was not acknowledged is sent again with DUP, the same ids and in order [MQTT-4.4.0-1, MQTT-4.6.0-1]", async () => {
  const c = await make();
  const link = c.connect();
  for (const payload of ["1", "2", "3"]) c.qos1.publishKept(topic, payload, 3);
  link.data("\x40\x02\0\x02");
  const again = publish("\x01", "1", "\x3b") + publish("\x03", "3", "\x3b");
  assert.is(reconnect(c, true), again);
  assert.is(reconnect(c, true), again);
});

test("a broker that lost the session gets it all the same [MQTT-3.2.2-4]", async () => {
  const c = await make();
  c.connect();
  c.qos1.publishKept(topic, "1", 2);
  assert.is(reconnect(c, false), publish("\x01", "1", "\x3a"));
});

test("with clean session 1 nothing of the old session is sent, and each loss is told [MQTT-3.1.2-6]", async () => {
  const c = await make(true);
  const settled: boolean[] = [];
  c.inflight.onSettled((_kept, how) => settled.push(how > 0));
  c.connect();
  c.qos1.publishKept(topic, "1", 2);
  c.qos1.publishKept(topic, "2", 2);
  assert.is(reconnect(c, false), "");
  assert.equal(settled, [false, false]);
});

test("nothing is re-sent on a timer", async () => {
  const c = await make();
  const link = c.connect();
  c.qos1.publishKept(topic, "1", 2);
  link.take();
  for (let i = 0; i < 20; i++) {
    c.clock.advance(30000);
    if (link.take() === "\xc0\0") link.data("\xd0\0");
    assert.is(c.reasons.length, 0);
  }
});

test("a late, doubled or unknown PUBACK is ignored; one of a wrong length closes", async () => {
  const c = await make();
  const link = c.connect();
  c.qos1.publishKept(topic, "1", 2);
  link.data("\x40\x02\0\x01\x40\x02\0\x01\x40\x02\x12\x34");
  assert.equal(c.reasons, []);
  link.data("\x40\x03\0\x01\0");
  assert.equal(c.reasons, [c.reason.MALFORMED]);
});

test("ids begin anew after 65535, skip those in use, and none is 0 [MQTT-2.3.1-1, -2]", async (engine) => {
  const c = await make();
  const link = c.connect();
  c.qos1.publishKept(topic, "held", 2);
  link.take();
  const seen = new Set<string>();
  let i = 0;
  // On an interpreter most of them are only counted: to publish with each takes a minute.
  for (; engine.name !== "v8" && i < 65200; i++) seen.add(c.inflight.nextId());
  for (; i < 65600; i++) {
    assert.is(c.qos1.publishKept(topic, "", 2), true);
    const id = link.take().slice(7, 9);
    assert.is.not(id, "\0\0");
    assert.is.not(id, "\0\x01");
    if (i < 65279) seen.add(id);
    link.data(`\x40\x02${id}`);
    link.drained();
  }
  // All but those that end in 00, and the one that is held.
  assert.is(seen.size, 65535 - 255 - 1);
});

test("SUBSCRIBE has flags 0010 and an id; SUBACK codes are reported [MQTT-3.8.1-1, MQTT-3.9.3-2]", async () => {
  const c = await make();
  const codes: string[] = [];
  c.inflight.onSettled(() => codes.push(c.reader.received.slice(c.reader.packetAt + 4, c.reader.packetEnd)));
  const link = c.connect();
  c.subscribe.subscribe(topic, 1, () => {});
  assert.is(link.take(), "\x82\x08\0\x01\0\x03a/b\x01");
  link.data("\x90\x03\0\x01\x80");
  assert.equal(codes, ["\x80"]);
});

test("a SUBACK with more or fewer codes than the filter that was asked for closes [MQTT-3.8.4-5]", async () => {
  for (const suback of ["\x90\x04\0\x01\x01\x01", "\x90\x02\0\x01"]) {
    const c = await make();
    const link = c.connect();
    c.subscribe.subscribe(topic, 1, () => {});
    link.data(suback);
    assert.equal(c.reasons, [c.reason.MALFORMED]);
  }
});

test("a SUBSCRIBE without its SUBACK is sent again; a lost session is subscribed anew, a packet for each filter", async () => {
  const c = await make();
  c.subscribe.subscribe(topic, 1, () => {});
  const link = c.connect(true);
  c.subscribe.subscribe("\0\x01c", 0, () => {});
  link.take();
  link.data("\x90\x03\0\x01\x01");
  assert.is(reconnect(c, true), "\x82\x06\0\x02\0\x01c\0");
  c.link().data("\x90\x03\0\x02\0");
  // A connection that stays: after attempts that failed it would subscribe anew all the same.
  c.clock.advance(30000);
  assert.is(reconnect(c, true), "");
  assert.is(reconnect(c, false), "\x82\x08\0\x03\0\x03a/b\x01\x82\x06\0\x04\0\x01c\0");
});

test("a filter that is asked for again is wanted once; with another QoS the last one counts [MQTT-3.8.4-3]", async () => {
  const c = await make();
  for (let i = 0; i < 3; i++) c.subscribe.subscribe(topic, 1, () => {});
  const link = c.connect(true);
  assert.is(link.take().length, 3 * 10, "the broker is asked each time: it may have something retained");
  for (const id of [1, 2, 3]) link.data(`\x90\x03\0${String.fromCharCode(id)}\x01`);
  c.clock.advance(30000);
  assert.is(reconnect(c, false), "\x82\x08\0\x04\0\x03a/b\x01");
  c.link().data("\x90\x03\0\x04\x01");
  c.subscribe.subscribe(topic, 0, () => {});
  c.link().take();
  c.link().data("\x90\x03\0\x05\0");
  c.clock.advance(30000);
  assert.is(reconnect(c, false), "\x82\x08\0\x06\0\x03a/b\x01\x82\x08\0\x07\0\x03a/b\0");
});

test("a topic that is asked for as a filter, too, keeps its handler", async () => {
  const c = await make();
  const link = c.connect();
  const got: string[] = [];
  c.subscribe.subscribe(topic, 0, (_t, payload) => got.push(`own ${payload}`));
  c.wildcard.subscribeFilter(topic, 0, (_t, payload) => got.push(`filter ${payload}`));
  link.data("\x30\x06\0\x03a/bx");
  assert.equal(got, ["own x"]);
});

test("UNSUBSCRIBE has flags 0010 and ends with its UNSUBACK; the topic is not subscribed anew [MQTT-3.10.1-1]", async () => {
  const c = await make();
  const got: string[] = [];
  c.subscribe.subscribe(topic, 1, (_t, payload) => got.push(payload));
  c.subscribe.subscribe("\0\x01c", 0, (_t, payload) => got.push(payload));
  const link = c.connect(true);
  link.data("\x90\x03\0\x01\x01\x90\x03\0\x02\0");
  link.take();
  c.unsubscribe.unsubscribe(topic);
  assert.is(link.take(), "\xa2\x07\0\x03\0\x03a/b");
  link.data("\x30\x06\0\x03a/bX\x30\x04\0\x01cY");
  assert.equal(got, ["Y"]);
  assert.is(c.inflight.slots.length, 2);
  link.data("\xb0\x02\0\x03");
  assert.is(c.inflight.slots.length, 0);
  assert.is(reconnect(c, false), "\x82\x06\0\x04\0\x01c\0");
});

test("a message goes to every handler whose filter matches", async () => {
  const c = await make();
  const got: string[] = [];
  c.wildcard.subscribeFilter("\0\x03a/#", 0, (_t, payload) => got.push(`#${payload}`));
  c.wildcard.subscribeFilter("\0\x03+/b", 0, (_t, payload) => got.push(`+${payload}`));
  c.subscribe.subscribe("\0\x01c", 0, (_t, payload) => got.push(`c${payload}`));
  const link = c.connect(true);
  link.data("\x30\x06\0\x03a/b1\x30\x06\0\x03a/c2\x30\x04\0\x01c3\x30\x04\0\x01d4");
  assert.equal(got, ["#1", "+1", "#2", "c3"]);
});

test("a filter that is unsubscribed takes its handlers with it, is not asked for again, and leaves the others", async () => {
  const c = await make();
  const got: string[] = [];
  c.wildcard.subscribeFilter("\0\x03a/#", 0, (_t, payload) => {
    got.push(`#${payload}`);
    c.unsubscribe.unsubscribeFilter("\0\x03a/#");
  });
  c.wildcard.subscribeFilter("\0\x03+/b", 0, (_t, payload) => got.push(`+${payload}`));
  const link = c.connect(true);
  link.data("\x90\x03\0\x01\0\x90\x03\0\x02\0");
  link.take();
  link.data("\x30\x06\0\x03a/b1");
  assert.is(link.take(), "\xa2\x07\0\x03\0\x03a/#");
  // Not the other handler of this message, and none of the next one.
  link.data("\xb0\x02\0\x03\x30\x06\0\x03a/b2");
  assert.equal(got, ["#1", "+1", "+2"]);
  link.closed();
  c.clock.advance(1000);
  const next = c.link();
  next.opened();
  next.take();
  next.data("\x20\x02\0\0");
  assert.is(next.take(), "\x82\x08\0\x04\0\x03+/b\0");
});

test("an incoming QoS 1 message is acknowledged whatever its handler does, acks of one event in one write", async () => {
  const c = await make();
  const got: [string, string, boolean][] = [];
  c.subscribe.subscribe(topic, 1, (t, payload, retained) => {
    got.push([t, payload, retained]);
    throw new Error("handler");
  });
  const link = c.connect(true);
  link.take();
  link.data(publish("\x07", "one") + publish("\x08", "two", "\x33") + publish("\x08", "dup", "\x3a"));
  assert.equal(got, [[topic, "one", false], [topic, "two", true], [topic, "dup", false]]);
  assert.equal(link.writes, ["\x40\x02\0\x07\x40\x02\0\x08\x40\x02\0\x08"]);
  assert.is(c.faults.length, 3);
  assert.equal(c.reasons, []);
});

test("incoming messages are understood split at every byte", async () => {
  const stream = publish("\x01", "one") + "\xd0\0" + publish("\x02", "x".repeat(200)).replace("\xcf", "\xcf\x01");
  for (let cut = 1; cut < stream.length; cut++) {
    const c = await make();
    const got: string[] = [];
    c.subscribe.subscribe(topic, 1, (_t, payload) => got.push(payload));
    const link = c.connect(true);
    link.data(stream.slice(0, cut));
    link.data(stream.slice(cut));
    assert.equal(got, ["one", "x".repeat(200)], `cut at ${cut}`);
  }
});

test("a message that is too large is skipped in any fragmentation, acknowledged and counted", async () => {
  for (const [first, id, ack] of [["\x32", "\0\x09", "\x40\x02\0\x09"], ["\x30", "", ""]] as const) {
    const packet = `${first}\xd8\x07${`\0\x03a/b${id}`.padEnd(984, "x")}`;
    for (const size of [1, 2, 3, 5, 7, 100, 536, 2000]) {
      const c = await make();
      c.reader.skipLarge();
      const got: string[] = [];
      c.subscribe.subscribe(topic, 1, (_t, payload) => got.push(payload));
      const link = c.connect(true);
      link.take();
      const stream = packet + publish("\x0a", "after");
      for (let at = 0; at < stream.length; at += size) link.data(stream.slice(at, at + size));
      assert.equal(got, ["after"], `pieces of ${size}`);
      assert.is(link.take(), `${ack}\x40\x02\0\x0a`);
      assert.is(c.reader.skipped, 1);
    }
  }
});

test("the offline queue keeps its order, drops the oldest when full, and counts", async () => {
  const c = await make();
  c.queue.configureQueue(4, 1000, c.queue.dropOldest);
  for (const payload of ["1", "2", "3", "4", "5", "6"]) assert.is(c.queue.enqueue(topic, payload, 2), true);
  assert.is(c.publish.dropped, 2);
  c.start();
  const link = c.link();
  link.opened();
  link.take();
  link.data("\x20\x02\0\0");
  assert.is(link.take(), publish("\x01", "3") + publish("\x02", "4") + publish("\x03", "5"));
  link.data("\x40\x02\0\x01");
  assert.is(link.take(), publish("\x04", "6"));
});

test("the offline queue can reject, and can keep the latest of each topic", async () => {
  const c = await make();
  c.queue.configureQueue(2, 1000, c.queue.reject);
  assert.equal(["1", "2", "3"].map((p) => c.queue.enqueue(topic, p, 2)), [true, true, false]);
  const d = await make();
  d.queue.configureQueue(2, 1000, d.queue.keepLatest);
  d.queue.enqueue("\0\x01c", "old", 2);
  d.queue.enqueue(topic, "1", 2);
  d.queue.enqueue(topic, "2", 2);
  d.start();
  d.link().opened();
  d.link().take();
  d.link().data("\x20\x02\0\0");
  assert.is(d.link().take(), `\x32\x08\0\x01c\0\x01old${publish("\x02", "2")}`);
});

test("bytes bound the offline queue as slots do, and what can never fit is refused", async () => {
  const c = await make();
  c.queue.configureQueue(10, 20, c.queue.dropOldest);
  assert.is(c.queue.enqueue(topic, "12345", 2), true);
  assert.is(c.queue.enqueue(topic, "67890", 2), true);
  assert.is(c.queue.enqueue(topic, "abc", 2), true);
  assert.is(c.publish.dropped, 1);
  assert.is(c.queue.enqueue(topic, "x".repeat(16), 2), false);
  assert.is(c.publish.dropped, 2);
});

test("what has waited for longer than it is worth is dropped and counted", async () => {
  const c = await make();
  c.queue.expireAfter(60000);
  c.queue.configureQueue(10, 1000, c.queue.dropOldest);
  c.queue.enqueue(topic, "old", 2);
  c.clock.advance(50000);
  c.queue.enqueue(topic, "new", 2);
  c.clock.advance(20000);
  c.start();
  c.link().opened();
  c.link().take();
  c.link().data("\x20\x02\0\0");
  assert.is(c.link().take(), publish("\x01", "new"));
  assert.is(c.publish.dropped, 1);
});

test("what has waited too long makes room for a new message, whatever a full queue does", async () => {
  for (const policy of ["reject", "dropOldest", "keepLatest"] as const) {
    const c = await make();
    c.queue.expireAfter(60000);
    c.queue.configureQueue(2, 1000, c.queue[policy]);
    c.queue.enqueue(topic, "1", 2);
    c.clock.advance(50000);
    c.queue.enqueue(topic, "2", 2);
    c.clock.advance(20000);
    assert.is(c.queue.enqueue(topic, "3", 2), true, policy);
    assert.equal(c.queue.entries.map((entry) => entry.slice(-1)), ["2", "3"]);
    assert.is(c.publish.dropped, 1);
  }
});

test("+ and # and $ match as 4.7 says [MQTT-4.7.1-2, MQTT-4.7.2-1]", async () => {
  const { topic: { matches } } = await make();
  const yes = ["a a", "a/b a/b", "+ a", "# a/b", "a/# a", "a/# a/b/c", "+/b a/b", "a/+ a/", "+/+ /a", "/+ /a", "$SYS/# $SYS/x"];
  const no = ["a b", "a a/b", "+ a/b", "a/+ a", "a/+/c a/b/d", "# $SYS/x", "+/x $SYS/x", "a/b a", "/a a", "a/b/# a"];
  for (const row of yes) assert.is(matches(...(row.split(" ") as [string, string])), true, row);
  for (const row of no) assert.is(matches(...(row.split(" ") as [string, string])), false, row);
});

test.run();
