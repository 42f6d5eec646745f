/** What a message may be. */
import { arrivals, expectSame, texts } from "../expect.ts";
import { NotSupported } from "../not-supported.ts";
import type { Peer, PeerOptions } from "../peer.ts";
import { defineCase } from "../case.ts";
import type { Case, Stage } from "../suite.ts";

/** Sends a message each way and compares what arrives. */
const bothWays = async (stage: Stage, topic: string, payload: Buffer, bounds?: Partial<PeerOptions>): Promise<void> => {
  const subject = await stage.connectedSubject(bounds);
  const referee = await stage.connectedReferee();
  const check = (peer: Peer, from: string): void => {
    expectSame(peer.received[0]!.topic, topic, `topic ${from}`);
    expectSame(peer.received[0]!.payload.equals(payload), true, `payload of ${payload.length} bytes ${from} arrives whole`);
  };
  await referee.subscribe(`${topic}/+`, 1);
  await referee.subscribe(topic, 1);
  await subject.publish(topic, payload, 1);
  await arrivals(stage, referee, 1, "messages from the subject");
  check(referee, "from the subject");
  await referee.unsubscribe(topic);
  await subject.subscribe(topic, 1);
  await referee.publish(topic, payload, 1);
  await arrivals(stage, subject, 1, "messages to the subject");
  check(subject, "to the subject");
};

/** Above 2,097,151 a remaining length has four bytes (2.2.3). */
const FOUR_BYTES_OF_LENGTH = 2_100_000;
const LARGE = { largestIncoming: 3_000_000, inflight: { bytes: 3_000_000 } };

/** How long a broker has to say something under $SYS. */
const DOLLAR_MS = 2000;

const allBytes = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, at) => (at * 7) & 255));

