/** For runner.test.ts: ends the process with success in the middle. */
import { test } from "uvu";
import * as assert from "uvu/assert";

test("quits", () => {
  assert.ok(true);
  process.exit(0);
});

test.run();
