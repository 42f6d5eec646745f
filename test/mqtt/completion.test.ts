/** What becomes of each message is told once; leaving with nothing left behind. */
import * as assert from "uvu/assert";
import { test } from "./engines/test.ts";
import { instantiate, type Instance } from "./instance.ts";

const topic = "\0\x03a/b";

/** A client that tells what becomes of messages, as "name: outcome", in `told`. */
const make = async (places: number, clean = false): Promise<{ c: Instance; told: string[]; send: Send }> => {
  const c = await instantiate();
  const told: string[] = [];
  const { outcome, completion, qos1, publish, queue } = c;
  const names = ["sent", "acknowledged", "dropped", "expired"];
  assert.equal([outcome.SENT, outcome.ACKNOWLEDGED, outcome.DROPPED, outcome.EXPIRED], [0, 1, 2, 3]);
  c.inflight.configure(2, 64, clean);
  if (places > 0) {
    queue.configureQueue(places, 200, queue.dropOldest);
    queue.watchQueue(completion.queueMoved);
  }
  completion.trackMessages();
  const send = (name: string, mode: number): boolean => completion.publishWith(
    mode < 2 ? publish.publish : places > 0 ? queue.enqueue : qos1.publishKept,
    topic, name, mode, (what) => told.push(`${name}: ${names[what]}`),
  );
  return { c, told, send };
};
type Send = (name: string, mode: number) => boolean;

test("QoS 0 is sent or dropped, at once", async () => {
  const { c, told, send } = await make(0);
  assert.is(send("early", 0), false);
  c.connect();
  assert.is(send("now", 0), true);
  assert.equal(told, ["early: dropped", "now: sent"]);
});

test("QoS 1 ends with its PUBACK and QoS 2 with its PUBCOMP, each once, also when these come twice", async () => {
  const { c, told, send } = await make(0);
  const link = c.connect();
  send("one", 2);
  send("two", 4);
  assert.is(send("three", 2), false);
  assert.equal(told, ["three: dropped"]);
  link.data("\x40\x02\0\x01\x40\x02\0\x01");
  link.data("\x50\x02\0\x02");
  assert.equal(told.slice(1), ["one: acknowledged"]);
  link.data("\x70\x02\0\x02\x70\x02\0\x02");
  assert.equal(told.slice(1), ["one: acknowledged", "two: acknowledged"]);
});

test("a message that is sent again after a lost connection ends once", async () => {
  const { c, told, send } = await make(0);
  c.connect();
  send("one", 2);
  c.link().closed();
  c.clock.advance(60000);
  c.link().opened();
  c.accept(true);
  assert.equal(told, []);
  c.link().data("\x40\x02\0\x01");
  assert.equal(told, ["one: acknowledged"]);
});

test("what ends with a clean session is dropped", async () => {
  const { c, told, send } = await make(0, true);
  c.connect();
  send("one", 2);
  c.link().closed();
  c.clock.advance(60000);
  c.link().opened();
  c.accept(false);
  assert.equal(told, ["one: dropped"]);
});

test("through the queue: in its order, the one that is thrown out and the one that waits too long", async () => {
  const { c, told, send } = await make(3);
  c.queue.expireAfter(1000);
  for (const name of ["a", "b", "c", "d"]) send(name, 2);
  assert.equal(told, ["a: dropped"]);
  c.clock.advance(600);
  send("e", 2);
  assert.equal(told, ["a: dropped", "b: dropped"]);
  c.clock.advance(600);
  const link = c.connect();
  assert.equal(told.slice(2), ["c: expired", "d: expired"]);
  send("f", 2);
  link.data("\x40\x02\0\x02");
  link.data("\x40\x02\0\x01");
  assert.equal(told.slice(4), ["f: acknowledged", "e: acknowledged"]);
  assert.is(c.publish.dropped, 4);
});

test("one that throws, and one that publishes, disturb nobody", async () => {
  const { c, told, send } = await make(2);
  const link = c.connect();
  c.completion.publishWith(c.queue.enqueue, topic, "x", 2, () => {
    throw new Error("mine");
  });
  c.completion.publishWith(c.queue.enqueue, topic, "y", 2, () => void send("again", 2));
  send("z", 2);
  link.data("\x40\x02\0\x01\x40\x02\0\x02\x40\x02\0\x03\x40\x02\0\x04");
  assert.is(c.faults.length, 1);
  assert.equal(told, ["z: acknowledged", "again: acknowledged"]);
});

test("a message without a function passes through beside the others", async () => {
  const { c, told, send } = await make(3);
  c.queue.enqueue(topic, "nobody's", 2);
  send("mine", 2);
  const link = c.connect();
  link.data("\x40\x02\0\x01");
  assert.equal(told, []);
  link.data("\x40\x02\0\x02");
  assert.equal(told, ["mine: acknowledged"]);
});

/** Flushes, and gives what it told. */
const flush = (c: Instance, deadlineMs: number): boolean[] => {
  const told: boolean[] = [];
  c.flush.flush(deadlineMs, () => c.inflight.slots.length + c.queue.entries.length === 0, (ok) => told.push(ok));
  return told;
};

test("flush: acknowledged, DISCONNECT, drained, closed, and it stays away", async () => {
  const { c, send } = await make(3);
  const link = c.connect();
  for (const name of ["a", "b", "c"]) send(name, 2);
  link.take();
  const told = flush(c, 5000);
  c.clock.advance(100);
  link.data("\x40\x02\0\x01\x40\x02\0\x02");
  c.clock.advance(100);
  link.take();
  assert.is(link.state, "open");
  link.data("\x40\x02\0\x03");
  c.clock.advance(20);
  assert.is(link.take(), "\xe0\0");
  assert.equal(told, [], "the network has not taken it yet");
  assert.is(send("late", 0), false, "nothing follows a DISCONNECT [MQTT-3.14.4-2]");
  link.drained();
  c.clock.advance(20);
  assert.equal(told, [true]);
  assert.is.not(link.state, "open");
  c.clock.advance(600000);
  assert.is(c.links.length, 1);
  assert.equal(told, [true]);
  assert.is(c.clock.timers.size, 0);
});

test("flush gives up at its deadline, politely, and keeps what was not acknowledged", async () => {
  const { c, send } = await make(3);
  const link = c.connect();
  send("a", 2);
  link.take();
  const told = flush(c, 1000);
  c.clock.advance(980);
  assert.equal(told, []);
  c.clock.advance(20);
  assert.equal(told, [false]);
  assert.is(link.take(), "\xe0\0");
  assert.is(link.state, "flushed");
  assert.is(c.inflight.slots.length, 2);
});

test("flush of a client that has nothing and nobody is done at once", async () => {
  const { c } = await make(3);
  assert.equal(flush(c, 1000), [true]);
  assert.is(c.clock.timers.size, 0);
});

test("flush: a broker that closes after DISCONNECT has it; where the link is lost before, nobody knows", async () => {
  for (const drained of [true, false]) {
    const { c } = await make(3);
    const link = c.connect();
    const told = flush(c, 1000);
    assert.is(link.take().slice(-2), "\xe0\0");
    if (drained) link.drained();
    link.closed();
    c.clock.advance(20);
    assert.equal(told, [drained]);
    c.clock.advance(600000);
    assert.is(c.clock.timers.size, 0);
    assert.is(c.links.length, 1);
  }
});

test.run();
