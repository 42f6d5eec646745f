/** Filters in the whole node: what a board file asks for is what arrives at the broker, on each engine. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Simulation } from "../../simulator/simulator.ts";
import { buildGreenhouse, diagnostics, readings, withNode, type Built } from "./board.ts";
import { engines } from "./engine-table.ts";

const MINUTE = 60_000;
const FILTERS = {
  temperature: [{ calibrate: { offset: -0.5 } }, { delta: 0.5 }, { heartbeat: "10m" }, { round: 1 }],
  humidity: [{ delta: 5 }],
};

const build = (
  publish: object = { qos: 1 }, filters: object = FILTERS, interval = "30s", more: object = {},
): Promise<Built> => buildGreenhouse({
  sensors: [{ driver: "bme280", id: "air", bus: "i2c1", address: "0x76", interval, publish, filters }], ...more,
});

const json = await build();
const STILL = { "air.temperature": 20, "air.humidity": 50, "air.pressure": 1000 };

/** What arrived, with temperature and humidity as whole numbers of 0.1 and of 1. */
const seen = (node: Simulation): [number, number][] => readings(node).map((text) => {
  const { temperature, humidity } = JSON.parse(text) as { temperature: number; humidity: number };
  assert.match(text, /"temperature":-?\d+\.\d,"humidity":\d+\.\d\d,"pressure":\d+\.\d\d/);
  return [Math.round(temperature * 10), Math.round(humidity)];
});

const SHORT = {
  temperature: [{ calibrate: { offset: -0.5 } }, { median: 3 }, { delta: 0.5 }, { heartbeat: "1m" }, { round: 1 }],
  humidity: [{ delta: 5 }],
};
const MINUTELY = { heartbeat: "1m" };
/** Numbers, words, and sensors that tell by themselves when something has changed. */
const MIXED = [
  { driver: "bme280", id: "air", bus: "i2c1", address: "0x76", interval: "10s", publish: { qos: 1 }, filters: SHORT },
  { driver: "contact", id: "door", pin: "D4", interval: "10s", filters: { contact: [{ delta: 1 }, MINUTELY] } },
  { driver: "rotary", id: "knob", a: "D18", b: "D19", interval: "10s", filters: { position: [{ delta: 5 }, MINUTELY] } },
  { driver: "chip", id: "self", interval: "10s", quantities: ["resetReason"], filters: { resetReason: [{ delta: 1 }, MINUTELY] } },
];

for (const { name, board, options } of engines()) {
  test(`${name}: a steady world is one message and its heartbeats, a change is a message with all that there is`, async () => {
    const built = await buildGreenhouse({ sensors: MIXED, ...board });
    await withNode(built, { world: { ...STILL, "door.contact": 0, "knob.position": 0 }, engine: name, ...options }, async (node) => {
      const all = (id: string): string[] =>
        node.messages.flatMap(({ topic, payload }) => (topic === `greenhouse/${id}` ? [payload] : []));
      await node.until("the first readings", () => MIXED.every(({ id }) => all(id).length === 1), 10 * MINUTE);
      // Short, as real engines run it, too.
      await node.run(25_000);
      for (const [signal, value] of [["air.temperature", 21], ["door.contact", 1], ["knob.position", 3]] as const) {
        node.world.set(signal, value);
      }
      await node.run(5000);
      assert.equal(all("door").length, 2, "a change of a contact waits for no interval");
      await node.run(15_000);
      node.world.set("air.humidity", 60);
      node.world.set("knob.position", 7);
      await node.run(80_000);
      // Start, two changes (the first is past its median a reading later), and a heartbeat a minute after the second.
      assert.equal(seen(node), [[195, 50], [205, 50], [205, 60], [205, 60]]);
      assert.equal(all("door"), ["OFF", "ON", "ON"].map((word) => `{"contact":"${word}"}`));
      // 3 of 5 are not enough.
      assert.equal(all("knob"), [0, 7, 7].map((position) => `{"position":${position}}`));
      assert.ok(all("self").length >= 2 && all("self").length <= 3, `${all("self").length} heartbeats`);
      assert.is(new Set(all("self")).size, 1);
      assert.match(all("self")[0]!, /^\{"resetReason":"[a-z ]+"\}$/);
    });
  });
}

