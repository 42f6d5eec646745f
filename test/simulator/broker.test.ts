import { connect } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { embeddedBroker, type EmbeddedBroker } from "../../simulator/broker.ts";
import { virtualClock } from "../../simulator/clock.ts";
import type { SimHappening } from "../../simulator/events.ts";
import { parseBrokerUrl } from "../../simulator/observer.ts";

/** CONNECT of "n" with keep-alive 10 s, will "w" = "gone" (QoS 0), user "u", password "p". */
const connectPacket = (password = "p"): Buffer => {
  const field = (text: string): number[] => [0, text.length, ...Buffer.from(text)];
  const body = [...field("MQTT"), 4, 0xc6, 0, 10, ...field("n"), ...field("w"), ...field("gone"), ...field("u"),
    ...field(password)];
  return Buffer.from([0x10, body.length, ...body]);
};
const CONNACK = Buffer.from([0x20, 2, 0, 0]);
const DISCONNECT = Buffer.from([0xe0, 0]);

interface Dialogue {
  broker: EmbeddedBroker;
  events: SimHappening[];
  clock: ReturnType<typeof virtualClock>;
  /** Sends on a new connection and gives it with all that comes back. */
  dial(bytes: Buffer): { send(bytes: Buffer): void; got(): Buffer; closed(): boolean };
  rest(): Promise<void>;
}

async function withBroker(run: (dialogue: Dialogue) => Promise<void>): Promise<void> {
  const clock = virtualClock();
  const events: SimHappening[] = [];
  const broker = await embeddedBroker({
    clock, report: (event) => void events.push(event), credentials: { username: "u", password: "p" },
  });
  try {
    await run({
      broker, events, clock,
      dial(bytes) {
        const stream = broker.endpoint.open();
        const pieces: Buffer[] = [];
        let closed = false;
        stream.on("data", (data: Buffer) => void pieces.push(data));
        for (const event of ["end", "close"]) stream.on(event, () => (closed = true));
        stream.write(bytes);
        return { send: (more) => void stream.write(more), got: () => Buffer.concat(pieces), closed: () => closed };
      },
      async rest() {
        for (let i = 0; i < 30; i++) await new Promise((done) => setImmediate(done));
      },
    });
  } finally {
    await broker.close();
  }
}

test("the right password is let in, and a client that says goodbye leaves no will", () => withBroker(async (d) => {
  const client = d.dial(connectPacket());
  await d.rest();
  assert.equal(client.got(), CONNACK);
  client.send(DISCONNECT);
  await d.rest();
  assert.equal(d.events.slice(1), [
    { type: "broker", state: "connected", clientId: "n" },
    { type: "broker", state: "disconnected", clientId: "n", clean: true },
  ]);
  assert.equal(d.broker.messages, []);
}));

test("a wrong password gives CONNACK 4", () => withBroker(async (d) => {
  const client = d.dial(connectPacket("wrong"));
  await d.rest();
  assert.equal(client.got(), Buffer.from([0x20, 2, 0, 4]));
}));

for (const code of [1, 2, 3, 4, 5]) {
  test(`CONNACK code ${code} on demand, and the connection closes`, () => withBroker(async (d) => {
    d.broker.refuse(code);
    const client = d.dial(connectPacket());
    await d.rest();
    assert.equal(client.got(), Buffer.from([0x20, 2, 0, code]));
    assert.ok(client.closed());
    d.broker.refuse(0);
    const second = d.dial(connectPacket());
    await d.rest();
    assert.equal(second.got(), CONNACK);
  }));
}

test("a client that is silent for 1.5 keep-alives of simulated time is dropped, and its will is published", () =>
  withBroker(async (d) => {
    const client = d.dial(connectPacket());
    await d.rest();
    d.clock.advance(14_000);
    client.send(Buffer.from([0xc0, 0]));
    await d.rest();
    d.clock.advance(14_000);
    await d.rest();
    assert.not.ok(client.closed(), "it was heard of 14 s ago");
    d.clock.advance(1500);
    await d.rest();
    assert.ok(client.closed());
    assert.equal(d.broker.messages.map(({ topic, payload }) => [topic, payload]), [["w", "gone"]]);
  }));

test("the port is on loopback and open to other programs", () => withBroker(async (d) => {
  const got = await new Promise<Buffer>((done, fail) => {
    const socket = connect(d.broker.port, "127.0.0.1", () => socket.write(connectPacket()));
    socket.on("error", fail);
    socket.once("data", (data: Buffer) => {
      socket.destroy();
      done(data);
    });
  });
  assert.equal(got, CONNACK);
}));

test("a port that is taken is a plain error", () => withBroker(async (d) => {
  try {
    await embeddedBroker({ clock: d.clock, report: () => {}, port: d.broker.port });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /^port \d+ on 127\.0\.0\.1 is taken by another program/);
  }
}));

test("URLs of brokers: what they are, and what is wrong with others", () => {
  assert.equal(parseBrokerUrl("mqtt://u:p%40@example.org"), {
    shown: "mqtt://example.org:1883", host: "example.org", port: 1883, username: "u", password: "p@",
  });
  assert.equal(parseBrokerUrl("mqtt://[::1]:99"), { shown: "mqtt://[::1]:99", host: "::1", port: 99 });
  assert.throws(() => parseBrokerUrl("mqtts://a"), /speaks plain TCP, not mqtts:\/\//);
  assert.throws(() => parseBrokerUrl("example"), /is not the URL of a broker: write mqtt:\/\/host:port/);
});

test.run();
