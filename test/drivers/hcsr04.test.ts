import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, distance, meta } from "../../lib/drivers/hcsr04.ts";
import type { Values } from "../../lib/drivers/types.ts";
import { driverAlone } from "./bundle.ts";

test("user guide: us / 58 is the distance in cm, with a sound of 340 m/s", () => {
  for (const cm of [2, 10, 100, 399]) {
    assert.ok(Math.abs(distance(cm * 58, 0.34) / 10 - cm) < cm * 0.015, `${cm}`);
  }
  assert.is(distance(5882.35, 0.34), 1000);
});

test("the sound is as fast as the air is warm: 331.3 m/s at 0 degC, 343.2 at 20, 318.9 at -20", () => {
  const speed = (airTemperature?: number): number =>
    meta.constants(airTemperature === undefined ? {} : { airTemperature })[0] as number;
  assert.is(Math.round(speed(0) * 10000), 3313);
  assert.is(Math.round(speed() * 10000), 3432);
  assert.is(Math.round(speed(-20) * 10000), 3189);
});

const sample = (us: number | undefined): [string, Values] => {
  let result: [string, Values] | undefined;
  let asked = 0;
  const driver = create((timeoutMs, done) => {
    asked++;
    assert.is(timeoutMs, 60);
    done(us);
  }, 0.34);
  driver.open((error) => assert.is(error, ""));
  assert.is(asked, 0);
  driver.sample((...each) => {
    result = each;
  });
  return result!;
};

test("an echo is a distance in tenths of a centimetre", () => {
  assert.equal(sample(5882.35), ["", [1000]]);
});

test("no echo is \"timeout\"; nearer than 2 cm, farther than 4 m and the 38 ms of nothing are \"range\"", () => {
  assert.equal(sample(undefined), ["timeout", []]);
  for (const us of [100, 23_600, 38_000]) assert.equal(sample(us), ["range", []], `${us} us`);
  assert.equal(sample(117.7), ["", [20]]);
  assert.equal(sample(23_529), ["", [4000]]);
});

test("meta stays out of the bundle", async () => {
  const alone = await driverAlone("hcsr04");
  assert.not.match(alone.code, /airTemperature|title/);
  assert.ok(alone.bytes <= 250, `${alone.bytes} bytes`);
});

test.run();
