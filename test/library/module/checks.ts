/** What the module for Espruino has to do that needs no interpreter: each check takes its text, right or wrong. */
import { isUtf8 } from "node:buffer";
import { createContext, runInContext } from "node:vm";
import * as assert from "uvu/assert";

/** Of the module, by the QoS that it speaks. */
export type Texts = Record<1 | 2, string>;

/** The module in V8, on a network that the test plays: a socket that notes, and has its events called. */
interface Stage {
  mqtt: { create(host: string, options?: object): Client };
  written: string[];
  tell(event: string, bytes?: string): void;
}
interface Client {
  connect(): void;
  publish(topic: string, message: string, how?: object): boolean;
  subscribe(filter: string, how?: object): void;
  on(event: string, fn: (what: unknown) => void): void;
  stats(): { dropped: number; skipped: number };
}

const stageOf = (texts: Texts) => (qos: 1 | 2 = 1): Stage => {
  const written: string[] = [];
  const heard: Record<string, (bytes?: string) => void> = {};
  const socket = {
    on: (event: string, fn: () => void) => void (heard[event] = fn), removeAllListeners: () => {}, end: () => {},
    write: (bytes: string) => void written.push(bytes),
  };
  const context = createContext({
    exports: {}, getSerial: () => "serial", E: {}, clearTimeout,
    // Clients are left running.
    setTimeout: (fn: () => void, ms: number) => setTimeout(fn, ms).unref(),
    require: () => ({ connect: (_options: object, open: () => void) => {
      heard["open"] = open;
      return socket;
    } }),
  });
  // Each object of Espruino has these.
  runInContext(`for (const [name, value] of Object.entries({
    on(event, fn) { (this["#on" + event] ??= []).push(fn); }, emit(event, what) { for (const fn of this["#on" + event] ?? []) fn(what); },
  })) Object.defineProperty(Object.prototype, name, { value }); E.toArrayBuffer = (s) => Uint8Array.from(s, (c) => c.charCodeAt(0)).buffer;`, context);
  runInContext(texts[qos], context);
  return { mqtt: context["exports"] as Stage["mqtt"], written, tell: (event, bytes) => heard[event]!(bytes) };
};

/** A client that is connected. */
const connectedOf = (texts: Texts) => (options: object = {}, qos: 1 | 2 = 1): [Client, Stage] => {
  const all = stageOf(texts)(qos);
  const client = all.mqtt.create("h", options);
  client.connect();
  all.tell("open");
  all.tell("data", "\x20\x02\0\0");
  all.written.splice(0);
  return [client, all];
};

/** By what it shows; each throws where it is not so. */
export const CHECKS: Record<string, (texts: Texts) => void> = {
  "options that cannot be right throw before anything is sent": (texts) => {
    const stage = stageOf(texts);
    const wrong: object[] = [
      { clean_session: false, client_id: "" }, { client_id: "\xff" }, { client_id: "a\0" }, { password: "x" }, { username: "\xc3" },
      { username: "x".repeat(65536) }, { keep_alive: -1 }, { keep_alive: 65536 }, { will: { topic: "a/#", message: "" } },
      { will: { topic: "a", message: "", qos: 3 } }, { will: { topic: "", message: "" } },
      { will: { topic: "a", message: "x".repeat(65536) } }, { inflight: { messages: 128, bytes: 64 } },
    ];
    for (const options of wrong) {
      const { mqtt, written } = stage();
      assert.throws(() => mqtt.create("h", options).connect(), /^MQTT: /, JSON.stringify(options).slice(0, 99));
      assert.equal(written, []);
      mqtt.create("h", { clean_session: true, client_id: "", username: "u", password: "p", will: { topic: "gr\xc3\xbcn", message: "" } });
    }
  },
  "a QoS that the module does not speak throws, as nothing would ever end it; with QoS 2 it is spoken": (texts) => {
    const connected = connectedOf(texts);
    const [one, { written }] = connected();
    for (const qos of [2, 3, -1, 0.5, "1"]) {
      assert.throws(() => one.publish("a", "x", { qos }), /^MQTT: qos .+ is not in this module/, String(qos));
      assert.throws(() => one.subscribe("a", { qos }), /^MQTT: qos/, String(qos));
    }
    assert.equal(written, []);
    assert.ok(one.publish("a", "x", { qos: 1 }));
    const [two, on] = connected({}, 2);
    assert.ok(two.publish("a", "x", { qos: 2 }));
    two.subscribe("b", { qos: 2 });
    assert.equal(on.written, ["\x34\x06\0\x01a\0\x01x", "\x82\x06\0\x02\0\x01b\x02"]);
  },
  "topics and filters are UTF-8 without U+0000 and without halves of surrogate pairs [MQTT-1.5.3-1, -2]": (texts) => {
    const connected = connectedOf(texts);
    const [client] = connected({ offline: { messages: 1, bytes: 1 } });
    const takes = (topic: string): boolean => {
      try {
        client.publish(topic, "");
        client.subscribe(topic);
      } catch {
        return false;
      }
      return true;
    };
    // One of each kind of byte, and those beside it.
    const bytes = [...Buffer.from("417f808f909fa0bfc1c2dfe0e1edeff0f3f4f5ff", "hex")];
    const last = [0x80, 0xbf];
    const all = [...bytes.map((a) => [a]), ...bytes.flatMap((a) => bytes.map((b) => [a, b])),
      ...bytes.flatMap((a) => bytes.flatMap((b) => last.flatMap((c) => [[a, b, c], [a, b, c, 0x80]])))];
    for (const each of all) {
      const buffer = Buffer.from(each);
      assert.is(takes(buffer.toString("latin1")), isUtf8(buffer), buffer.toString("hex"));
    }
    assert.not.ok(takes("a\0b") || takes("") || takes("\0"));
  },
  "a message that is too large is told, and so is room after the network took no more": (texts) => {
    const connected = connectedOf(texts);
    const [client, { tell, written }] = connected({ largest: 127 });
    const told: unknown[] = [];
    client.on("skipped", (count) => told.push(count));
    client.on("room", () => told.push("room"));
    tell("data", `\x32\x80\x02\0\x01a\0\x07${"x".repeat(100)}`);
    tell("data", "x".repeat(151));
    assert.equal([told, written, client.stats().skipped], [[1], ["\x40\x02\0\x07"], 1]);
    while (client.publish("a", "x".repeat(100)));
    assert.equal(told, [1]);
    tell("drain");
    tell("drain");
    assert.equal([told, client.publish("a", "x")], [[1, "room"], true]);
  },
  "wildcards are whole levels of filters, and in no topic [MQTT-3.3.2-2, 4.7.1-2, -3]": (texts) => {
    const [client, { written }] = connectedOf(texts)();
    for (const topic of ["a/#", "#", "+", "a/+/b"]) assert.throws(() => client.publish(topic, ""), /^MQTT: no topic/, topic);
    for (const filter of ["a#", "#/a", "a+/b", "+a", "", "a/#/"]) {
      assert.throws(() => client.subscribe(filter), /^MQTT: no filter/, filter);
    }
    assert.equal(written, []);
    for (const filter of ["#", "+", "a/#", "+/a", "a/+/b", "/"]) client.subscribe(filter);
  },
};
