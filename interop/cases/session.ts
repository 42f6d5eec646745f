/** Sessions: discarded, kept, and what waited in them. */
import { arrivals, expectSame, subscribeAt, texts } from "../expect.ts";
import { defineCase } from "../case.ts";
import type { Case } from "../suite.ts";

/** `count` messages wait; more than 32 is more than a board holds at once at QoS 2. */
const away = (qos: 1 | 2, count: number): Case => ({
  name: `a kept session gets ${count} messages that were sent at QoS ${qos} while we were away, in order, each once`,
  run: async (stage) => {
    const before = await stage.connectedSubject({ clean: false });
    await subscribeAt(before, `${stage.topic}/#`, qos);
    await before.end();
    const referee = await stage.connectedReferee();
    const wanted = Array.from({ length: count }, (_, at) => String(at));
    for (const text of wanted) await referee.publish(`${stage.topic}/x`, text, qos);
    const after = await stage.connectedSubject({ clean: false });
    expectSame(after.sessions, [true], "session present");
    await arrivals(stage, after, count, "messages that waited");
    await stage.sleep(100);
    expectSame(texts(after), wanted, "messages");
    await after.unsubscribe(`${stage.topic}/#`);
    await after.end();
  },
});

export const sessionCases: Case[] = [
  defineCase("a clean session is forgotten", async (stage) => {
    const before = await stage.connectedSubject({ clean: true });
    await subscribeAt(before, stage.topic, 1);
    await before.end();
    const after = await stage.connectedSubject({ clean: true });
    expectSame(after.sessions, [false], "session present");
    await after.publish(stage.topic, "not for us", 1);
    await after.subscribe(`${stage.topic}/probe`, 1);
    await after.publish(`${stage.topic}/probe`, "probe", 1);
    await arrivals(stage, after, 1);
    expectSame(texts(after), ["probe"], "messages");
  }),
  defineCase("a kept session is resumed: session present, subscriptions stay", async (stage) => {
    const before = await stage.connectedSubject({ clean: false });
    expectSame(before.sessions, [false], "session present at first");
    await subscribeAt(before, stage.topic, 1);
    await before.end();
    const after = await stage.connectedSubject({ clean: false });
    expectSame(after.sessions, [true], "session present");
    await after.publish(stage.topic, "back", 1);
    await arrivals(stage, after, 1);
    await after.end();
  }),
  defineCase("a clean session in between ends a kept one", async (stage) => {
    const kept = await stage.connectedSubject({ clean: false });
    await subscribeAt(kept, stage.topic, 1);
    await kept.end();
    const clean = await stage.connectedSubject({ clean: true });
    await clean.end();
    const after = await stage.connectedSubject({ clean: false });
    expectSame(after.sessions, [false], "session present");
    await after.end();
  }),
  defineCase("a subscription outlives a broken connection, with a clean session, too", async (stage) => {
    const subject = await stage.connectedSubject({ clean: true });
    await subscribeAt(subject, stage.topic, 1);
    subject.tap.cut();
    await stage.until(() => subject.sessions.length === 2, () => "it did not come back");
    const asked = (): number => subject.tap.packets.filter(({ packet }) => packet === "SUBACK").length;
    await stage.until(() => asked() === 2, () => "it did not subscribe again");
    const referee = await stage.connectedReferee();
    await referee.publish(stage.topic, "after", 1);
    await arrivals(stage, subject, 1);
    expectSame(texts(subject), ["after"], "messages");
  }),
  defineCase("the broker has lost the session: subscriptions are made anew, what waits arrives [MQTT-3.2.2-4]", async (stage) => {
    const clientId = stage.id("lost");
    const referee = await stage.connectedReferee();
    await subscribeAt(referee, `${stage.topic}/out`, 1);
    const subject = await stage.connectedSubject({ clientId, clean: false });
    await subscribeAt(subject, `${stage.topic}/in/#`, 1);
    await subscribeAt(subject, `${stage.topic}/too`, 0);
    // A clean session of the same id ends the kept one, before the subject is back.
    let wiped = false;
    subject.tap.onPacket = ({ packet }) => {
      if (packet === "CONNECT" && !wiped) subject.tap.cut();
    };
    const usurper = await stage.connectedReferee({ clientId, clean: true });
    await usurper.end();
    const published = subject.publish(`${stage.topic}/out`, "waited", 1);
    wiped = true;
    await stage.until(() => subject.sessions.length === 2, () => "it did not come back");
    expectSame(subject.sessions, [false, false], "session present");
    await published;
    await arrivals(stage, referee, 1, "messages from the subject");
    const asked = (): number => subject.tap.packets.filter(({ packet }) => packet === "SUBACK").length;
    await stage.until(() => asked() >= 3, () => "it did not subscribe again");
    await referee.publish(`${stage.topic}/in/x`, "in", 1);
    await referee.publish(`${stage.topic}/too`, "too", 1);
    await arrivals(stage, subject, 2, "messages to the subject");
    expectSame(texts(subject).sort(), ["in", "too"], "messages to the subject");
    await subject.end();
  }),
  defineCase("what is published without a connection arrives when there is one, in order", async (stage) => {
    const referee = await stage.connectedReferee();
    await subscribeAt(referee, stage.topic, 1);
    const subject = await stage.subject({ clean: false });
    // Nothing connects in the same turn.
    const all = ["1", "2", "3", "4"].map((text) => subject.publish(stage.topic, text, 1));
    expectSame(subject.sessions, [], "sessions");
    await Promise.all(all);
    await arrivals(stage, referee, 4);
    expectSame(texts(referee), ["1", "2", "3", "4"], "messages");
    await subject.end();
  }),
  away(1, 5),
  away(2, 5),
  away(1, 60),
  away(2, 60),
];
