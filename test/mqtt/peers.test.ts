/** What other clients get wrong, reproduced or read in their source: each mistake, and that it is not made here. */
import * as assert from "uvu/assert";
import { test } from "./engines/test.ts";
import { instantiate, type Instance } from "./instance.ts";

const topic = "\0\x03a/b";
const ACCEPTED = "\x20\x02\0\0";
const RESUMED = "\x20\x02\x01\0";
const publish = (id: string, payload: string, first = "\x32"): string =>
  `${first}${String.fromCharCode(7 + payload.length)}\0\x03a/b\0${id}${payload}`;

/** A client that hears what comes for the topic. */
const make = async (): Promise<[Instance, string[]]> => {
  const c = await instantiate();
  const got: string[] = [];
  c.inflight.configure(3, 64, false);
  c.subscribe.subscribe(topic, 1, (_topic, payload) => got.push(payload));
  return [c, got];
};

/** Opens the next link, as soon as the client does. */
const reopen = (c: Instance): void => {
  const links = c.links.length;
  while (c.links.length === links) c.clock.advance(100);
  c.link().opened();
};

const ups = (c: Instance): boolean[] => {
  const told: boolean[] = [];
  c.client.upHandlers.push((present) => told.push(present));
  return told;
};

test("a refused CONNACK is no session, and nothing is published into it", async () => {
  const [c] = await make();
  const told = ups(c);
  c.start();
  c.link().opened();
  c.link().take();
  c.link().data("\x20\x02\0\x05");
  assert.equal([told, c.reasons, c.publish.publish(topic, "x", 0)], [[], [5], false]);
  assert.is(c.link().take(), "");
});

test("a resumed session, whose CONNACK has a flag, is one", async () => {
  const [c] = await make();
  const told = ups(c);
  c.start();
  c.link().opened();
  c.link().data(RESUMED);
  for (let i = 0; i < 2; i++) {
    c.link().closed();
    reopen(c);
    c.link().data(RESUMED);
  }
  assert.equal([told, c.reasons], [[true, true, true], [6, 6]]);
});

test("what comes in the segment of CONNACK or of SUBACK is not thrown away", async () => {
  const [c, got] = await make();
  c.start();
  c.link().opened();
  c.link().data(ACCEPTED + publish("\x07", "with CONNACK"));
  c.link().data(`\x90\x03\0\x01\x01${publish("\x08", "with SUBACK")}\xd0\0`);
  assert.equal(got, ["with CONNACK", "with SUBACK"]);
  assert.ok(c.link().take().endsWith("\x40\x02\0\x07\x40\x02\0\x08"));
});

test("half a packet of one connection does not swallow the CONNACK of the next", async () => {
  const [c, got] = await make();
  c.connect(true).data(publish("\x07", "whole").slice(0, 9));
  c.link().closed();
  reopen(c);
  c.link().data(RESUMED + publish("\x08", "next"));
  assert.equal([got, c.reasons], [["next"], [6]]);
});

test("a keep-alive of 1 to 5 s is no flood of PINGREQ: two a keep-alive, if nothing else is sent", async () => {
  for (const seconds of [1, 2, 5]) {
    const c = await instantiate();
    c.start(seconds * 500);
    const link = c.accept();
    let pings = 0;
    for (let atMs = 0; atMs < 10_000 * seconds; atMs += 100) {
      c.clock.advance(100);
      const sent = link.take();
      assert.match(sent, /^(\xc0\0)*$/);
      pings += sent.length / 2;
      if (sent !== "") link.data("\xd0\0");
    }
    assert.ok(pings >= 10 && pings <= 20, `${pings} PINGREQ in 10 keep-alives of ${seconds} s`);
    assert.equal(c.reasons, []);
  }
});

test("a message that is never acknowledged does not keep PINGREQ away, nor hide a dead link", async () => {
  const [c] = await make();
  const link = c.connect();
  c.qos1.publishKept(topic, "never", 2);
  link.take();
  c.clock.advance(30_000);
  assert.ok(link.take().includes("\xc0\0"));
  c.clock.advance(30_000);
  assert.equal(c.reasons, [c.reason.NO_PINGRESP]);
});

