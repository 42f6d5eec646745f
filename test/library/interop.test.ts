/** The interoperability suite against the brokers that are here. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findProgram, startAedes, startMosquitto, type RunningBroker } from "../../interop/brokers.ts";
import { targetOf } from "../../interop/peer.ts";
import { runSuite } from "../../interop/suite.ts";

const LINKS = ["TLS", "WebSocket", "WebSocket over TLS"];

/** What is not ok, and that it is what is known of the broker. */
const check = async (start: () => Promise<RunningBroker | undefined>, known: string[]): Promise<void> => {
  const broker = await start();
  assert.ok(broker);
  try {
    const rows = await runSuite(broker);
    const told = rows.filter((row) => row.outcome !== "ok").map(({ outcome, name, detail }) =>
      (LINKS.includes(name) || known.includes(name) ? name : `${outcome}: ${name}: ${detail}`));
    assert.equal(told, [...known, ...LINKS]);
  } finally {
    await broker.stop();
  }
};

test("all of the suite holds against Aedes", () => check(startAedes, []));

const mosquitto = findProgram("mosquitto") === undefined ? "mosquitto is not installed (apt-get install mosquitto)" : undefined;

(mosquitto === undefined ? test : test.skip)(
  `all of the suite holds against Mosquitto, which grants filters that its ACL denies${mosquitto ? ` (skipped: ${mosquitto})` : ""}`,
  () => check(startMosquitto, ["a subscription that the ACL forbids is refused, and told"]),
);

test("a broker that does not answer, or not to this user, is an error and not a list of what it cannot do", async () => {
  const broker = await startAedes();
  const fails = async (target: Parameters<typeof runSuite>[0], pattern: RegExp): Promise<void> => {
    const said = await runSuite({ ...target, timeoutMs: 500 }).then(() => "it ran", (error: Error) => error.message);
    assert.match(said, pattern);
  };
  try {
    await fails({ host: "127.0.0.1", port: 1 }, /no session with a broker at 127\.0\.0\.1:1 /);
    await fails({ ...broker, password: "wrong" }, /user name and password/);
  } finally {
    await broker.stop();
  }
});

// These need setting up, and some of it by an administrator: a machine that has them names them.
for (const [name, variable] of [["ejabberd", "EJABBERD_URL"], ["RabbitMQ", "RABBITMQ_URL"]] as const) {
  const url = process.env[variable];
  (url === undefined ? test.skip : test)(
    `nothing of the suite fails against ${name}${url === undefined ? ` (skipped: set ${variable} to mqtt://user:password@host:port)` : ""}`,
    async () => {
      const rows = await runSuite(targetOf(url!));
      assert.equal(rows.filter(({ outcome }) => outcome === "FAILED").map((row) => `${row.name}: ${row.detail}`), []);
      assert.ok(rows.some(({ outcome }) => outcome === "ok"), "the broker answers");
    },
  );
}

test.run();
