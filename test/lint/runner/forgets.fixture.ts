/** For runner.test.ts: forgets test.run(). */
import { test } from "uvu";
import * as assert from "uvu/assert";

test("is never run", () => {
  assert.ok(true);
});