test("a close before CONNACK is told, and tried again", async () => {
  const [c] = await make();
  c.start();
  c.link().closed();
  assert.equal(c.reasons, [c.reason.LINK_CLOSED]);
  reopen(c);
  c.link().closed();
  assert.equal([c.links.length, c.reasons.length], [2, 2]);
});

test("a message of QoS 1 is kept for as long as it takes, and the connection with it", async () => {
  const [c] = await make();
  const link = c.connect();
  c.qos1.publishKept(topic, "slow", 2);
  link.take();
  for (let at = 0; at < 3600; at += 20) {
    c.clock.advance(20_000);
    assert.not.ok(link.take().includes("slow"));
    link.data("\xd0\0");
  }
  const kept = c.inflight.slots.filter((slot) => slot.includes("slow"));
  assert.equal([kept.length, c.reasons], [1, []]);
  link.data(c.inflight.slots[c.inflight.slots.indexOf(kept[0]!) - 1]!);
  assert.not.ok(c.inflight.slots.some((slot) => slot.includes("slow")));
});

test("a late PUBACK of the connection before ends nothing twice, and does not tear the link down", async () => {
  const [c] = await make();
  const settled: string[] = [];
  c.connect(true);
  c.qos1.publishKept(topic, "x", 2);
  c.inflight.onSettled(([, packet]) => settled.push(packet!.slice(-1)));
  c.link().closed();
  reopen(c);
  c.link().data(`${RESUMED}\x40\x02\0\x02\x40\x02\0\x02`);
  assert.equal([settled, c.reasons], [["x"], [6]]);
});

test("an empty payload does not wedge the parser", async () => {
  const [c, got] = await make();
  c.connect(true).data(`\x30\x05${topic}${publish("\x07", "")}${publish("\x08", "next")}`);
  assert.equal(got, ["", "", "next"]);
});

test("whatever length is declared, no more is held than may come in, and at most four bytes are a length", async () => {
  for (const length of ["\xff\xff\xff\x7f", "\x81\x04"]) {
    const [c] = await make();
    c.connect(true).data(`\x30${length}`);
    c.link().data("x".repeat(100));
    assert.equal(c.reasons, [c.reason.TOO_LARGE]);
  }
  const [c] = await make();
  c.connect(true).data("\x30\xff\xff\xff\xff\x01");
  assert.equal(c.reasons, [c.reason.MALFORMED]);
});

test("a program that publishes without a connection holds no more than its queue, and hears what is refused", async () => {
  const [c] = await make();
  c.queue.configureQueue(3, 100, c.queue.reject);
  let accepted = 0;
  for (let i = 0; i < 50; i++) accepted += c.queue.enqueue(topic, "x", 2) ? 1 : 0;
  assert.equal([accepted, c.queue.entries.length, c.publish.dropped], [3, 3, 47]);
});

test("a broker that drops each connection is asked ever more rarely, not at a fixed interval", async () => {
  const [c] = await make();
  c.start();
  for (let i = 0; i < 7; i++) {
    c.link().opened();
    c.link().data(ACCEPTED);
    c.link().closed();
    if (i < 6) reopen(c);
  }
  const from = c.clock.now;
  reopen(c);
  assert.ok(c.clock.now - from > 20_000, `${c.clock.now - from} ms`);
});

test("up is told by CONNACK, and not by a link that is open", async () => {
  const [c] = await make();
  const told = ups(c);
  c.start();
  c.link().opened();
  assert.equal([told, c.client.up], [[], false]);
  c.link().data(ACCEPTED);
  assert.equal([told, c.client.up], [[false], true]);
});

test("two clients share nothing", async () => {
  const [[a, gotA], [b, gotB]] = [await make(), await make()];
  a.connect(true).data(publish("\x07", "for a"));
  b.connect(true).data(publish("\x07", "for b"));
  a.qos1.publishKept(topic, "x", 2);
  assert.equal([gotA, gotB], [["for a"], ["for b"]]);
  // Two elements a slot; a SUBSCRIBE waits in each.
  assert.equal([a.inflight.slots.length, b.inflight.slots.length], [4, 2]);
});

test.run();
