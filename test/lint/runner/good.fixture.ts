/** For runner.test.ts: all is well. */
import { test } from "uvu";
import * as assert from "uvu/assert";

test("passes", () => {
  assert.ok(true);
});

test.run();
