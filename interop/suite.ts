/**
 * The interoperability suite: runs the cases against a broker, with our client as the subject and MQTT.js as the
 * referee. A case that fails is tried again with MQTT.js as the subject: what fails there, too, is what the broker
 * does not do.
 */
import { randomBytes } from "node:crypto";
import { defineCase } from "./case.ts";
import { cases } from "./cases.ts";
import { linkCases } from "./cases/links.ts";
import { NotSupported } from "./not-supported.ts";
import { makePeer, type Kind, type Peer, type PeerOptions } from "./peer.ts";
import { urlOf, type Link, type Target } from "./target.ts";

export type Outcome = "ok" | "FAILED" | "not supported";

export interface Row {
  name: string;
  outcome: Outcome;
  /** What was seen, where it is not ok. */
  detail?: string;
  ms: number;
}

export interface SuiteOptions {
  target: Target;
  /** Other listeners of the broker, as far as they are known. */
  links?: Partial<Record<Link, Target>> | undefined;
  /** One that wants a certificate of the client, which the target has. */
  certified?: Target | undefined;
  /** A filter that the broker refuses to this user. */
  denied?: string | undefined;
  /** How long a case waits for something to happen. */
  timeoutMs?: number;
  /** Runs the cases whose name holds this. */
  only?: string | undefined;
  /** How many cases run at a time: most of their time they wait. */
  atOnce?: number;
  onRow?: (row: Row) => void;
}

/** What a case plays with. */
export interface Stage {
  target: Target;
  links: Partial<Record<Link, Target>>;
  certified: Target | undefined;
  denied: string | undefined;
  /** The client that is judged. */
  subject(options?: Partial<PeerOptions>): Promise<Peer>;
  /** The other side. */
  referee(options?: Partial<PeerOptions>): Promise<Peer>;
  /** Neither waits until it is connected: these two do. */
  connectedSubject(options?: Partial<PeerOptions>): Promise<Peer>;
  connectedReferee(options?: Partial<PeerOptions>): Promise<Peer>;
  /** A topic that no other case uses. */
  topic: string;
  id(name: string): string;
  /** Resolves when `test` is true; fails with `what` when that takes too long. */
  until(test: () => boolean, what: () => string): Promise<void>;
  sleep(ms: number): Promise<void>;
}

export interface Case {
  name: string;
  run(stage: Stage): Promise<void>;
}

const POLL_MS = 10;
const TIMEOUT_MS = 5000;
const AT_ONCE = 4;
const SETTLE_MS = 100;
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

const CERTIFICATE = /certificate|altnames/i;
const whyDown = ({ tap, downs }: Peer): string => [...new Set([...tap.problems, ...downs])].join(", ") || "no answer";

const runCase = async (one: Case, kind: Kind, options: SuiteOptions): Promise<void> => {
  const peers: Peer[] = [];
  const mark = randomBytes(4).toString("hex");
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const make = async (which: Kind, name: string, given: Partial<PeerOptions> = {}): Promise<Peer> => {
    const peer = await makePeer(which, options.target, { clientId: `${name}-${mark}`, ...given });
    peers.push(peer);
    return peer;
  };
  const stage: Stage = {
    target: options.target,
    links: { ...options.links, [options.target.link]: options.target },
    certified: options.certified,
    denied: options.denied,
    topic: `interop/${mark}`,
    id: (name) => `${name}-${mark}`,
    sleep,
    async until(test, what) {
      const late = Date.now() + timeoutMs;
      while (!test()) {
        if (Date.now() > late) throw new Error(what());
        await sleep(POLL_MS);
      }
    },
    subject: (given) => make(kind, "subject", given),
    referee: (given) => make("mqtt.js", "referee", given),
    connectedSubject: async (given) => connected(await stage.subject(given)),
    connectedReferee: async (given) => connected(await stage.referee(given)),
  };
  const connected = async (peer: Peer): Promise<Peer> => {
    await stage.until(() => peer.sessions.length > 0, () => `not connected: ${whyDown(peer)}`);
    return peer;
  };
  let late: NodeJS.Timeout | undefined;
  try {
    const limit = new Promise<never>((_, fail) => {
      late = setTimeout(() => fail(new Error("it did not come to an end")), 4 * timeoutMs);
    });
    await Promise.race([one.run(stage), limit]);
  } finally {
    clearTimeout(late);
    await Promise.allSettled(peers.map((peer) => peer.kill()));
  }
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Judges a case. */
const judge = async (one: Case, options: SuiteOptions): Promise<Pick<Row, "outcome" | "detail">> => {
  try {
    await runCase(one, "motelet", options);
    return { outcome: "ok" };
  } catch (error) {
    if (error instanceof NotSupported) return { outcome: "not supported", detail: error.message };
    const detail = messageOf(error);
    try {
      await runCase(one, "mqtt.js", options);
      return { outcome: "FAILED", detail };
    } catch (same) {
      return { outcome: "not supported", detail: `${detail}; MQTT.js in its place: ${messageOf(same)}` };
    }
  }
};

/** Fails with what was said where no session comes about, at once where that is about a certificate. */
const answers = defineCase("answers", async (stage) => {
  const referee = await stage.referee();
  const isUp = (): boolean => referee.sessions.length > 0;
  const why = (): string => `not connected: ${whyDown(referee)}`;
  await stage.until(() => isUp() || CERTIFICATE.test(why()), why);
  // A TLS connection that is destroyed in the very moment in which its handshake fails leaves a handle behind in Node.
  await stage.sleep(SETTLE_MS);
  if (!isUp()) throw new Error(why());
});

/** Throws an Error for people where MQTT.js cannot connect: no case would say anything about the broker. */
const checkAnswers = async (options: SuiteOptions): Promise<void> => {
  try {
    await runCase(answers, "mqtt.js", options);
  } catch (error) {
    const what = messageOf(error);
    const remedy = CERTIFICATE.test(what) ? "name the file of the authority that vouches for it (--ca), and the host as its "
      + "certificate does" : "see whether it runs, and whether user name and password are right";
    throw new Error(`no session with a broker at ${urlOf(options.target)} (${what}): ${remedy}`, { cause: error });
  }
};

/** Runs the suite. Throws an Error for people where no broker lets us in. */
export const runSuite = async (options: SuiteOptions): Promise<Row[]> => {
  await checkAnswers(options);
  const wanted = [...cases, ...linkCases(options)].filter(({ name }) => name.includes(options.only ?? ""));
  const rows: Row[] = [];
  let told = 0;
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < wanted.length) {
      const at = next++;
      const one = wanted[at]!;
      const began = Date.now();
      rows[at] = { name: one.name, ...await judge(one, options), ms: Date.now() - began };
      // In the order of the suite, each as soon as those before it are there.
      for (let row = rows[told]; row !== undefined; row = rows[told]) {
        options.onRow?.(row);
        told++;
      }
    }
  };
  await Promise.all(Array.from({ length: options.atOnce ?? AT_ONCE }, work));
  return rows;
};
