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

/** Filters and forms of a reading, a sensor each. */
const bme280 = (id: string, bus: string, address: string, publish: object, filters: object): object =>
  ({ driver: "bme280", id, bus, address, interval: "30s", publish, filters });
const ALL = {
  buses: { i2c1: { sda: "D21", scl: "D22" }, i2c2: { sda: "D25", scl: "D26" } },
  sensors: [
    bme280("air", "i2c1", "0x76", { qos: 1 }, FILTERS),
    bme280("values", "i2c1", "0x77", { qos: 0, as: "value" }, {
      temperature: FILTERS.temperature, humidity: [{ throttle: "2m" }],
    }),
    bme280("unsure", "i2c2", "0x76", { qos: 0 }, FILTERS),
    bme280("loose", "i2c2", "0x77", { qos: 0, as: "value" }, FILTERS),
    {
      driver: "sht3x", id: "smooth", bus: "i2c1", address: "0x44", interval: "30s",
      filters: { temperature: [{ average: 10 }, { delta: 0.5 }, { heartbeat: "1h" }], humidity: [{ delta: 50 }] },
    },
  ],
};
const IDS = ["air", "values", "unsure", "loose", "smooth"];
const QUIET = Object.fromEntries(IDS.flatMap((id) => Object.entries(STILL)
  .map(([signal, value]) => [signal.replace("air", id), value] as const)
  .filter(([signal]) => signal !== "smooth.pressure")));
const setAll = (node: Simulation, signal: string, value: number): void =>
  IDS.forEach((id) => node.world.set(`${id}.${signal}`, value));
const payloads = (node: Simulation, topic: string): string[] =>
  node.messages.flatMap((message) => (message.topic === `greenhouse/${topic}` ? [message.payload] : []));

for (const { name, board } of engines("node/filters: by the hour")) {
  const built = await buildGreenhouse({ ...ALL, ...board });
  const onNode = (use: (node: Simulation) => Promise<void>): Promise<void> => withNode(built, { world: QUIET }, use);

  test(`${name}: as values, each quantity goes by its own filters, and one without is published with each reading`, () =>
    onNode(async (node) => {
      await node.run(10 * MINUTE);
      const count = (field: string): number => payloads(node, `values/${field}`).length;
      assert.equal([count("temperature"), count("humidity"), count("pressure")], [1, 5, 20]);
    }));

  test(`${name}: a change that is lost at QoS 0 is published when there is a session again, as JSON and as a value`, () =>
    onNode(async (node) => {
      const temperatures = (topic: string): string[] => payloads(node, topic).map((text) => /\d+\.\d/.exec(text)![0]);
      await node.run(2 * MINUTE);
      // The chip notices after some seconds: the first reading goes into a link that is dead already.
      node.network.setWifi(false);
      setAll(node, "temperature", 25);
      await node.run(MINUTE);
      // This one finds no session, and is counted.
      setAll(node, "temperature", 26);
      await node.run(4 * MINUTE);
      const topics = ["unsure", "loose/temperature"];
      assert.equal(topics.map(temperatures), [["19.5"], ["19.5"]]);
      node.network.setWifi(true);
      setAll(node, "temperature", 25);
      await node.run(3 * MINUTE);
      assert.equal(topics.map(temperatures), [["19.5", "24.5"], ["19.5", "24.5"]]);
      assert.ok(Number(diagnostics(node)["dropped"]) >= 5);
    }));

  test(`${name}: what passes while there is no network waits in the queue, which filters make last longer`, () =>
    onNode(async (node) => {
      await node.run(2 * MINUTE);
      node.network.setWifi(false);
      for (let i = 1; i <= 12; i++) {
        node.world.set("air.temperature", 20 + i);
        await node.run(2 * MINUTE);
      }
      node.network.setWifi(true);
      await node.run(4 * MINUTE);
      // 48 readings, of which the queue of 32 would have lost some. What is said again with the new session, as this
      // board publishes at QoS 0, too, is the last one.
      const expected = Array.from({ length: 13 }, (_, i) => 195 + 10 * i);
      assert.equal([...new Set(seen(node).map(([temperature]) => temperature))], expected);
    }));

  test(`${name}: after a restart the first reading passes, and windows begin anew`, () =>
    onNode(async (node) => {
      await node.run(5 * MINUTE);
      setAll(node, "temperature", 24);
      await node.kill();
      await node.powerOn();
      await node.run(MINUTE);
      const temperatures = payloads(node, "smooth").map((text) => (JSON.parse(text) as { temperature: number }).temperature);
      assert.equal(temperatures.map(Math.round), [20, 24]);
    }));

  test(`${name}: reads that fail are not made up: no message and no heartbeat of them`, () =>
    onNode(async (node) => {
      await node.run(2 * MINUTE);
      node.machine.setFault("air", "absent", true);
      await node.run(12 * MINUTE);
      assert.is(readings(node).length, 1);
      node.machine.setFault("air", "absent", false);
      await node.run(MINUTE);
      assert.is(readings(node).length, 2);
    }));
}

// What the builds have of filters is the same on each engine: v8 alone.
test("a board pays for the filters that it names, and for no other", async () => {
  const filtersOf = ({ manifest }: Built): string[] =>
    Object.keys(manifest.modules).filter((name) => /filters|shaped|held/.test(name));
  assert.equal(filtersOf(await buildGreenhouse()), []);
  const sensors = [bme280("air", "i2c1", "0x76", { qos: 1 }, FILTERS)];
  const { manifest } = await buildGreenhouse({ sensors });
  assert.equal(filtersOf({ manifest } as Built), [
    "firmware/held.ts", "firmware/shaped.ts", "lib/filters/delta.ts", "lib/filters/heartbeat.ts", "lib/filters/line.ts",
    "lib/filters/round.ts",
  ]);
  assert.equal(manifest.sensors[0]!.fields.map(({ decimals }) => decimals), [1, 2, 2]);
});

test.run();
