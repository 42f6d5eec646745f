/** Connecting, leaving, staying, and being refused. */
import { arrivals, expectSame, texts } from "../expect.ts";
import { NotSupported } from "../not-supported.ts";
import { slowestAnswerMs, whileCalm } from "../calm.ts";
import type { Peer } from "../peer.ts";
import { defineCase } from "../case.ts";
import type { Case, Stage } from "../suite.ts";

const KEEP_ALIVE_S = 1;
/** How late the timers of a busy machine may be. */
const LATE_MS = 1000;
/** Long enough for a broker to lose patience, which it has for one and a half keep-alives. */
const SILENCE_MS = 2600;

const seen = (peer: Peer, from: "client" | "broker", packet: string): number =>
  peer.tap.packets.filter((p) => p.from === from && p.packet === packet).length;

const willOf = (stage: Stage): { topic: string; payload: string; qos: 1; retain: boolean } =>
  ({ topic: `${stage.topic}/will`, payload: "gone", qos: 1, retain: false });

const deniedOf = (stage: Stage): string => {
  if (stage.denied === undefined) throw new NotSupported("no --denied filter was given");
  return stage.denied;
};

/** What a promise gives, or "closed" where the connection ends first or it is given up [MQTT-3.3.5-2]. */
const orClosed = async <T>(stage: Stage, peer: Peer, promise: Promise<T>): Promise<T | "closed"> => {
  let result: { value: T | "closed" } | undefined;
  promise.then((value) => (result = { value }), () => (result = { value: "closed" }));
  const downs = peer.downs.length;
  await stage.until(() => result !== undefined || peer.downs.length > downs, () => "neither answered nor closed");
  return result?.value ?? "closed";
};

