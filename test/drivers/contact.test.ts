import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, meta } from "../../lib/drivers/contact.ts";
import type { Values } from "../../lib/drivers/types.ts";
import type { Input } from "../../lib/platform/types.ts";
import { driverAlone } from "./bundle.ts";

/** A line, and what the driver asked of it. */
const lineOf = (level: boolean): Input & { level: boolean; debounceMs: number; change: (high: boolean) => void } => {
  const line = {
    level,
    debounceMs: -1,
    change: (_high: boolean): void => assert.unreachable("nobody watches"),
    read: () => line.level,
    watch: (debounceMs: number, fn: (high: boolean) => void): void =>
      void Object.assign(line, { debounceMs, change: fn }),
  };
  return line;
};

const use = (options: Record<string, unknown>, level: boolean) => {
  const line = lineOf(level);
  const sampled: [string, Values][] = [];
  const driver = create(
    line,
    ...(meta.constants(options) as [number, boolean]),
  );
  const sample = (): void => driver.sample((...result) => sampled.push(result));
  driver.open((error) => assert.is(error, ""));
  driver.watch(sample);
  return { line, sampled, sample };
};

test("a contact to ground is ON while it is open, and with `on` low while it is closed", () => {
  for (const [on, level, value] of [["high", true, 1], ["high", false, 0], ["low", true, 0], ["low", false, 1]] as const) {
    const { sampled, sample } = use({ on }, level);
    sample();
    assert.equal(sampled, [["", [value]]], `${on} ${level}`);
  }
});

test("a change is published when it comes, as it came, whatever the line does meanwhile", () => {
  const { line, sampled, sample } = use({ debounce: 20 }, false);
  assert.is(line.debounceMs, 20);
  line.level = false;
  line.change(true);
  assert.equal(sampled, [["", [1]]]);
  // The next reading is the line's again.
  sample();
  assert.equal(sampled, [["", [1]], ["", [0]]]);
});

test("fields are binary sensors of Home Assistant; the pull-up is what the options say", () => {
  assert.equal(meta.fields({}), [
    { name: "contact", unit: "", decimals: 0, binary: true, deviceClass: "opening" },
  ]);
  assert.equal(meta.fields({ field: "door", deviceClass: "door" })[0]!.deviceClass, "door");
  assert.equal(meta.setup!({}), [true]);
  assert.equal(meta.setup!({ pull: "none" }), [false]);
  assert.ok(meta.events);
});

test("meta stays out of the bundle", async () => {
  const alone = await driverAlone("contact");
  assert.not.match(alone.code, /deviceClass|title/);
  assert.ok(alone.bytes <= 200, `${alone.bytes} bytes`);
});

test.run();
