/** Same world, same seed: the engines publish the same bytes, on a virtual clock, of several boards of `boards/`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { SimulateOptions } from "../../simulator/simulator.ts";
import { root } from "../../tools/build/root.ts";
import { buildBoard, buildGreenhouse, diagnostics, LOGIN, withNode, type Built } from "./board.ts";
import { engines } from "./engine-table.ts";

const ESP8266 = { hardware: "esp8266-nodemcu", buses: { i2c1: { sda: "D4", scl: "D5" } } };

/** The boards: each engine on the ESP32, and Lua on the ESP8266, whose platform modules are others. */
const CHOICES = await Promise.all(engines("node/same").flatMap(({ name, board }) => [
  { what: `${name} on ESP32`, board },
  ...(board["target"] === "nodemcu" ? [{ what: `${name} on ESP8266`, board: { ...board, ...ESP8266 } }] : []),
]).map(async ({ what, board }) => ({ what, built: await buildGreenhouse(board) })));

const RUN_MS = 6 * 60_000;

interface Seen {
  /** Topic, payload, QoS and retain of each message but the diagnostics, which tell of the chip itself. */
  messages: string[];
  /** What of the diagnostics is not of the chip. */
  node: Record<string, unknown>;
}

const run = async (built: Built, options: Partial<SimulateOptions>, fault?: string): Promise<Seen> => {
  const seen: Seen = { messages: [], node: {} };
  await withNode(built, options, async (sim) => {
    if (fault !== undefined) sim.machine.setFault("air", fault, true);
    await sim.run(RUN_MS);
    seen.messages = sim.messages.filter(({ topic }) => !topic.endsWith("/diagnostics"))
      .map(({ topic, payload, qos, retain }) => `${topic} ${payload} ${qos} ${retain}`);
    const { reconnects, lastReason, dropped, faults, errors } = diagnostics(sim);
    seen.node = { reconnects, lastReason, dropped, faults, errors };
  });
  return seen;
};

const CASES: [name: string, options: Partial<SimulateOptions>, fault?: string][] = [
  ["a steady world", { seed: 7, world: { "air.temperature": 18.4, "air.humidity": 61, "air.pressure": 990 } }],
  ["frost", { seed: 8, world: { "air.temperature": -21.37, "air.humidity": 98.2, "air.pressure": 1031.7 } }],
  ["latency, and packets in pieces", {
    seed: 9, faults: { latencyMs: 80, fragmentBytes: 3 }, world: { "air.temperature": 30, "air.humidity": 20, "air.pressure": 800 },
  }],
  ["a part that is not there", { seed: 10 }, "absent"],
];

for (const [name, options, fault] of CASES) {
  const expected = await run(CHOICES[0]!.built, options, fault);
  test(`${name}: there is something to compare`, () => {
    assert.ok(expected.messages.length >= (fault === undefined ? RUN_MS / 30_000 + 1 : 1), `${expected.messages.length} messages`);
    assert.is(Object.keys(expected.node["errors"] as object).length, fault === undefined ? 0 : 1);
  });
  for (const { what, built } of CHOICES.slice(1)) {
    test(`${name}: ${what} publishes the bytes of ${CHOICES[0]!.what}`, async () => {
      assert.equal(await run(built, options, fault), expected);
    });
  }
}

/** The other boards: a WebSocket and an analog input; filters; a store and 1-Wire. Their worlds change half way. */
const BOARDS: Record<string, [before: Record<string, number>, after: Record<string, number>]> = {
  attic: [
    { "air.temperature": 12.5, "air.humidity": 40, "air.pressure": 1001, "roof.temperature": 31 },
    { "air.temperature": 13.75, "air.humidity": 47.3, "air.pressure": 1002.2, "roof.temperature": -4 },
  ],
  coldframe: [
    { "air.temperature": 3.26, "air.humidity": 88, "air.pressure": 1020 },
    { "air.temperature": -2.5, "air.humidity": 70, "air.pressure": 990 },
  ],
  freezer: [{ "probes.inlet": -18.5, "probes.outlet": -19.0625 }, { "probes.inlet": -12, "probes.outlet": 0.5 }],
};

/** A board file without what is for one target. */
const fileOf = (name: string): Record<string, unknown> => {
  const { nodemcu: _, extends: base, ...rest } = JSON.parse(readFileSync(join(root, "boards", `${name}.json`), "utf8")) as
    Record<string, unknown> & { extends?: string };
  return { ...rest, ...(base === undefined ? {} : { extends: join(root, "boards", base) }) };
};

for (const [name, [before, after]] of Object.entries(BOARDS)) {
  const seen = await Promise.all(engines("node/same").map(async ({ board }) => {
    const built = await buildBoard({ ...fileOf(name), ...board });
    let messages: string[] = [];
    const credentials = { ...LOGIN, username: built.manifest.mqtt.username! };
    await withNode(built, { seed: 11, world: before, credentials }, async (sim) => {
      await sim.run(RUN_MS);
      for (const [signal, value] of Object.entries(after)) sim.world.set(signal, value);
      await sim.run(RUN_MS);
      messages = sim.messages.filter(({ topic }) => !topic.endsWith("/diagnostics"))
        .map(({ topic, payload, qos, retain }) => `${topic} ${payload} ${qos} ${retain}`);
    });
    return messages;
  }));
  engines("node/same").forEach((engine, at) => test(`${name}: ${engine.name} publishes the bytes of the others`, () => {
    assert.ok(seen[at]!.length > 3, `${seen[at]!.length} messages`);
    assert.ok(new Set(seen[at]).size > 2, "nothing changed");
    assert.equal(seen[at], seen[0]);
  }));
}

test.run();
