/** What outlives deep sleep and restarts on NodeMCU: the time of day, words of the RTC; on both chips. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BEGIN_MS } from "../../simulator/engines/lua/time.ts";
import { boot, nameOf, TARGETS } from "./nodemcu.ts";

const PROGRAM = `
import { resetReason } from "#platform/reset";
import { readWord, RTC_WORDS, writeWord } from "#platform/rtc";
import { deepSleep } from "#platform/sleep";
import { keepTime, timeOfDay } from "#platform/time";
import { after } from "#platform/timer";
print(resetReason(), readWord(0), readWord(RTC_WORDS - 1), timeOfDay());
writeWord(0, -7);
writeWord(RTC_WORDS - 1, readWord(RTC_WORDS - 1) + 1);
keepTime("pool.ntp.org");
if (readWord(0) === -7 && readWord(1) === 1) {
  after(() => print("late"), 3 * 3600 * 1000);
} else {
  writeWord(1, 1);
  after(() => print("time", timeOfDay()), 90000);
  after(() => deepSleep(60000), 100000);
}`;

for (const target of TARGETS) {
  test(`${nameOf(target)}: time and words outlive deep sleep, not a power cut; a timer waits for hours`, async () => {
    const bench = await boot(PROGRAM, target);
    try {
      // No network is there at first.
      await bench.pass(5000);
      bench.network.setStation(true);
      await bench.pass(200_000);
      const begin = BEGIN_MS / 1000;
      assert.equal(bench.lines, ["power on\t0\t0\tnil", `time\t${begin + 90}`, `deep sleep\t-7\t1\t${begin + 160}`]);
      assert.equal(bench.resets, ["deep sleep"]);
      // Longer than a timer of the firmware waits; it began 160 s after the start, and 45 s are over.
      await bench.pass(3 * 3_600_000 - 46_000);
      assert.is(bench.lines.length, 3);
      await bench.pass(2000);
      assert.is(bench.lines.at(-1), "late");
      await bench.engine.stop();
      await bench.engine.start({});
      assert.is(bench.lines.at(-1), "power on\t0\t0\tnil");
      assert.equal(bench.warnings, []);
    } finally {
      await bench.close();
    }
  });
}

test.run();
