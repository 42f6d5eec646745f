/** A node with a store, on the engines of Espruino and of Lua: what it has taken arrives, whenever its power fails. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findEspruino } from "../../simulator/engines/espruino.ts";
import type { SimulateOptions, Simulation } from "../../simulator/simulator.ts";
import { buildGreenhouse, diagnostics, readings, withNode, type Built } from "./board.ts";

const MINUTE = 60000;
/** Between two readings, in ms; the world is 0.2 degrees warmer at the second. */
const INTERVAL_MS = 30000;
const STEP_C = 0.2;

const withStore = (qos: number, board: Record<string, unknown> = {}): Promise<Built> => buildGreenhouse({
  ...board,
  mqtt: { store: true, cleanSession: false },
  sensors: [{ driver: "bme280", id: "air", bus: "i2c1", address: "0x76", interval: `${INTERVAL_MS / 1000}s`, publish: { qos } }],
});
const atLeastOnce = await withStore(1);
const exactlyOnce = await withStore(2);

const temperature = (text: string): number => (JSON.parse(text) as { temperature: number }).temperature;

/** Each reading is another, also that of a node that was off for a second: what is missing or comes twice is seen. */
const warm = (node: Simulation): void => {
  node.world.set("air.temperature", (ms) => -35 + ms / INTERVAL_MS * STEP_C);
  node.world.set("air.humidity", (ms) => 20 + ms / 97 % 60);
};

/** Readings in order, none twice, none missing: the most degrees from one to the next are `gap`. */
const assertWhole = (found: string[], gap: number, what: string): void => {
  for (let i = 1; i < found.length; i++) {
    const step = temperature(found[i]!) - temperature(found[i - 1]!);
    // The part's noise is below a hundredth; a node that comes up reads at once.
    assert.ok(step > -0.02 && step < gap, `${found[i - 1]} then ${found[i]}, ${what}`);
    assert.is.not(found[i], found[i - 1], what);
  }
};

/** A node whose network goes, then its power; both come back. */
const blackout = async (node: Simulation, before: number): Promise<void> => {
  warm(node);
  await node.until("readings", () => readings(node).length >= before, 5 * MINUTE);
  node.network.setWifi(false);
  await node.run(5 * MINUTE);
  const arrived = readings(node).length;
  await node.kill();
  await node.run(1000);
  node.network.setWifi(true);
  await node.powerOn();
  await node.until("what waited", () => readings(node).length >= arrived + 11, 3 * MINUTE);
};

test("readings that were taken while the broker was away are published after a power cut", () =>
  withNode(atLeastOnce, {}, async (node) => {
    await blackout(node, 3);
    assertWhole([...new Set(readings(node))], STEP_C + 0.03, "after five minutes without a network and a power cut");
    await node.run(MINUTE);
    assert.is(diagnostics(node)["storeFailures"], 0);
    assert.ok(node.flash.done > 500, `${node.flash.done} bytes were written`);
  }));

for (const lua of ["5.1", "5.3"]) {
  test(`Lua ${lua}: so they are on NodeMCU, from its files, wherever power fails in a write`, async () => {
    const built = await withStore(1, { target: "nodemcu", nodemcu: { lua } });
    await withNode(built, {}, async (node) => {
      await blackout(node, 3);
      assertWhole([...new Set(readings(node))], STEP_C + 0.05, "after a power cut");
      await node.run(MINUTE);
      assert.is(diagnostics(node)["storeFailures"], 0);
      assert.ok(node.flash.done > 500, `${node.flash.done} bytes were written`);
      // In the middle of the record of a reading, at some bytes.
      for (const bytes of [1, 9, 40, 120]) {
        node.network.setWifi(false);
        node.flash.failAfter(bytes);
        await node.run(2 * MINUTE);
        node.network.setWifi(true);
        await node.powerOn();
        await node.run(2 * MINUTE);
        assert.is(diagnostics(node)["storeFailures"], 0, `${bytes} bytes`);
      }
      const found = [...new Set(readings(node))].map(temperature);
      assert.ok(found.every((value, i) => i === 0 || value > found[i - 1]! - 0.02), found.join());
    });
  });
}