export const connectionCases: Case[] = [
  defineCase("connects, and says good-bye with DISCONNECT", async (stage) => {
    const subject = await stage.connectedSubject();
    expectSame(subject.sessions, [false], "session present");
    await subject.end();
    expectSame(subject.tap.packets.map(({ packet }) => packet), ["CONNECT", "CONNACK", "DISCONNECT"], "packets");
  }),
  defineCase("an empty client id with a clean session", async (stage) => {
    const subject = await stage.connectedSubject({ clientId: "" });
    await subject.subscribe(stage.topic);
    await subject.publish(stage.topic, "x");
    await arrivals(stage, subject, 1);
  }),
  defineCase("client ids of 1, 23 and 60 characters, and of UTF-8", async (stage) => {
    const mark = stage.id("").replace("-", "");
    for (const clientId of [mark.slice(0, 1), mark.padEnd(23, "x"), mark.padEnd(60, "x"), `${mark}-Fühler-温`]) {
      const subject = await stage.connectedSubject({ clientId });
      await subject.end();
    }
  }),
  defineCase("a keep-alive of 0, which is none, and one of 65,535 s", async (stage) => {
    for (const keepAlive of [0, 65_535]) {
      const subject = await stage.connectedSubject({ keepAlive, clientId: stage.id(`keep-${keepAlive}`) });
      await subject.subscribe(stage.topic, 1);
      await subject.publish(stage.topic, "x", 1);
      await arrivals(stage, subject, 1);
      await subject.end();
    }
  }),
  defineCase("a wrong password is refused, and told", async (stage) => {
    if (stage.target.username === undefined) {
      throw new NotSupported("without a user name in --url there is no login to refuse");
    }
    const subject = await stage.subject({ password: "certainly not the password" });
    await stage.until(() => subject.sessions.length + subject.downs.length > 0, () => "neither accepted nor refused");
    if (subject.sessions.length > 0) throw new NotSupported("this broker lets anybody in");
    const codes = subject.tap.packets.flatMap(({ packet, code }) => (packet === "CONNACK" ? [code!] : []));
    // A broker may close without a word (MQTT-3.1.4-5).
    expectSame(codes.every((code) => code === 4 || code === 5), true, `CONNACK codes ${codes.join()} are 4 or 5`);
    if (codes.length > 0) expectSame(/^[45] |not auth|bad user/i.test(subject.downs[0]!), true, `reason "${subject.downs[0]}"`);
  }),
  defineCase("keep-alive: PINGREQ in silence, and the broker does not drop us", (stage) => whileCalm(async (id, slow) => {
    const subject = await stage.connectedSubject({ keepAlive: KEEP_ALIVE_S, clientId: stage.id(id) });
    await stage.sleep(SILENCE_MS);
    slow(slowestAnswerMs(subject, "PINGREQ", "PINGRESP"));
    expectSame(subject.downs, [], "ends of the connection");
    const pings = seen(subject, "client", "PINGREQ");
    expectSame(pings >= 2 && pings <= 6, true, `${pings} PINGREQ in ${SILENCE_MS} ms are 2 to 6`);
    expectSame(seen(subject, "broker", "PINGRESP") >= pings - 1, true, "each PINGREQ but the last is answered");
  })),
  defineCase("the will is published when the connection breaks", async (stage) => {
    const referee = await stage.connectedReferee();
    await referee.subscribe(`${stage.topic}/will`, 1);
    const subject = await stage.connectedSubject({ will: willOf(stage) });
    await subject.kill();
    await arrivals(stage, referee, 1, "wills");
    expectSame(texts(referee), ["gone"], "will");
  }),
  defineCase("a link that goes silent is found within 1.5 keep-alives, and a new one opened", (stage) => whileCalm(async (id) => {
    const subject = await stage.connectedSubject({ keepAlive: KEEP_ALIVE_S, clientId: stage.id(id) });
    const began = Date.now();
    subject.tap.hold();
    await stage.until(() => subject.downs.length > 0, () => "it was not found");
    const tookMs = Date.now() - began;
    expectSame(tookMs < KEEP_ALIVE_S * 1500 + LATE_MS, true, `found after ${tookMs} ms, within 1.5 times ${KEEP_ALIVE_S} s`);
    await stage.until(() => subject.sessions.length >= 2, () => "it did not come back");
    await subject.subscribe(stage.topic, 1);
    await subject.publish(stage.topic, "back", 1);
    await arrivals(stage, subject, 1);
  })),
  defineCase("the will is published when the link goes silent", async (stage) => {
    const referee = await stage.connectedReferee();
    await referee.subscribe(`${stage.topic}/will`, 1);
    const subject = await stage.connectedSubject({ will: willOf(stage), keepAlive: KEEP_ALIVE_S });
    // It would come back, and take over from itself.
    subject.tap.onPacket = () => subject.tap.hold();
    subject.tap.hold();
    await arrivals(stage, referee, 1, "wills");
    expectSame(texts(referee), ["gone"], "will");
  }),
  defineCase("wills of QoS 0 and 2, one without a payload", async (stage) => {
    const referee = await stage.connectedReferee();
    await referee.subscribe(`${stage.topic}/+`, 2);
    for (const [qos, payload] of [[0, ""], [2, "gone"]] as const) {
      const will = { topic: `${stage.topic}/${qos}`, payload, qos, retain: false };
      const subject = await stage.connectedSubject({ will, clientId: stage.id(`will-${qos}`) });
      await subject.kill();
    }
    await arrivals(stage, referee, 2, "wills");
    const wills = referee.received.map(({ topic, payload }) => `${topic.slice(-1)} "${String(payload)}"`).sort();
    expectSame(wills, ['0 ""', '2 "gone"'], "wills");
  }),
  defineCase("the will is not published after DISCONNECT", async (stage) => {
    const referee = await stage.connectedReferee();
    await referee.subscribe(`${stage.topic}/#`, 1);
    const subject = await stage.connectedSubject({ will: willOf(stage) });
    await subject.end();
    await referee.publish(`${stage.topic}/after`, "after", 1);
    await arrivals(stage, referee, 1);
    await stage.sleep(200);
    expectSame(texts(referee), ["after"], "messages");
  }),
  defineCase("a retained will", async (stage) => {
    const will = { ...willOf(stage), retain: true };
    const witness = await stage.connectedReferee({ clientId: stage.id("witness") });
    await witness.subscribe(will.topic, 1);
    const subject = await stage.connectedSubject({ will });
    await subject.kill();
    await arrivals(stage, witness, 1, "wills");
    // A broker may deliver before it keeps.
    await stage.sleep(500);
    const referee = await stage.connectedReferee();
    await referee.subscribe(will.topic, 1);
    await arrivals(stage, referee, 1, "retained wills");
    expectSame(referee.received[0]!.retained, true, "retain flag");
    await referee.publish(will.topic, "", 1, true);
  }),
  defineCase("the same client id again takes the session over", async (stage) => {
    const first = await stage.connectedSubject({ clientId: stage.id("same") });
    // It would come back and take over in its turn.
    first.tap.onPacket = ({ packet }) => {
      if (packet === "CONNECT") first.tap.cut();
    };
    const second = await stage.connectedReferee({ clientId: stage.id("same") });
    await stage.until(() => first.downs.length > 0, () => "the first client was not disconnected [MQTT-3.1.4-2]");
    await second.subscribe(stage.topic);
    await second.publish(stage.topic, "x");
    await arrivals(stage, second, 1);
    await first.kill();
  }),
  defineCase("a subscription that the ACL forbids is refused, and told", async (stage) => {
    const denied = deniedOf(stage);
    const subject = await stage.connectedSubject();
    const granted = await orClosed(stage, subject, subject.subscribe(denied, 1));
    if (granted === "closed") throw new NotSupported("this broker closes the connection in place of refusing the filter");
    if (granted < 128) {
      // Told or not, the broker acknowledges what it withholds [MQTT-3.3.5-2], or closes.
      await orClosed(stage, subject, subject.publish(denied.replace(/[+#]/g, "x"), "secret", 1));
      await stage.sleep(200);
      expectSame(texts(subject), [], "messages of a filter that the ACL forbids");
      throw new NotSupported("this broker grants the filter and withholds its messages");
    }
    expectSame(granted, 128, "SUBACK");
    await subject.subscribe(stage.topic, 1);
    await subject.publish(stage.topic, "still here", 1);
    await arrivals(stage, subject, 1);
  }),
  defineCase("a message that the ACL forbids reaches nobody, and its publisher works on", async (stage) => {
    const topic = deniedOf(stage).replace(/[+#]/g, "x");
    const subject = await stage.connectedSubject();
    await orClosed(stage, subject, subject.publish(topic, "secret", 1));
    await stage.until(() => subject.sessions.length > subject.downs.length, () => "it did not come back");
    await subject.subscribe(stage.topic, 1);
    await subject.publish(stage.topic, "still here", 1);
    await arrivals(stage, subject, 1);
    expectSame(texts(subject), ["still here"], "messages");
  }),
];
