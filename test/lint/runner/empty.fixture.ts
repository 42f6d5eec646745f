/** For runner.test.ts: defines no test. */
import { test } from "uvu";

test.run();