export const messageCases: Case[] = [
  { name: "an empty payload", run: (stage) => bothWays(stage, stage.topic, Buffer.alloc(0)) },
  { name: "a payload of every byte", run: (stage) => bothWays(stage, stage.topic, allBytes(256)) },
  ...[120, 127, 128, 16_400, 24_000, 200_000].map((length): Case => ({
    name: `a payload of ${length} bytes`, run: (stage) => bothWays(stage, stage.topic, allBytes(length)),
  })),
  {
    name: `a payload of ${FOUR_BYTES_OF_LENGTH} bytes, whose length takes four`,
    run: (stage) => bothWays(stage, stage.topic, allBytes(FOUR_BYTES_OF_LENGTH), LARGE),
  },
  {
    name: "topics of UTF-8, of two to four bytes a character",
    run: (stage) => bothWays(stage, `${stage.topic}/Gewächshaus/温度/🌱`, Buffer.from("21,5 °C")),
  },
  {
    name: "U+FEFF in a topic stays [MQTT-1.5.3-3]",
    run: (stage) => bothWays(stage, `${stage.topic}/\ufeffbom`, Buffer.from("x")),
  },
  {
    name: "a long topic, of 1,000 bytes in few levels",
    run: (stage) => bothWays(stage, `${stage.topic}/${"t".repeat(1000)}`, Buffer.from("x")),
  },
  defineCase("a message that is too large for us is skipped, and those behind it arrive", async (stage) => {
    const subject = await stage.connectedSubject({ largestIncoming: 1024 });
    const referee = await stage.connectedReferee();
    await subject.subscribe(stage.topic, 1);
    await referee.publish(stage.topic, "before", 1);
    await referee.publish(stage.topic, allBytes(9000), 1);
    await referee.publish(stage.topic, "behind", 1);
    await stage.until(() => texts(subject).includes("behind"), () => "the message behind it did not arrive");
    const acks = (): number => subject.tap.packets.filter(({ from, packet }) => from === "client" && packet === "PUBACK").length;
    await stage.until(() => acks() >= 3, () => `${acks()} PUBACK for 3 messages`);
    expectSame(subject.downs, [], "ends of the connection");
    // The referee, which has no bound, takes it.
    expectSame(texts(subject).filter((text) => text.length < 20), ["before", "behind"], "messages");
  }),
  defineCase("retained: kept, delivered with the flag, live without it, and deleted by an empty payload", async (stage) => {
    const subject = await stage.connectedSubject();
    await subject.publish(stage.topic, "kept", 1, true);
    const referee = await stage.connectedReferee();
    await referee.subscribe(stage.topic, 1);
    await arrivals(stage, referee, 1, "retained messages");
    expectSame(referee.received.map(({ retained }) => retained), [true], "retain flag at the referee");
    await subject.subscribe(stage.topic, 1);
    await arrivals(stage, subject, 1, "retained messages");
    await referee.publish(stage.topic, "live", 1, true);
    await arrivals(stage, subject, 2);
    expectSame(subject.received.map(({ retained }) => retained), [true, false], "retain flags");
    await subject.publish(stage.topic, "", 1, true);
    await arrivals(stage, subject, 3);
    const late = await stage.connectedSubject({ clientId: stage.id("late") });
    await late.subscribe(stage.topic, 1);
    await late.publish(stage.topic, "probe", 1);
    await arrivals(stage, late, 1);
    expectSame(texts(late), ["probe"], "what a late subscriber gets");
  }),
  defineCase("wildcards: + for a level, # for the rest and its parent", async (stage) => {
    const subject = await stage.connectedSubject();
    const referee = await stage.connectedReferee();
    await subject.subscribe(`${stage.topic}/+/t`, 1);
    await subject.subscribe(`${stage.topic}/deep/#`, 1);
    const send = ["a/t", "b/t", "a/b/t", "a/t/c", "deep", "deep/x", "deep/x/y", "deeper"];
    for (const name of send) await referee.publish(`${stage.topic}/${name}`, name, 1);
    await referee.publish(`${stage.topic}/end/t`, "end", 1);
    await stage.until(() => texts(subject).includes("end"), () => "the last message did not arrive");
    expectSame(texts(subject), ["a/t", "b/t", "deep", "deep/x", "deep/x/y", "end"], "messages");
    await subject.unsubscribe(`${stage.topic}/+/t`);
    await referee.publish(`${stage.topic}/a/t`, "not wanted", 1);
    await referee.publish(`${stage.topic}/deep`, "wanted", 1);
    await stage.until(() => texts(subject).includes("wanted"), () => "the message to the other filter did not arrive");
    expectSame(texts(subject).includes("not wanted"), false, "a message after UNSUBSCRIBE");
  }),
  defineCase("neither # nor + at the start matches a topic that begins with $ [MQTT-4.7.2-1]", async (stage) => {
    const referee = await stage.connectedReferee();
    // MQTT.js waits for ever where a broker refuses by another code than 0x80, as ejabberd does.
    void referee.subscribe("$SYS/#", 0);
    // Most keep some; Aedes tells of each client that comes.
    await stage.connectedReferee({ clientId: stage.id("comes") });
    for (let waited = 0; waited < DOLLAR_MS && referee.received.length === 0; waited += 50) await stage.sleep(50);
    if (referee.received.length === 0) throw new NotSupported("no topic of this broker begins with $, or this user may not read it");
    const subject = await stage.connectedSubject();
    for (const filter of ["#", "+/#"]) {
      if (await subject.subscribe(filter, 0) > 2) throw new NotSupported(`this user may not subscribe to ${filter}`);
    }
    await referee.publish(stage.topic, "x", 1);
    await stage.until(() => subject.received.some(({ topic }) => topic === stage.topic), () => "the other message did not arrive");
    expectSame(subject.received.filter(({ topic }) => topic.startsWith("$")), [], "messages of $ topics");
  }),
  defineCase("filters that overlap: each message at least once, at most once a filter [MQTT-3.3.5-1]", async (stage) => {
    const subject = await stage.connectedSubject();
    const referee = await stage.connectedReferee();
    for (const filter of ["x", "+", "#"]) await subject.subscribe(`${stage.topic}/${filter}`, 1);
    await referee.publish(`${stage.topic}/x`, "x", 1);
    await subject.subscribe(`${stage.topic}-end`, 1);
    await referee.publish(`${stage.topic}-end`, "end", 1);
    await stage.until(() => texts(subject).includes("end"), () => "the message behind it did not arrive");
    const copies = texts(subject).filter((text) => text === "x").length;
    expectSame(copies >= 1 && copies <= 3, true, `${copies} copies are 1 to 3`);
  }),
];
