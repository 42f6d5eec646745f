/** The other links of the broker: as they are, with its own TLS and its own WebSocket. */
import { defineCase } from "../case.ts";
import { authority } from "../certificate.ts";
import { arrivals, expectSame, texts } from "../expect.ts";
import { NotSupported } from "../not-supported.ts";
import type { Case, SuiteOptions } from "../suite.ts";
import { isSecure, LINK_NAMES, LINKS, type Link } from "../target.ts";

/** More than two bytes can say: a frame of a WebSocket has its length in 64 bits then. */
const LARGE_BYTES = 70_000;

const messages = (link: Link): Case => defineCase(
  `${LINK_NAMES[link]}: messages at each QoS and of ${LARGE_BYTES} bytes, both ways`,
  async (stage) => {
    const subject = await stage.connectedSubject({ via: stage.links[link]!, sealed: true });
    const referee = await stage.connectedReferee();
    const large = Buffer.from(Array.from({ length: LARGE_BYTES }, (_, at) => (at * 7) & 255));
    await subject.subscribe(`${stage.topic}/in`, 2);
    await referee.subscribe(`${stage.topic}/out`, 2);
    for (const [peer, name] of [[subject, "out"], [referee, "in"]] as const) {
      for (const qos of [0, 1, 2] as const) await peer.publish(`${stage.topic}/${name}`, String(qos), qos);
      await peer.publish(`${stage.topic}/${name}`, large, 1);
    }
    for (const peer of [subject, referee]) {
      await arrivals(stage, peer, 4);
      const [whole, ...rest] = peer.received.map(({ payload }) => payload).sort((a, b) => b.length - a.length);
      expectSame(whole!.equals(large), true, "the large payload is whole");
      expectSame(rest.map(String).sort(), ["0", "1", "2"], "the others");
    }
    expectSame(subject.downs, [], "ends of the connection");
    await subject.end();
  },
);

const resumed = (link: Link): Case => defineCase(
  `${LINK_NAMES[link]}: a connection that breaks comes back, the session with it`,
  async (stage) => {
    const subject = await stage.connectedSubject({ via: stage.links[link]!, sealed: true, clean: false });
    await subject.subscribe(stage.topic, 1);
    subject.tap.cut();
    await stage.until(() => subject.sessions.length === 2, () => "it did not come back");
    expectSame(subject.sessions, [false, true], "session present");
    const referee = await stage.connectedReferee();
    await referee.publish(stage.topic, "back", 1);
    await arrivals(stage, subject, 1);
    expectSame(texts(subject), ["back"], "messages");
    await subject.end();
  },
);

const verified = (link: Link): Case => defineCase(
  `${LINK_NAMES[link]}: a broker that another authority vouches for gets nothing from us`,
  async (stage) => {
    const { ca } = authority("somebody else");
    const subject = await stage.subject({ via: stage.links[link]!, sealed: true, ca });
    await stage.until(() => subject.downs.length > 0, () => "the connection did not fail");
    expectSame(subject.sessions, [], "sessions");
    expectSame(/certificate|issuer/i.test(subject.downs[0]!), true, `reason "${subject.downs[0]}"`);
  },
);

const certified = defineCase("TLS: a certificate of the client, where the broker wants one", async (stage) => {
  const { cert, key, ...without } = stage.certified!;
  const nobody = await stage.subject({ via: without, sealed: true, clientId: stage.id("nobody") });
  await stage.until(() => nobody.downs.length > 0, () => "the connection without a certificate did not fail");
  expectSame(nobody.sessions, [], "sessions without a certificate");
  const subject = await stage.connectedSubject({ via: { ...without, cert: cert!, key: key! }, sealed: true });
  await subject.subscribe(stage.topic, 1);
  await subject.publish(stage.topic, "known", 1);
  await arrivals(stage, subject, 1);
});

const absent = (name: string): Case => defineCase(name, () =>
  Promise.reject(new NotSupported("this broker offers none, as far as is known here (--url can be given for each link)")));

/** The cases for what is known of a broker's links; what it does not offer is a row as well. */
export const linkCases = ({ target, links = {}, certified: wanting }: SuiteOptions): Case[] => [
  ...LINKS.flatMap((link) => {
    if (link === target.link) return isSecure(link) ? [verified(link)] : [];
    if (links[link] === undefined) return [absent(LINK_NAMES[link])];
    return [messages(link), resumed(link), ...(isSecure(link) ? [verified(link)] : [])];
  }),
  wanting ? certified : absent("TLS: a certificate of the client"),
];