test("as values, each quantity goes by its own filters, and one without is published with each reading", async () => {
  const values = await build({ qos: 1, as: "value" }, { temperature: FILTERS.temperature, humidity: [{ throttle: "2m" }] });
  await withNode(values, { world: STILL }, async (node) => {
    await node.run(10 * MINUTE);
    const count = (field: string): number =>
      node.messages.filter(({ topic }) => topic === `greenhouse/air/${field}`).length;
    assert.equal([count("temperature"), count("humidity"), count("pressure")], [1, 5, 20]);
  });
});

test("a change that is lost at QoS 0 is published when there is a session again, as JSON and as a value", async () => {
  for (const as of ["json", "value"]) {
    await withNode(await build({ qos: 0, as }), { world: STILL }, async (node) => {
      const temperatures = (): string[] => node.messages.flatMap(({ topic, payload }) =>
        (as === "json" ? /^greenhouse\/air$/ : /^greenhouse\/air\/temperature$/).test(topic)
          ? [/\d+\.\d/.exec(payload)![0]] : []);
      await node.run(2 * MINUTE);
      // The chip notices after some seconds: the first reading goes into a link that is dead already.
      node.network.setWifi(false);
      node.world.set("air.temperature", 25);
      await node.run(MINUTE);
      // This one finds no session, and is counted.
      node.world.set("air.temperature", 26);
      await node.run(4 * MINUTE);
      assert.equal(temperatures(), ["19.5"]);
      node.network.setWifi(true);
      node.world.set("air.temperature", 25);
      await node.run(3 * MINUTE);
      assert.equal(temperatures(), ["19.5", "24.5"]);
      assert.ok(Number(diagnostics(node)["dropped"]) >= 5);
    });
  }
});

test("what passes while there is no network waits in the queue, which filters make last longer", async () => {
  await withNode(json, { world: STILL }, async (node) => {
    await node.run(2 * MINUTE);
    node.network.setWifi(false);
    for (let i = 1; i <= 20; i++) {
      node.world.set("air.temperature", 20 + i);
      await node.run(2 * MINUTE);
    }
    node.network.setWifi(true);
    await node.run(4 * MINUTE);
    // 80 readings, of which the queue of 32 would have lost most.
    assert.equal(seen(node).map(([temperature]) => temperature), Array.from({ length: 21 }, (_, i) => 195 + 10 * i));
    assert.is(diagnostics(node)["dropped"], 0);
  });
});

test("after a restart the first reading passes, and windows begin anew", async () => {
  const smooth = await build({ qos: 1 }, { temperature: [{ average: 10 }, { delta: 0.5 }, { heartbeat: "1h" }] });
  await withNode(smooth, { world: STILL }, async (node) => {
    await node.run(5 * MINUTE);
    node.world.set("air.temperature", 24);
    await node.kill();
    await node.powerOn();
    await node.run(MINUTE);
    const temperatures = readings(node).map((text) => (JSON.parse(text) as { temperature: number }).temperature);
    assert.equal(temperatures.map(Math.round), [20, 24]);
  });
});

test("reads that fail are not made up: no message and no heartbeat of them", async () => {
  await withNode(json, { world: STILL }, async (node) => {
    await node.run(2 * MINUTE);
    node.machine.setFault("air", "absent", true);
    await node.run(30 * MINUTE);
    assert.is(readings(node).length, 1);
    node.machine.setFault("air", "absent", false);
    await node.run(MINUTE);
    assert.is(readings(node).length, 2);
  });
});

test("a board pays for the filters that it names, and for no other", async () => {
  const without = await build({ qos: 1 }, {});
  const plain = Object.keys(without.manifest.modules).filter((name) => /filters|shaped|held/.test(name));
  assert.equal(plain, []);
  const used = Object.keys(json.manifest.modules).filter((name) => /filters|shaped|held/.test(name));
  assert.equal(used, [
    "firmware/held.ts", "firmware/shaped.ts", "lib/filters/delta.ts", "lib/filters/heartbeat.ts", "lib/filters/line.ts",
    "lib/filters/round.ts",
  ]);
  assert.equal(json.manifest.sensors[0]!.fields.map(({ decimals }) => decimals), [1, 2, 2]);
});

test.run();
