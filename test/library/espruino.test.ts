/** The module for Espruino: its text, and the example sketch on the real interpreter against a real broker. */
import mqtt from "mqtt";
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findEspruino, MARK, runOn } from "../../bench/interpreter.ts";
import { startAedes, type RunningBroker } from "../../interop/brokers.ts";
import { libraryText } from "../../tools/library.ts";
import { CHECKS } from "./module/checks.ts";
import { MUTANTS, mutate, plainText } from "./module/mutants.ts";

const espruino = findEspruino();
const needs = espruino === undefined ? " (skipped: set ESPRUINO to a Linux build of Espruino)" : "";
const onInterpreter = espruino === undefined ? test.skip : test;

const texts = { 1: await libraryText(1), 2: await libraryText(2) };

test("the module is one line of ASCII that the interpreter can run, with QoS 2 on demand", async () => {
  const { 1: one, 2: two } = texts;
  assert.match(one, /^[\x20-\x7e]+\n$/);
  assert.ok(one.length < two.length && two.length < 8200, `${one.length} and ${two.length} bytes`);
});

for (const [name, check] of Object.entries(CHECKS)) test(name, () => check(texts));

test("a module that is wrong in one place fails one of these", async () => {
  const plain = { 1: await plainText(1), 2: await plainText(2) };
  for (const check of Object.values(CHECKS)) check(plain);
  for (const mutant of MUTANTS) {
    const wrong = { 1: mutate(plain[1], mutant), 2: mutate(plain[2], mutant) };
    const found = Object.values(CHECKS).some((check) => {
      try {
        check(wrong);
      } catch {
        return true;
      }
      return false;
    });
    assert.ok(found, `nothing tells a module that ${mutant.name}`);
  }
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
