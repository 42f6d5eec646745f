/** For runner.test.ts: throws at import. */
import { test } from "uvu";
import * as assert from "uvu/assert";

test("is never run", () => {
  assert.ok(true);
});

throw new Error("at import");
