/** The connection: CONNECT, CONNACK, keep-alive, back-off, reassembly, QoS 0. */
import * as assert from "uvu/assert";
import { test } from "./engines/test.ts";
import { instantiate } from "./instance.ts";

const topic = "\0\x03a/b";

test("CONNECT comes first and nothing else is sent before CONNACK [MQTT-3.1.0-1]", async () => {
  const c = await instantiate();
  c.start();
  assert.is(c.publish.publish(topic, "x", 0), false);
  c.link().opened();
  assert.is(c.link().take(), "\x10\x0d\0\x04MQTT\x04\0\0\x3c\0\x01c");
  assert.is(c.publish.publish(topic, "x", 0), false);
  assert.is(c.client.up, false);
  c.link().data("\x20\x02\0\0");
  assert.is(c.client.up, true);
  assert.is(c.link().take(), "");
});

test("CONNACK is understood in any fragmentation", async () => {
  for (const cut of [1, 2, 3]) {
    const c = await instantiate();
    c.start();
    c.link().opened();
    const connack = "\x20\x02\x01\0";
    c.link().data(connack.slice(0, cut));
    assert.is(c.client.up, false);
    c.link().data(connack.slice(cut));
    assert.is(c.client.up, true);
  }
});

test("each refusing CONNACK code is told and closes the link; 4 and 5 back off to the cap at once", async () => {
  for (const code of [1, 2, 3, 4, 5]) {
    const c = await instantiate();
    c.start();
    c.link().opened();
    c.link().data(`\x20\x02\0${String.fromCharCode(code)}`);
    assert.equal(c.reasons, [code]);
    assert.is(c.link().state, "aborted");
    c.clock.advance(code > 3 ? 31999 : 499);
    assert.is(c.links.length, 1);
    c.clock.advance(1);
    assert.is(c.links.length, 2);
  }
});

test("a packet other than CONNACK before CONNACK, and a second CONNACK, close the link [MQTT-3.2.0-1]", async () => {
  const c = await instantiate();
  c.start();
  c.link().opened();
  c.link().data("\xd0\0");
  assert.equal(c.reasons, [c.reason.MALFORMED]);
  const d = await instantiate();
  d.connect().data("\x20\x02\0\0");
  assert.equal(d.reasons, [d.reason.MALFORMED]);
});

test("bytes in the segment of CONNACK are not lost", async () => {
  const c = await instantiate();
  const got: string[] = [];
  c.inflight.configure(1, 64, false);
  c.subscribe.subscribe(topic, 0, (_t, payload) => got.push(payload));
  c.start();
  c.link().opened();
  c.link().data("\x20\x02\x01\0\x30\x06\0\x03a/bX");
  assert.equal(got, ["X"]);
});

test("half a packet is forgotten with its connection", async () => {
  const c = await instantiate();
  const link = c.connect();
  link.data("\x30\x7f\0\x03a");
  link.closed();
  c.clock.advance(500);
  c.accept();
  assert.is(c.client.up, true);
  assert.equal(c.reasons, [c.reason.LINK_CLOSED]);
});

test("the window of the back-off doubles to 64 s, and only a connection that stayed resets it", async () => {
  const c = await instantiate(() => 0.999999);
  c.start();
  const waits: number[] = [];
  for (let i = 0; i < 9; i++) {
    const links = c.links.length;
    const from = c.clock.now;
    c.accept();
    c.link().closed();
    while (c.links.length === links) c.clock.advance(1);
    waits.push(Math.round((c.clock.now - from) / 1000));
  }
  assert.equal(waits, [1, 2, 4, 8, 16, 32, 64, 64, 64]);
  c.accept();
  c.clock.advance(30000);
  c.link().closed();
  c.clock.advance(1000);
  assert.is(c.links.length, 11);
});

test("a link that cannot be opened is tried again, and a link that never answers times out", async () => {
  const c = await instantiate();
  c.reachable = false;
  c.start();
  assert.equal(c.reasons, [c.reason.LINK_FAILED]);
  c.reachable = true;
  c.clock.advance(500);
  assert.is(c.links.length, 1);
  c.clock.advance(20000);
  assert.equal(c.reasons, [c.reason.LINK_FAILED, c.reason.TIMED_OUT]);
  assert.is(c.link().state, "aborted");
});

