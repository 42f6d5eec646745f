/** For runner.test.ts: all is well. */
import { getPriority } from "node:os";
import { test } from "uvu";
import * as assert from "uvu/assert";

test("passes", () => {
  assert.ok(true);
  console.log(`process ${process.pid}`);
  console.log(`priority ${getPriority()}`);
});

test.run();
