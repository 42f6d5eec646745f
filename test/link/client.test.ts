/** The whole client over each link, in Node, against Aedes: another WebSocket (`ws`) and another TLS (OpenSSL). */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tcp } from "../../lib/link/tcp.ts";
import { tls } from "../../lib/link/tls.ts";
import { upgradeRequest, websocket } from "../../lib/link/websocket.ts";
import { start, stop, up } from "../../lib/mqtt/client.ts";
import { configure, onSettled } from "../../lib/mqtt/inflight.ts";
import { connect, field } from "../../lib/mqtt/packet.ts";
import { publish } from "../../lib/mqtt/publish.ts";
import { publishKept } from "../../lib/mqtt/qos1.ts";
import "../../lib/mqtt/qos2.ts";
import { listeners, subscribe } from "../../lib/mqtt/subscribe.ts";
import { startAedes, until, type Brokers } from "./aedes.ts";
import { ourAuthority, type Link } from "./servers.ts";

let brokers: Brokers;
const received: { topic: string; payload: Buffer }[] = [];
const reasons: number[] = [];
/** First bytes of packets that the broker has acknowledged. */
const settled: number[] = [];

test.before(async () => {
  brokers = await startAedes();
  configure(8, 200_000, true);
  onSettled(([, packet], how) => void (how > 0 && settled.push(packet!.charCodeAt(0))));
  listeners[""] = (topic, payload) =>
    received.push({ topic: topic.slice(2), payload: Buffer.from(payload, "latin1") });
});

test.after(() => brokers.close());

const trust = { ca: ourAuthority().ca };
const secure = (port: number): Link => tls("127.0.0.1", port, trust);

const LINKS: Record<string, () => Link> = {
  tcp: () => tcp("127.0.0.1", brokers.ports.mqtt),
  tls: () => secure(brokers.ports.mqtts),
  "websocket over tcp": () => websocket(tcp("127.0.0.1", brokers.ports.ws), upgradeRequest("127.0.0.1", "/mqtt")),
  "websocket over tls": () => websocket(secure(brokers.ports.wss), upgradeRequest("127.0.0.1", "/mqtt")),
};

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
const bytes = ALL_BYTES.toString("latin1");

for (const [name, link] of Object.entries(LINKS)) {
  test(`${name}: publishes and receives at QoS 0, 1 and 2, small and large, and leaves`, async () => {
    const before = brokers.messages.length;
    received.length = reasons.length = settled.length = 0;
    const packet = connect({ clientId: `node ${name}`, cleanSession: true, keepAlive: 60 });
    start(link(), packet, 30_000, 500_000, 200_000, (reason) => reasons.push(reason));
    await until(() => up, "the session is up");
    // At the first time; with each session after it the client asks again by itself.
    if (before === 0) subscribe(field("down/#"), 2);
    await until(() => settled.includes(0x82), "SUBACK");
    assert.ok(publish(field("up/0"), bytes, 0));
    assert.ok(publishKept(field("up/1"), bytes.repeat(300), 2));
    assert.ok(publishKept(field("up/2"), "", 4));
    await until(() => settled.length === 3, "PUBACK and PUBCOMP");
    await until(() => brokers.messages.length === before + 3, "three messages at the broker");
    const sent = brokers.messages.slice(before).sort((a, b) => (a.topic < b.topic ? -1 : 1));
    assert.equal(sent.map(({ topic, qos }) => [topic, qos]), [["up/0", 0], ["up/1", 1], ["up/2", 2]]);
    assert.ok(sent[0]!.payload.equals(ALL_BYTES));
    assert.ok(sent[1]!.payload.equals(Buffer.from(bytes.repeat(300), "latin1")));

    for (const qos of [0, 1, 2] as const) brokers.publish(`down/${qos}`, ALL_BYTES, qos);
    brokers.publish("down/large", Buffer.concat(Array(300).fill(ALL_BYTES)), 1);
    await until(() => received.length === 4, "four messages");
    assert.equal(received.map(({ topic }) => topic).sort(), ["down/0", "down/1", "down/2", "down/large"]);
    for (const { topic, payload } of received) {
      assert.is(payload.length, topic === "down/large" ? 76_800 : 256);
      assert.ok(payload.subarray(0, 256).equals(ALL_BYTES));
    }
    stop();
    assert.equal(reasons, []);
  });
}

test.run();
