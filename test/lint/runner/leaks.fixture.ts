/** For runner.test.ts: leaves a timer. */
import { test } from "uvu";
import * as assert from "uvu/assert";

test("leaves a timer", () => {
  setInterval(() => {}, 1000);
  assert.ok(true);
});

test.run();
