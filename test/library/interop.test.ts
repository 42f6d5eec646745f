/** The interoperability suite against the brokers that are here. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BROKERS, type RunningBroker } from "../../interop/brokers.ts";
import { runSuite, type Row, type SuiteOptions } from "../../interop/suite.ts";
import { targetOf } from "../../interop/target.ts";

const suiteOf = (broker: RunningBroker): SuiteOptions => {
  const { links, certified, denied } = broker;
  return { target: broker, links, certified, denied, timeoutMs: 10_000 };
};

const QOS_2 = [
  "QoS 2 to a subscription at QoS 2, both ways",
  "QoS 0 to a subscription at QoS 2, both ways",
  "QoS 1 to a subscription at QoS 2, both ways",
  "100 messages at QoS 2 each way, in order, each once",
  "the connection is cut while we publish at QoS 2: each arrives once",
  "the connection is cut while we receive at QoS 2: each arrives once",
  "a kept session gets 5 messages that were sent at QoS 2 while we were away, in order, each once",
  "a kept session gets 60 messages that were sent at QoS 2 while we were away, in order, each once",
];
const DOLLAR = "neither # nor + at the start matches a topic that begins with $ [MQTT-4.7.2-1]";
const ACL = "a subscription that the ACL forbids is refused, and told";
const RELEASED = "the connection is cut while we receive at QoS 2: each arrives once";
const CERTIFICATE = "TLS: a certificate of the client";

/** What these brokers, as Debian 12 has them, do not do. All the rest of the suite has to hold. */
const NOT_SUPPORTED: Record<string, string[]> = {
  // Now and then.
  Aedes: [RELEASED],
  // It grants the filter, and withholds the messages.
  Mosquitto: [ACL],
  ejabberd: [DOLLAR, CERTIFICATE],
  // It closes the connection in place of refusing a filter, and grants no more than QoS 1.
  RabbitMQ: [ACL, DOLLAR, CERTIFICATE, ...QOS_2],
};
const LEAST_OK = 45;

// RabbitMQ takes seconds to start: it does so while the suite runs against the others.
const running = BROKERS.map(async ({ isInstalled, start }) => (isInstalled() ? start() : undefined));
running.forEach((promise) => void promise.catch(() => {}));
test.after(async () => {
  for (const broker of await Promise.allSettled(running)) {
    if (broker.status === "fulfilled") await broker.value?.stop();
  }
});

BROKERS.forEach(({ name, debian, isInstalled }, at) => {
  const why = isInstalled() ? "" : ` (skipped: ${name} is not installed: apt-get install ${debian})`;
  const isHere = why === "";
  (isHere ? test : test.skip)(`all of the suite holds against ${name}, but for what is known${why}`, async () => {
    const rows = await runSuite(suiteOf((await running[at])!));
    const say = ({ outcome, name: what, detail }: Row): string => `${outcome}: ${what}: ${detail}`;
    const bad = rows.filter((row) => row.outcome === "FAILED"
      || (row.outcome === "not supported" && !NOT_SUPPORTED[name]!.includes(row.name)));
    assert.equal(bad.map(say), []);
    const good = rows.filter(({ outcome }) => outcome === "ok").length;
    assert.ok(good >= LEAST_OK, `${good} of ${rows.length} are ok`);
  });
});

test("over TLS and WebSocket the whole suite is the same: it sees the packets inside", async () => {
  const { links, denied } = (await running[0])!;
  const rows = await runSuite({ target: links.wss!, denied, timeoutMs: 10_000, only: "QoS 1" });
  assert.ok(rows.length > 8);
  assert.equal(rows.filter(({ outcome }) => outcome !== "ok"), []);
});

test("a broker that does not answer, or not to this user, is an error and not a list of what it cannot do", async () => {
  const broker = (await running[0])!;
  const fails = async (target: SuiteOptions["target"], pattern: RegExp, timeoutMs = 500): Promise<void> => {
    const said = await runSuite({ target, timeoutMs }).then(() => "it ran", (error: Error) => error.message);
    assert.match(said, pattern);
  };
  await fails(targetOf("mqtt://127.0.0.1:1"), /no session with a broker at mqtt:\/\/127\.0\.0\.1:1 /);
  await fails({ ...broker, password: "wrong" }, /user name and password/);
  const { ca: _ours, ...stranger } = broker.links.mqtts!;
  await fails(stranger, /certificate.*--ca/, 10_000);
});

test.run();
