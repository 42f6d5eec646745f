/** For runner.test.ts: leaves a process. */
import { spawn } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";

test("leaves a process", () => {
  spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" }).unref();
  assert.ok(true);
  console.log(`process ${process.pid}`);
});

test.run();
