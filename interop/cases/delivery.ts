/** Quality of service: each way, downgraded, in numbers, and through broken connections. */
import { arrivals, deliveredQos, expectSame, subscribeAt, texts } from "../expect.ts";
import { NotSupported } from "../not-supported.ts";
import type { Peer, QoS } from "../peer.ts";
import type { Case, Stage } from "../suite.ts";

const BURST = 100;
const numbers = (count: number): string[] => Array.from({ length: count }, (_, at) => String(at));

/** MQTT.js bounds nothing, and Mosquitto forgets what comes at QoS 2 beyond 20 unfinished messages: ten at a time. */
const WINDOW = 10;

const publishAll = async (peer: Peer, topic: string, count: number, qos: QoS): Promise<void> => {
  const all = numbers(count);
  while (all.length > 0) await Promise.all(all.splice(0, WINDOW).map((text) => peer.publish(topic, text, qos)));
};

/** Publishes at `sent`, subscribed at `asked`: delivered at the lower of them. */
const downgrade = (sent: QoS, asked: QoS): Case => ({
  name: `QoS ${sent} to a subscription at QoS ${asked}, both ways`,
  run: async (stage) => {
    const subject = await stage.connectedSubject();
    const referee = await stage.connectedReferee();
    const lower = Math.min(sent, asked);
    await subscribeAt(referee, `${stage.topic}/out`, asked);
    await subscribeAt(subject, `${stage.topic}/in`, asked);
    await subject.publish(`${stage.topic}/out`, "out", sent);
    await referee.publish(`${stage.topic}/in`, "in", sent);
    await arrivals(stage, referee, 1, "messages from the subject");
    await arrivals(stage, subject, 1, "messages to the subject");
    const published = subject.tap.packets.find(({ from, packet }) => from === "client" && packet === "PUBLISH");
    expectSame(published!.qos, sent, "QoS on the wire");
    const qos = deliveredQos(subject);
    if (qos[0]! < lower) throw new NotSupported(`delivers QoS ${lower} at QoS ${qos[0]}`);
    expectSame([deliveredQos(referee), qos], [[lower], [lower]], "QoS of delivery");
    // An exchange that is not finished would be delivered again.
    await stage.sleep(100);
    expectSame([texts(referee), texts(subject)], [["out"], ["in"]], "messages");
  },
});

const burst = (qos: QoS): Case => ({
  name: `${BURST} messages at QoS ${qos} each way, in order, each once`,
  run: async (stage) => {
    const subject = await stage.connectedSubject();
    const referee = await stage.connectedReferee();
    await subscribeAt(referee, `${stage.topic}/out`, qos);
    await subscribeAt(subject, `${stage.topic}/in`, qos);
    await publishAll(subject, `${stage.topic}/out`, BURST, qos);
    await publishAll(referee, `${stage.topic}/in`, BURST, qos);
    await arrivals(stage, referee, BURST, "messages from the subject");
    await arrivals(stage, subject, BURST, "messages to the subject");
    expectSame(texts(referee), numbers(BURST), "messages from the subject");
    expectSame(texts(subject), numbers(BURST), "messages to the subject");
  },
});

const once = (list: string[]): string[] => [...new Set(list)];

/** Cuts the connection at the first packets of a kind. */
const cutAt = (stage: Stage, peer: Peer, packets: string[]): void => {
  const left = new Set(packets);
  peer.tap.onPacket = ({ packet }) => {
    if (left.delete(packet)) peer.tap.cut();
  };
};

const cutWhilePublishing = (qos: 1 | 2, packets: string[]): Case => ({
  name: `the connection is cut while we publish at QoS ${qos}: ${qos === 1 ? "all arrive" : "each arrives once"}`,
  run: async (stage) => {
    const referee = await stage.connectedReferee();
    await subscribeAt(referee, stage.topic, qos);
    const subject = await stage.connectedSubject({ clean: false });
    cutAt(stage, subject, packets);
    await publishAll(subject, stage.topic, 8, qos);
    await stage.until(() => once(texts(referee)).length === 8, () => `${once(texts(referee)).length} of 8 arrived`);
    await stage.sleep(100);
    const arrived = texts(referee);
    expectSame(qos === 1 ? once(arrived) : arrived, numbers(8), "messages");
    expectSame(subject.tap.connections, packets.length + 1, "connections");
    await forget(subject);
  },
});

/** Whether the broker sent a PUBLISH again after its PUBREL, and before our PUBCOMP: none may [MQTT-4.3.3-1]. */
const publishesReleased = ({ tap }: Peer): boolean => {
  const released = new Set<number>();
  return tap.packets.some(({ from, packet, id }) => {
    if (from === "broker" && packet === "PUBREL") released.add(id!);
    if (from === "client" && packet === "PUBCOMP") released.delete(id!);
    return from === "broker" && packet === "PUBLISH" && released.has(id!);
  });
};

const cutWhileReceiving = (qos: 1 | 2, packets: string[]): Case => ({
  name: `the connection is cut while we receive at QoS ${qos}: ${qos === 1 ? "all arrive" : "each arrives once"}`,
  run: async (stage) => {
    const subject = await stage.connectedSubject({ clean: false });
    await subscribeAt(subject, stage.topic, qos);
    const referee = await stage.connectedReferee();
    cutAt(stage, subject, packets);
    await publishAll(referee, stage.topic, 8, qos);
    await stage.until(() => once(texts(subject)).length === 8, () => `${once(texts(subject)).length} of 8 arrived`);
    await stage.sleep(100);
    const arrived = texts(subject);
    if (publishesReleased(subject)) throw new NotSupported("it sends messages again that it has released [MQTT-4.3.3-1]");
    // A broker may send again in another order than it sent first; what counts is that none is missing or doubled.
    expectSame((qos === 1 ? once(arrived) : arrived).sort(), numbers(8), "messages");
    await forget(subject);
  },
});

/** Leaves no session behind at the broker. */
const forget = async (subject: Peer): Promise<void> => {
  subject.tap.onPacket = () => {};
  await subject.end();
};

export const deliveryCases: Case[] = [
  ...([[0, 0], [1, 1], [2, 2], [2, 1], [2, 0], [1, 0], [0, 2], [1, 2]] as const).map(([s, a]) => downgrade(s, a)),
  burst(1),
  burst(2),
  cutWhilePublishing(1, ["PUBACK"]),
  cutWhilePublishing(2, ["PUBREC", "PUBCOMP"]),
  cutWhileReceiving(1, ["PUBACK"]),
  cutWhileReceiving(2, ["PUBREC", "PUBREL"]),
];
