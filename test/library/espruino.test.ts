/** The module for Espruino: its text, and the example sketch on the real interpreter against a real broker. */
import mqtt from "mqtt";
import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findEspruino, MARK, runOn } from "../../bench/interpreter.ts";
import { startAedes, type RunningBroker } from "../../interop/brokers.ts";
import { libraryText } from "../../tools/library.ts";

const espruino = findEspruino();
const needs = espruino === undefined ? " (skipped: set ESPRUINO to a Linux build of Espruino)" : "";
const onInterpreter = espruino === undefined ? test.skip : test;

const texts = { 1: await libraryText(1), 2: await libraryText(2) };

test("the module is one line of ASCII that the interpreter can run, with QoS 2 on demand", async () => {
  const { 1: one, 2: two } = texts;
  assert.match(one, /^[\x20-\x7e]+\n$/);
  assert.ok(one.length < two.length && two.length < 8200, `${one.length} and ${two.length} bytes`);
});

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

const stage = (qos: 1 | 2 = 1): Stage => {
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

/** What goes wrong with a client that is connected. */
const connected = (options: object = {}, qos: 1 | 2 = 1): [Client, Stage] => {
  const all = stage(qos);
  const client = all.mqtt.create("h", options);
  client.connect();
  all.tell("open");
  all.tell("data", "\x20\x02\0\0");
  all.written.splice(0);
  return [client, all];
};

test("options that cannot be right throw before anything is sent", () => {
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
});

test("a QoS that the module does not speak throws, as nothing would ever end it; with QoS 2 it is spoken", () => {
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
});

test("topics and filters are UTF-8 without U+0000 and without halves of surrogate pairs [MQTT-1.5.3-1, -2]", () => {
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
});

test("a message that is too large is told, and so is room after the network took no more", () => {
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
});

interface Run {
  messages: string[];
  result: Record<string, unknown>;
}

/** Runs a script with the module in the Storage; `play` is the other side, with all that was published. */
const run = async (
  script: (broker: RunningBroker) => string, play: (referee: mqtt.MqttClient, message: string) => void, qos: 1 | 2 = 1,
): Promise<Run> => {
  const broker = await startAedes();
  const { host, port, username, password } = broker;
  const referee = mqtt.connect({ host, port, username: username!, password: password!, protocol: "mqtt" });
  const messages: string[] = [];
  try {
    await referee.subscribeAsync("#", { qos: 2 });
    referee.on("message", (topic, payload, { qos: level }) => {
      messages.push(`${topic} ${payload.toString("latin1")} ${level}`);
      play(referee, `${topic} ${payload.toString("latin1")}`);
    });
    const result = await runOn(espruino!, script(broker), { mqtt: texts[qos] }, 30000);
    return { messages, result };
  } finally {
    await referee.endAsync(true);
    await broker.stop();
  }
};

const login = ({ username, password }: RunningBroker): string =>
  `username: ${JSON.stringify(username)}, password: ${JSON.stringify(password)},`;

onInterpreter(`the example sketch publishes, and answers what it subscribed to${needs}`, async () => {
  const text = readFileSync(new URL("../../examples/espruino-sketch.js", import.meta.url), "utf8");
  const { messages } = await run((broker) => {
    const sketch = text.replace('"192.168.1.10", {', `"127.0.0.1", { port: ${broker.port}, ${login(broker)}`);
    assert.not.equal(sketch, text);
    return `Modules.addCached("Wifi", "exports.connect = function(s, o, then) { setTimeout(then, 10); };");
E.getTemperature = function() { return 21.46; };
${sketch}
mqtt.on("publish", function(m) { if (m.message === "bye") setTimeout(function() { print('${MARK}{}'); }, 100); });`;
  }, (referee, message) => {
    if (message.startsWith("shed/temperature")) referee.publish("shed/ping", "hello", { qos: 1 });
    if (message === "shed/pong hello") referee.publish("shed/ping", "bye", { qos: 1 });
  });
  for (const wanted of ["shed/status online 1", "shed/temperature 21.5 1", "shed/pong hello 1"]) {
    assert.ok(messages.includes(wanted), `${wanted} in ${messages.join("; ")}`);
  }
});

onInterpreter(`QoS 0, 1 and 2 both ways, bytes, retain, unsubscribe, refusals and bad topics${needs}`, async () => {
  const { messages, result } = await run((broker) => `
var log = [];
var mqtt = require("mqtt").connect({ host: "127.0.0.1", port: ${broker.port}, ${login(broker)} client_id: "e" });
mqtt.on("publish", function(m) {
  log.push(m.topic + " " + m.message + " " + m.retain);
  if (m.topic === "in/2") { mqtt.unsubscribe("in/+"); mqtt.subscribe("denied/#"); }
});
mqtt.on("skipped", function(n) { log.push("skipped " + n); });
mqtt.on("error", function(what) { log.push(what); mqtt.publish("done", "", { qos: 1 }); mqtt.subscribe("bye"); });
mqtt.on("publish", function(m) {
  if (m.topic === "bye") { mqtt.disconnect(); print('${MARK}' + JSON.stringify({ log: log.join(";"), stats: JSON.stringify(mqtt.stats()).replace(/[{}"]/g, "") })); }
});
mqtt.on("connected", function() {
  ["", "a/#", "a\\0", "\\xff", "\\xed\\xa0\\x80"].forEach(function(t) { try { mqtt.publish(t, ""); } catch (e) { log.push("bad topic"); } });
  ["a#", "#/a", "a+/b", ""].forEach(function(t) { try { mqtt.subscribe(t); } catch (e) { log.push("bad filter"); } });
  mqtt.publish("out/0", 21.5);
  mqtt.publish("out/1", new Uint8Array([0, 255]), { qos: 1 });
  mqtt.publish("out/2", "two", { qos: 2, retain: true });
  mqtt.subscribe("in/+", { qos: 2 });
  mqtt.subscribe("out/2", { qos: 1 });
});`, (referee, message) => {
    if (message === "out/2 two") {
      referee.publish("in/1", "y".repeat(600), { qos: 1 });
      for (const qos of [0, 1, 2] as const) referee.publish(`in/${qos}`, "x", { qos });
    }
    if (message === "done ") referee.publish("bye", "");
  }, 2);
  assert.equal(messages.filter((m) => m.startsWith("out/")), ["out/0 21.5 0", "out/1 \0\xff 1", "out/2 two 2"]);
  assert.is(result["stats"], "dropped:0,skipped:1");
  const log = String(result["log"]).split(";");
  assert.is(log.filter((line) => line === "bad topic").length, 5);
  assert.is(log.filter((line) => line === "bad filter").length, 4);
  for (const line of ["in/0 x false", "in/1 x false", "in/2 x false", "out/2 two true", "subscription refused", "skipped 1"]) {
    assert.is(log.filter((l) => l === line).length, 1, `${line} in ${log.join("; ")}`);
  }
});

onInterpreter(`each message is told what became of it once, there is word of room, and flush leaves nothing behind${needs}`, async () => {
  const { messages, result } = await run((broker) => `
var log = [];
var note = function(name) { return function(outcome) { log.push(name + " " + outcome); }; };
var mqtt = require("mqtt").create("127.0.0.1", {
  port: ${broker.port}, ${login(broker)} client_id: "e", inflight: { messages: 1, bytes: 64 },
  offline: { messages: 2, bytes: 100, max_age: 1 },
});
mqtt.publish("out/0", "", { qos: 0 }, note("offline"));
mqtt.publish("out/1", "old", { qos: 1 }, note("old"));
mqtt.on("room", function() {
  log.push("room");
  mqtt.publish("out/1", "room", { qos: 1 }, note("last"));
  mqtt.flush(5000, function(complete) {
    log.push("flushed " + complete + " " + mqtt.connected);
    setTimeout(function() { print('${MARK}' + JSON.stringify({ log: log.join(";"), stats: JSON.stringify(mqtt.stats()).replace(/[{}"]/g, "") })); }, 200);
  });
});
mqtt.on("connected", function() { mqtt.publish("out/0", "now", {}, note("qos 0")); });
setTimeout(function() {
  ["1", "2", "3"].forEach(function(text) { mqtt.publish("out/1", text, { qos: 1 }, note(text)); });
  mqtt.connect();
}, 1500);`, () => {});
  assert.equal(messages.map((m) => m.replace("out/", "")).sort(), ["0 now 0", "1 1 1", "1 2 1", "1 room 1"]);
  const log = String(result["log"]).split(";");
  assert.equal(log.slice(0, 3), ["offline dropped", "old expired", "3 dropped"]);
  assert.equal(log.slice(3).sort(), [
    "1 acknowledged", "2 acknowledged", "flushed true false", "last acknowledged", "qos 0 sent", "room",
  ]);
  assert.ok(log.indexOf("flushed true false") === log.length - 1, log.join("; "));
  assert.is(result["stats"], "dropped:3,skipped:0");
});

test.run();
