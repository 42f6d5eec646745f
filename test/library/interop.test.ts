/** The interoperability suite against the brokers that are here. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findProgram, startAedes, startMosquitto, type RunningBroker } from "../../interop/brokers.ts";
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

test.run();
