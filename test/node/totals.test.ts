/** Totals of pulse counters: they go on after restarts and power cuts, whenever the power fails. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Simulation } from "../../simulator/simulator.ts";
import { buildBoard, untilSome, withNode } from "./board.ts";
import { engines, type EngineChoice } from "./engine-table.ts";

/** A pulse a second, published every 10 s, saved every minute. */
const BOARD = {
  name: "meter", hardware: "esp32-devkit",
  wifi: { ssid: "${WIFI_SSID}", password: "${WIFI_PASSWORD}" }, mqtt: { url: "mqtt://127.0.0.1:1883" },
  saveTotals: "60s",
  sensors: [
    { driver: "pulse", id: "water", pin: "D16", interval: "10s", unit: "L", deviceClass: "water" },
    { driver: "pulse", id: "gas", pin: "D17", interval: "10s", perUnit: 100, decimals: 2, unit: "m³", deviceClass: "gas" },
  ],
};
const SAVE_S = 60;
const INTERVAL_S = 10;

const flow = (node: Simulation): void => {
  node.world.set("water.rate", 60);
  node.world.set("gas.rate", 0.3);
};

const totals = (node: Simulation, id = "water"): number[] => node.messages.filter(({ topic }) => topic === `meter/${id}`)
  .map(({ payload }) => (JSON.parse(payload) as { total: number }).total);

const assertNeverBack = (node: Simulation, most: number): void => {
  for (const [i, total] of totals(node).entries()) {
    const before = totals(node)[i - 1] ?? 0;
    assert.ok(total >= before - most, `${before} and then ${total}`);
  }
};

const nodeOn = async ({ name, board, options }: EngineChoice) => {
  const built = await buildBoard({ ...BOARD, ...board });
  return (use: (node: Simulation) => Promise<void>): Promise<void> =>
    withNode(built, { engine: name, ...options }, use);
};

for (const engine of engines()) {
  const { name, isVirtual } = engine;
  const onNode = await nodeOn(engine);

  test(`${name}: a loss of power costs what was counted since the last save`, () => onNode(async (node) => {
    flow(node);
    if (isVirtual) await node.run(5.9 * 60_000);
    else await node.until("totals", () => totals(node).at(-1)! > 70, 4 * 60_000);
    const before = totals(node).at(-1)!;
    await node.kill();
    const count = totals(node).length;
    await node.powerOn();
    await node.until("a total", () => totals(node).length > count, 120_000);
    const after = totals(node)[count]!;
    // In real time a message may be under way, and the interpreter late.
    const late = isVirtual ? INTERVAL_S : 3 * INTERVAL_S;
    assert.ok(after >= before - SAVE_S - late && after <= before + 2 * late, `${before}, then ${after}`);
    assert.ok(after > (isVirtual ? 200 : 0), `${after}: nothing was kept`);
  }));
}

for (const engine of engines("node/totals: to the byte")) {
  const { name } = engine;
  const onNode = await nodeOn(engine);

  test(`${name}: pulses are counted one for one, also while there is no network`, () => onNode(async (node) => {
    flow(node);
    await node.until("a total", () => totals(node).length > 0, 60_000);
    const [first] = totals(node) as [number];
    const firstMs = node.now();
    await node.run(3 * 60_000);
    node.network.setWifi(false);
    await node.run(5 * 60_000);
    node.network.setWifi(true);
    await node.until("a total behind it", () => totals(node).at(-1)! > first + 480, 120_000);
    const seconds = (node.now() - firstMs) / 1000;
    assert.ok(Math.abs(totals(node).at(-1)! - first - seconds) <= INTERVAL_S + 1, `${totals(node).at(-1)} of ${seconds}`);
    // 0.3 m3 a minute are 30 pulses.
    assert.ok(Math.abs(totals(node, "gas").at(-1)! - 0.005 * node.now() / 1000) <= 0.07, `${totals(node, "gas").at(-1)}`);
  }));

  test(`${name}: whenever the power fails in the middle of a save, the total is one of those that were saved`, () =>
    onNode(async (node) => {
      flow(node);
      await node.run(2.5 * 60_000);
      // A record of two totals has 20 bytes: in its midst, at its ends, in the page's erasure.
      for (const bytes of [0, 3, 10, 19, 20, 21]) {
        const failures = node.flash.failures;
        node.flash.failAfter(bytes);
        await untilSome(node, "the power fails", () => node.flash.failures > failures, 5 * 60_000);
        const count = totals(node).length;
        const before = totals(node).at(-1)!;
        await node.powerOn();
        await node.until("a total", () => totals(node).length > count, 60_000);
        const after = totals(node)[count]!;
        assert.ok(after >= before - 2 * SAVE_S - INTERVAL_S && after > 0, `${bytes} bytes: ${before}, then ${after}`);
        await node.run(65_000);
      }
      assertNeverBack(node, 2 * SAVE_S + INTERVAL_S);
    }));
}

test.run();
