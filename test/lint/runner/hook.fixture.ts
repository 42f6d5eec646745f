/** For runner.test.ts: a hook throws, which uvu swallows. */
import { test } from "uvu";
import * as assert from "uvu/assert";

test.before(() => {
  throw new Error("in the hook");
});

test("is never run", () => {
  assert.ok(true);
});

test.run();
