import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findEspruino } from "../../simulator/engines/espruino.ts";
import { simulate, type SimulateOptions, type Simulation } from "../../simulator/simulator.ts";
import { build } from "../../tools/build/build.ts";

const MINUTE = 60_000;
const interpreter = findEspruino();
if (interpreter === undefined) console.log("SKIP: no Espruino interpreter (set ESPRUINO): the node runs on v8 alone");

const folder = await mkdtemp(join(tmpdir(), "motelet-test-"));
const built = await build("boards/greenhouse.json", { outDir: folder, secrets: "simulated" });
const manifest = built.manifest!;
const firmware = await readFile(built.file!);
await rm(folder, { recursive: true });

const credentials = { username: "greenhouse", password: "simulated-mqtt_password" };

async function withNode(options: Partial<SimulateOptions>, run: (sim: Simulation) => Promise<void>): Promise<void> {
  const sim = await simulate({ manifest, firmware, virtual: true, credentials, ...options });
  try {
    await run(sim);
  } finally {
    await sim.close();
  }
}

const readings = (sim: Simulation): { t: number; temperature: number }[] => sim.messages
  .filter(({ topic }) => topic === "greenhouse/air")
  .map(({ t, payload }) => ({ t, ...JSON.parse(payload) as { temperature: number } }));

/**
 * A temperature that tells when it was read: 10 degrees and a hundredth for each interval since the start.
 */
const rising = (ms: number): number => 10 + 0.01 * Math.floor(ms / 30_000);

/** The intervals of which the readings tell, first and last of the run, without doubles. */
const intervals = (sim: Simulation): number[] =>
  [...new Set(readings(sim).map(({ temperature }) => Math.round((temperature - 10) * 100)))];

const counting = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test("a node publishes its birth, then a reading at once and each interval", () => withNode({}, async (sim) => {
  await sim.run(2 * MINUTE);
  assert.is(sim.messages[0]?.topic, "greenhouse/availability");
  assert.is(readings(sim).length, 4);
  assert.ok(readings(sim)[0]!.t < 2000);
  assert.equal(sim.events.filter(({ type }) => type === "warning"), []);
}));

test("equal seeds give equal events, and a day passes", async () => {
  const run = async (seed: number): Promise<string> => {
    let text = "";
    await withNode({ seed, faults: { latencyMs: 20, jitterMs: 30, fragmentBytes: 40 } }, async (sim) => {
      await sim.run(24 * 60 * MINUTE);
      assert.is(readings(sim).length, 2880);
      text = sim.events.filter(({ type }) => type !== "broker").map((event) => JSON.stringify(event)).join("\n");
    });
    return text;
  };
  const first = await run(5);
  assert.ok(first === await run(5), "two runs of seed 5 differ");
  assert.ok(first !== await run(6), "seed 6 gives the same run as seed 5");
});

test("ten minutes without Wi-Fi lose no reading", () => withNode({}, async (sim) => {
  sim.world.set("air.temperature", rising);
  await sim.run(5 * MINUTE);
  sim.network.setWifi(false);
  await sim.run(10 * MINUTE);
  sim.network.setWifi(true);
  await sim.run(5 * MINUTE);
  assert.equal(intervals(sim), counting(0, 39));
}));

for (const how of ["fin", "rst", "blackhole"] as const) {
  test(`a connection that is cut by ${how} loses no reading`, () => withNode({}, async (sim) => {
    sim.world.set("air.temperature", rising);
    await sim.run(5 * MINUTE);
    sim.network.cut(how);
    await sim.run(10 * MINUTE);
    assert.equal(intervals(sim), counting(0, 29));
    assert.is(sim.events.filter((event) => event.type === "broker" && event.state === "connected").length, 2);
  }));
}

for (const code of [1, 2, 3, 4, 5]) {
  test(`a broker that refuses with code ${code} is tried again until it lets the node in`, () => withNode({}, async (sim) => {
    sim.broker!.refuse(code);
    await sim.run(5 * MINUTE);
    const refused = sim.events.filter((event) => event.type === "broker" && event.state === "refused" && event.code === code);
    assert.ok(refused.length > 1, `${refused.length} attempts`);
    assert.is(readings(sim).length, 0);
    sim.broker!.refuse(0);
    await sim.run(5 * MINUTE);
    assert.ok(readings(sim).length > 5);
  }));
}

test("the broker publishes the will of a node whose power is cut, at once or after its keep-alive", () =>
  withNode({}, async (sim) => {
    await sim.run(MINUTE);
    await sim.kill("silent");
    const before = sim.messages.length;
    await sim.run(80_000);
    assert.is(sim.messages.length, before);
    await sim.run(MINUTE);
    assert.equal(sim.messages.slice(before).map(({ topic, payload }) => [topic, payload]),
      [["greenhouse/availability", "offline"]]);
    await sim.powerOn();
    await sim.run(MINUTE);
    await sim.kill();
    await sim.run(1);
    assert.is(sim.messages.at(-1)?.payload, "offline");
  }));

test("a wrong Wi-Fi password keeps the node out", () => withNode(
  { wifi: { ssid: "simulated-wifi_ssid", password: "other" } }, async (sim) => {
    await sim.run(2 * MINUTE);
    assert.equal(sim.messages, []);
    assert.ok(sim.events.some((event) => event.type === "wifi" && event.state === "lost"
      && event.reason === "4WAY_HANDSHAKE_TIMEOUT"));
  }));

test("signals that are set are what arrives; an unknown one is a plain error", async () => {
  await withNode({ world: { "air.temperature": 30 } }, async (sim) => {
    await sim.run(5000);
    assert.ok(Math.abs(readings(sim)[0]!.temperature - 30) < 0.1);
  });
  try {
    await withNode({ world: { "air.temprature": 30 } }, async () => {});
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /there is no signal "air.temprature".*did you mean.*air\.temperature/);
  }
});

if (interpreter !== undefined) {
  test("the same bytes publish the same readings on the real interpreter", async () => {
    const world = { "air.temperature": 21.4, "air.humidity": 48, "air.pressure": 1001.5 };
    const first = async (options: Partial<SimulateOptions>): Promise<unknown> => {
      let message: unknown;
      await withNode({ ...options, world }, async (sim) => {
        await sim.until("a reading", () => readings(sim).length > 0, 20_000);
        const { t: _, ...rest } = sim.messages.find(({ topic }) => topic === "greenhouse/air")!;
        message = rest;
      });
      return message;
    };
    assert.equal(await first({ virtual: false, engine: "espruino" }), await first({}));
  });

  test("a reset connection is found by the real interpreter, too, and its reading arrives", () =>
    withNode({ virtual: false, engine: "espruino", speed: 10 }, async (sim) => {
      sim.world.set("air.temperature", rising);
      await sim.until("a reading", () => readings(sim).length > 0, 20_000);
      sim.network.cut("rst");
      await sim.until("a second session", () =>
        sim.events.filter((event) => event.type === "broker" && event.state === "connected").length > 1, 60_000);
      await sim.until("the next reading", () => readings(sim).length > 1, 60_000);
      assert.equal(intervals(sim).slice(0, 2), [0, 1]);
    }));
}

test.run();