test("without a store they are lost, and the diagnostics say nothing of one", async () => {
  const plain = await buildGreenhouse({ mqtt: { cleanSession: false } });
  await withNode(plain, {}, async (node) => {
    warm(node);
    await node.run(2 * MINUTE);
    node.network.setWifi(false);
    await node.run(5 * MINUTE);
    await node.kill();
    node.network.setWifi(true);
    await node.powerOn();
    await node.run(2 * MINUTE);
    const steps = readings(node).map(temperature).map((value, i, all) => value - (all[i - 1] ?? value));
    assert.ok(Math.max(...steps) > 10 * STEP_C, "a gap of five minutes");
    assert.is(diagnostics(node)["storeFailures"], undefined);
    assert.is(node.flash.done, 0);
  });
});

/** How many readings the node has sent for the first time. */
const sent = (node: Simulation): number => node.events.filter((event) =>
  event.type === "packet" && event.direction === "out" && event.topic === "greenhouse/air" && event.dup === false).length;

/** Runs a node whose power fails after so many bytes, again and again, until it may go on. */
const failAgain = async (built: Built, cuts: number[], options: Partial<SimulateOptions>): Promise<string[]> => {
  let found: string[] = [];
  await withNode(built, options, async (node) => {
    warm(node);
    for (const cut of cuts) {
      const { failures } = node.flash;
      node.flash.failAfter(cut);
      await node.until("the power fails", () => node.flash.failures > failures, 30 * MINUTE);
      await node.powerOn();
    }
    const arrived = readings(node).length;
    await node.until("readings after the last power cut", () => readings(node).length >= arrived + 3, 5 * MINUTE);
    await node.until("all that was ever sent", () => sent(node) <= readings(node).length, MINUTE);
    found = readings(node);
    const off = node.events.filter(({ type }) => type === "off");
    assert.is(off.length, cuts.length);
  });
  return found;
};

test("power that fails at any byte that QoS 2 writes: no reading arrives twice, and none that was taken is lost", async () => {
  // A reading writes some 350 bytes from the queue to PUBCOMP.
  for (let cut = 3; cut < 400; cut += 9) {
    const cuts = [cut, cut, 400 - cut];
    const found = await failAgain(exactlyOnce, cuts, {});
    // The one whose write has failed was never taken.
    assertWhole(found, 2 * STEP_C + 0.03, `power failed after ${cuts.join(", ")} bytes`);
  }
});

test("power that fails while a full area goes over to the next loses nothing", async () => {
  for (const seed of [1, 2, 3]) {
    await withNode(exactlyOnce, { seed }, async (node) => {
      warm(node);
      for (let life = 0; life < 4; life++) {
        const erased = (): number => node.flash.erasures.reduce((a, b) => a + b);
        const before = erased();
        await node.until("a new area", () => erased() > before, 120 * MINUTE);
        const { failures } = node.flash;
        // Most of the next area, then the erasure of the one after it, or what is alive, or its head.
        node.flash.failAfter(7000 + 300 * life + 40 * seed);
        await node.until("the power fails", () => node.flash.failures > failures, 120 * MINUTE);
        await node.powerOn();
      }
      await node.run(5 * MINUTE);
      assertWhole(readings(node), 2 * STEP_C + 0.03, `seed ${seed}`);
      assert.is(diagnostics(node)["storeFailures"], 0);
    });
  }
});

if (findEspruino() === undefined) console.log("skipped: the real interpreter (set ESPRUINO to a Linux build of Espruino)");
const onEspruino = findEspruino() === undefined ? test.skip : test;
const REAL: Partial<SimulateOptions> = { engine: "espruino", virtual: false, speed: 60 };

onEspruino("on the real interpreter, too, what was taken without a network outlives a power cut", () =>
  withNode(atLeastOnce, REAL, async (node) => {
    await blackout(node, 2);
    assertWhole([...new Set(readings(node))], 2 * STEP_C, "after a power cut");
  }));

onEspruino("on the real interpreter, too, no QoS 2 reading arrives twice when power fails in a write", async () => {
  assertWhole(await failAgain(exactlyOnce, [100, 300, 170], REAL), 3 * STEP_C, "power failed in writes");
});

test.run();
