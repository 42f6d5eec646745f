/** A node with a store, on each engine: what it has taken arrives, whenever its power fails. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { SimulateOptions, Simulation } from "../../simulator/simulator.ts";
import { buildGreenhouse, diagnostics, readings, untilSome, withNode, type Built } from "./board.ts";
import { engines } from "./engine-table.ts";

const MINUTE = 60000;
/** Between two readings, in ms; the world is 0.2 degrees warmer at the second. */
const INTERVAL_MS = 30000;
const STEP_C = 0.2;

const withStore = (qos: number, board: Record<string, unknown> = {}): Promise<Built> => buildGreenhouse({
  ...board,
  mqtt: { store: true, cleanSession: false },
  sensors: [{ driver: "bme280", id: "air", bus: "i2c1", address: "0x76", interval: `${INTERVAL_MS / 1000}s`, publish: { qos } }],
});

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
      await untilSome(node, "the power fails", () => node.flash.failures > failures, 30 * MINUTE);
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

/** Bytes from one power failure to the next: of all that QoS 2 writes of a reading, or of some of it. */
const CUTS: Record<string, number> = { v8: 9, "lua5.1": 80, "lua5.3": 95 };
/** Of an area's 8192 bytes: some readings more go into it. */
const NEARLY_FULL = 7100;
/**
 * Where the power fails when a full area goes over to the next, in bytes: in its erasure, which is one of files on
 * Lua; in what waits, which is written anew, some 600 bytes; in the area's head.
 */
const OVER: Record<string, number[]> = {
  v8: [0, 5, 9, 100, 300, 500, 600, 650], "lua5.1": [0, 1, 300], "lua5.3": [0, 500, 600],
};

for (const { name, board, isVirtual, options } of engines()) {
  const atLeastOnce = await withStore(1, board);
  const exactlyOnce = await withStore(2, board);
  const here: Partial<SimulateOptions> = { engine: name, ...options, ...(isVirtual ? {} : { speed: 60 }) };
  // A node in real time is late, and looks later for what came.
  const late = isVirtual ? 0.05 : STEP_C;

  test(`${name}: readings that were taken while the broker was away are published after a power cut`, () =>
    withNode(atLeastOnce, here, async (node) => {
      await blackout(node, isVirtual ? 3 : 2);
      assertWhole([...new Set(readings(node))], STEP_C + late, "after five minutes without a network and a power cut");
      await node.run(MINUTE);
      assert.is(diagnostics(node)["storeFailures"], 0);
      if (isVirtual) assert.ok(node.flash.done > 500, `${node.flash.done} bytes were written`);
    }));

  test(`${name}: power that fails at any byte that QoS 2 writes: no reading arrives twice, and none that was taken is lost`, async () => {
    if (!isVirtual) {
      assertWhole(await failAgain(exactlyOnce, [100, 300, 170], here), 3 * STEP_C, "power failed in writes");
      return;
    }
    // A reading writes some 350 bytes from the queue to PUBCOMP.
    for (let cut = 3; cut < 400; cut += CUTS[name]!) {
      const cuts = [cut, cut, 400 - cut];
      const found = await failAgain(exactlyOnce, cuts, here);
      // The one whose write has failed was never taken.
      assertWhole(found, 2 * STEP_C + 0.03, `power failed after ${cuts.join(", ")} bytes`);
    }
  });
}

for (const { name, board, options } of engines("node/store: hours")) {
  const exactlyOnce = await withStore(2, board);
  const here: Partial<SimulateOptions> = { engine: name, ...options };

  test(`${name}: power that fails while a full area goes over to the next loses nothing`, () =>
    withNode(exactlyOnce, here, async (node) => {
      warm(node);
      let goesOver = 0;
      // A node that comes up begins an area.
      let begun = 0;
      for (const cut of OVER[name]!) {
        await untilSome(node, "an area that is nearly full", () => node.flash.done > begun + NEARLY_FULL, 60 * MINUTE);
        node.network.setWifi(false);
        const { failures } = node.flash;
        node.flash.onErase = (what) => {
          if (!/^(?:store)?\d+$/.test(what)) return;
          node.flash.onErase = () => {};
          node.flash.failAfter(cut);
          goesOver++;
        };
        await untilSome(node, "the power fails", () => node.flash.failures > failures, 30 * MINUTE);
        node.network.setWifi(true);
        begun = node.flash.done;
        await node.powerOn();
      }
      assert.is(goesOver, OVER[name]!.length);
      await node.run(5 * MINUTE);
      assertWhole(readings(node), 2 * STEP_C + 0.03, "areas went over");
      assert.is(diagnostics(node)["storeFailures"], 0);
    }));

  test(`${name}: without a store they are lost, and the diagnostics say nothing of one`, async () => {
    const plain = await buildGreenhouse(board);
    await withNode(plain, here, async (node) => {
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
}

test.run();