test("no gap between packets sent exceeds the keep-alive, whatever is received [MQTT-3.1.2-23]", async () => {
  const c = await instantiate();
  const link = c.connect();
  let last = c.clock.now;
  for (let i = 0; i < 600; i++) {
    c.clock.advance(1000);
    link.data("\x30\x06\0\x03a/bX");
    const sent = link.take();
    if (sent !== "") {
      assert.ok(c.clock.now - last <= 60000, `${c.clock.now - last} ms`);
      last = c.clock.now;
      if (sent.includes("\xc0\0")) link.data("\xd0\0");
    }
  }
  assert.ok(c.clock.now - last <= 60000);
  assert.equal(c.reasons, []);
});

test("PINGREQ comes every half keep-alive, however busy the connection is", async () => {
  const c = await instantiate();
  const link = c.connect();
  const pings: number[] = [];
  for (let i = 1; i <= 24; i++) {
    c.clock.advance(5000);
    c.publish.publish(topic, "x", 0);
    link.drained();
    link.data("\x30\x05\0\x03a/b");
    if (link.take().includes("\xc0\0")) {
      pings.push(i * 5);
      link.data("\xd0\0");
    }
  }
  assert.equal(pings, [30, 60, 90, 120]);
});

test("a dead link is found within 1.5 keep-alive although we keep sending [MQTT-3.1.2-24]", async () => {
  const c = await instantiate();
  const link = c.connect();
  c.clock.advance(29000);
  link.data("\x30\x05\0\x03a/b");
  const from = c.clock.now;
  while (c.reasons.length === 0 && c.clock.now - from < 200000) {
    c.clock.advance(1000);
    c.publish.publish(topic, "x", 0);
    link.drained();
  }
  assert.equal(c.reasons, [c.reason.NO_PINGRESP]);
  assert.ok(c.clock.now - from <= 90000, `${c.clock.now - from} ms`);
});

test("unknown types, bad flags, a length of 5 bytes and QoS 3 close the link [MQTT-2.2.2-2, MQTT-3.3.1-4]", async () => {
  for (const bytes of [
    "\0\0", "\xf0\0", "\x10\0", "\x21\x02\0\0", "\x41\x02\0\x01", "\xd1\0", "\x91\x03\0\x01\0",
    "\x30\x80\x80\x80\x80\x01", "\x36\x07\0\x03a/b\0\x01",
  ]) {
    const c = await instantiate();
    c.connect().data(bytes);
    assert.equal(c.reasons, [c.reason.MALFORMED], JSON.stringify(bytes));
  }
});

test("what may wait in the network's send buffer is bounded", async () => {
  const c = await instantiate();
  const link = c.connect();
  let accepted = 0;
  while (c.publish.publish(topic, "x".repeat(100), 0)) accepted++;
  assert.is(accepted, 10);
  link.drained();
  assert.is(c.publish.publish(topic, "x", 0), true);
});

test("remaining lengths of 1 to 4 bytes are written as 2.2.3 says", async () => {
  const { packet } = await instantiate();
  const rows: [number, string][] = [
    [0, "\0"], [127, "\x7f"], [128, "\x80\x01"], [16383, "\xff\x7f"], [16384, "\x80\x80\x01"],
    [2097151, "\xff\xff\x7f"], [2097152, "\x80\x80\x80\x01"], [268435455, "\xff\xff\xff\x7f"],
  ];
  for (const [length, bytes] of rows) assert.is(packet.header(0x30, length), `\x30${bytes}`);
});

test("after DISCONNECT the link is flushed and closed, and nothing more is sent [MQTT-3.14.4-1, -2]", async () => {
  const c = await instantiate();
  const link = c.connect();
  c.client.stop();
  assert.is(link.take(), "\xe0\0");
  assert.is(link.state, "flushed");
  c.clock.advance(600000);
  assert.is(c.links.length, 1);
  assert.is(c.publish.publish(topic, "x", 0), false);
  assert.is(c.clock.timers.size, 0);
});

test("there is never more than one timer", async () => {
  const c = await instantiate();
  c.connect();
  assert.is(c.clock.timers.size, 1);
  c.clock.advance(30000);
  assert.is(c.clock.timers.size, 1);
  c.link().closed();
  assert.is(c.clock.timers.size, 1);
  c.client.retryNow();
  assert.is(c.clock.timers.size, 1);
});

test.run();
