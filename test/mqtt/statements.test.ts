/** Each statement of MQTT 3.1.1 that clients get wrong is named by a test of ours: in its name, or beside its check. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";

const TESTS = fileURLToPath(new URL("..", import.meta.url));
const LIBRARY = fileURLToPath(new URL("../../lib/mqtt", import.meta.url));
const SELF = "mqtt/statements.test.ts";

/** By id, without "MQTT-": what a client has to do, or has to notice. */
const STATEMENTS: Record<string, string> = {
  "1.5.3-1": "strings are UTF-8 without surrogates",
  "1.5.3-2": "strings have no U+0000",
  "1.5.3-3": "U+FEFF is kept",
  "2.2.2-2": "bad header flags close",
  "2.3.1-1": "ids are not 0",
  "2.3.1-2": "an id that is in use is not used",
  "2.3.1-3": "an id is free only after its acknowledgement",
  "3.1.0-1": "CONNECT comes first",
  "3.1.2-4": "without clean session the state of a session goes on",
  "3.1.2-6": "with clean session nothing of an old session is left",
  "3.1.2-13": "without a will its QoS is 0",
  "3.1.2-15": "without a will its retain is 0",
  "3.1.2-22": "a password needs a user name",
  "3.1.2-23": "keep-alive counts packets sent",
  "3.1.2-24": "no PINGRESP closes",
  "3.1.3-7": "an empty client id needs clean session",
  "3.2.0-1": "CONNACK is the first packet of a server",
  "3.2.2-4": "a session that the broker lost is begun anew",
  "3.3.1-1": "DUP on what is sent again",
  "3.3.1-2": "no DUP at QoS 0",
  "3.3.1-4": "QoS 3 closes",
  "3.3.2-2": "no wildcards in topics",
  "3.6.1-1": "flags of PUBREL",
  "3.8.1-1": "flags of SUBSCRIBE",
  "3.8.3-3": "SUBSCRIBE has a filter",
  "3.9.3-1": "return codes in the order of the filters",
  "3.9.3-2": "a return code of 0x80 is a failure",
  "3.10.1-1": "flags of UNSUBSCRIBE",
  "3.10.3-2": "UNSUBSCRIBE has a filter",
  "3.14.4-1": "DISCONNECT closes",
  "3.14.4-2": "nothing after DISCONNECT",
  "4.3.2-2": "after PUBACK an id is a new message",
  "4.3.3-1": "no PUBLISH after its PUBREL; PUBREC for each PUBLISH",
  "4.3.3-2": "QoS 2 is delivered once; PUBCOMP for each PUBREL",
  "4.4.0-1": "what is unacknowledged is sent again on reconnect",
  "4.5.0-2": "a message is acknowledged whatever its handler does",
  "4.6.0-1": "order of re-sends",
  "4.6.0-2": "order of PUBACK",
  "4.6.0-3": "order of PUBREC",
  "4.6.0-4": "order of PUBREL",
  "4.7.1-2": "# is the last level",
  "4.7.1-3": "+ is a whole level",
  "4.7.3-1": "topics and filters have a character",
  "4.7.3-3": "topics and filters have at most 65535 bytes",
  "4.8.0-1": "a violation of the protocol closes",
  "4.8.0-2": "running out of room closes",
};

/** The ids in a text, those in short ("MQTT-4.6.0-2, -3") and in patterns ("MQTT-4\.6\.0-2") included. */
const idsIn = (text: string): string[] =>
  [...text.replaceAll("\\.", ".").matchAll(/MQTT-(\d+\.\d+\.\d+)((?:(?:, )?-\d+)+)/g)].flatMap(([, section, numbers]) =>
    [...numbers!.matchAll(/-\d+/g)].map(([number]) => section! + number));

const idsOf = (folder: string): Map<string, string> => {
  const found = new Map<string, string>();
  for (const name of readdirSync(folder, { recursive: true }).map((n) => String(n).replaceAll("\\", "/"))) {
    if (name.endsWith(".ts") && name !== SELF) {
      for (const id of idsIn(readFileSync(`${folder}/${name}`, "utf8"))) found.set(id, name);
    }
  }
  return found;
};

test("each statement is named by a test", () => {
  const named = idsOf(TESTS);
  const missing = Object.entries(STATEMENTS).filter(([id]) => !named.has(id)).map(([id, what]) => `MQTT-${id}: ${what}`);
  assert.equal(missing, [], `no file of test/ names ${missing.join("; ")}`);
});

test("each statement that the client names is in this list, or is named by a test all the same", () => {
  const named = idsOf(TESTS);
  const missing = [...idsOf(LIBRARY)].filter(([id]) => !(id in STATEMENTS) && !named.has(id));
  assert.equal(missing.map(([id, name]) => `${name}: MQTT-${id}`), []);
});

test("ids are found in each way that they are written", () => {
  assert.equal(idsIn("[MQTT-4.6.0-1, -2] /MQTT-3\\.3\\.2-2/ MQTT-3.14.4-1, -2, MQTT-1.5.3-3"), [
    "4.6.0-1", "4.6.0-2", "3.3.2-2", "3.14.4-1", "3.14.4-2", "1.5.3-3",
  ]);
});

test.run();
