import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, meta } from "../../lib/drivers/pir.ts";
import type { Values } from "../../lib/drivers/types.ts";
import { driverAlone } from "./bundle.ts";

test("motion is ON while OUT is high, or low with `on` low, and is published when it begins and when it ends", () => {
  for (const on of ["high", "low"]) {
    const sampled: [string, Values][] = [];
    let change = (_high: boolean): void => assert.unreachable("nobody watches");
    const line = { read: () => false, watch: (_ms: number, fn: (high: boolean) => void) => void (change = fn) };
    const driver = create(line, ...(meta.constants({ on }) as [number, boolean]));
    driver.watch(() => driver.sample((...result) => sampled.push(result)));
    for (const level of [true, false]) change(level);
    assert.equal(sampled, on === "high" ? [["", [1]], ["", [0]]] : [["", [0]], ["", [1]]]);
  }
});

test("it is a binary sensor of Home Assistant; its output needs no pull-up, and is debounced for 20 ms", () => {
  assert.equal(meta.fields({}), [{ name: "motion", unit: "", decimals: 0, binary: true, deviceClass: "motion" }]);
  assert.is(meta.fields({ deviceClass: "occupancy" })[0]!.deviceClass, "occupancy");
  assert.equal([meta.setup!({}), meta.setup!({ pull: "up" })], [[false], [true]]);
  assert.equal(meta.constants({}), [20, true]);
  assert.ok(meta.events);
});

test("meta stays out of the bundle", async () => {
  assert.not.match((await driverAlone("pir")).code, /deviceClass|title/);
});

test.run();
