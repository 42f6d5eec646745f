/** For runner.test.ts: never ends. */
import { test } from "uvu";
import * as assert from "uvu/assert";

test("never ends", async () => {
  setInterval(() => {}, 1000);
  await new Promise(() => {});
  assert.ok(true);
});

test.run();
