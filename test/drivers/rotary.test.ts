import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, meta, stepsOf } from "../../lib/drivers/rotary.ts";
import { driverAlone } from "./bundle.ts";
import { run } from "./clock.ts";

test("a step is so many quarters, the nearest one, on both sides of 0", () => {
  const rows = [
    [0, 4, 0], [4, 4, 1], [-4, 4, -1], [-400, 4, -100], [1, 4, 0], [3, 4, 1], [-3, 4, -1], [6, 2, 3], [4, -4, -1],
  ] as const;
  for (const [quarters, perStep, steps] of rows) assert.is(stepsOf(quarters, perStep), steps, `${quarters}`);
});

/** What is published when the encoder has these positions, some ms one after another. */
const use = (options: Record<string, unknown>, turns: number[], everyMs = 200): number[] => {
  let quarters = 0;
  let turned = (): void => {};
  const published: number[] = [];
  const [perStep] = meta.constants(options) as [number];
  run(() => {
    const driver = create({ position: () => quarters, onTurn: (fn) => turned = fn }, perStep);
    driver.watch(() => driver.sample((error, [value]) => {
      assert.is(error, "");
      published.push(value!);
    }));
    turns.forEach((quarter, i) => setTimeout(() => {
      quarters = quarter;
      turned();
    }, i * everyMs));
  });
  return published;
};

test("each detent is published once, forth and back, and half of one is not", () => {
  assert.equal(use({}, [1, 4, 5, 4, 8, 4, 0, -1, -4]), [1, 2, 1, 0, -1]);
  assert.equal(use({ detents: 2 }, [2, 4, 2, 0, -2]), [1, 2, 1, 0, -1]);
  assert.equal(use({ reverse: true }, [4, 8, 0, -4]), [-1, -2, 0, 1]);
});

test("while it is turned fast the position is published ten times a second, its bounces are not, and the last one is", () => {
  const fast = Array.from({ length: 300 }, (_, i) => Math.floor(i / 3) * 4 + [2, 0, 4][i % 3]!);
  const published = use({}, fast, 5);
  assert.ok(published.length >= 14 && published.length <= 16, `${published.length} in 1.5 s`);
  assert.is(published.at(-1), 100);
  assert.equal(use({}, [4, 0], 5), []);
});

test("the fields and the pull-up", () => {
  assert.equal(meta.fields({}), [{ name: "position", unit: "", decimals: 0, stateClass: "measurement" }]);
  assert.equal([meta.setup!({}), meta.setup!({ pull: "none" })], [[true], [false]]);
});

test("meta stays out of the bundle", async () => {
  const alone = await driverAlone("rotary");
  assert.not.match(alone.code, /detents|title/);
  assert.ok(alone.bytes <= 220, `${alone.bytes} bytes`);
});

test.run();
