/** Gates: when a reading goes out, what goes with it, and what counts as published. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { apart, renew, together } from "../../firmware/held.ts";
import type { Gate } from "../../lib/filters/types.ts";

type Values = (number | undefined)[];

/** Time of `#platform/timer`, which is Node's here. */
let nowMs = 0;
const realNow = Date.now;
test.before(() => {
  Date.now = () => nowMs;
});
test.after(() => {
  Date.now = realNow;
});
test.before.each(() => {
  nowMs = 1_000_000;
});

const changes = (least: number): Gate => (value, last) => Math.abs(value - last) >= least;
const MINUTE = 60_000;

/** What went out of a sensor, and whether the client takes it. */
interface Sensor { give: (...values: Values) => boolean; out: Values[]; taken: boolean }

const jsonSensor = (gates: (Gate | undefined)[]): Sensor => {
  const sensor = {
    out: [] as Values[], taken: true,
    give: (...values: Values): boolean => {
      const before = sensor.out.length;
      report(values);
      return sensor.out.length > before;
    },
  };
  const report = together(gates, gates.length, (values) => {
    const taken = sensor.taken && values.some((value) => value !== undefined);
    if (taken) sensor.out.push([...values]);
    return taken;
  });
  return sensor;
};

test("one message holds all fields, and goes when one of the gates opens", () => {
  const { give, out } = jsonSensor([changes(10), changes(5), undefined]);
  assert.ok(give(100, 50, 1));
  assert.not.ok(give(109, 54, 2));
  assert.ok(give(110, 54, 3));
  assert.equal(out.at(-1), [110, 54, 3]);
  // It counted for all fields: 54 is the last value of the second, not 50.
  assert.not.ok(give(110, 55, 4));
  assert.not.ok(give(110, 58, 4));
  assert.ok(give(110, 59, 5));
});

test("a subscriber never knows a value that is a change away from the newest reading", () => {
  const { give, out } = jsonSensor([changes(10), changes(7)]);
  let seed = 1;
  const next = (): number => (seed = (seed * 48271) % 2147483647) % 9 - 4;
  let [a, b] = [0, 0];
  for (let i = 0; i < 5000; i++) {
    a += next();
    b += next();
    give(a, b);
    const [knownA, knownB] = out.at(-1)!;
    assert.ok(Math.abs(a - knownA!) < 10 && Math.abs(b - knownB!) < 7, `${a} ${b} and ${knownA} ${knownB}`);
  }
  assert.ok(out.length > 500 && out.length < 2500, String(out.length));
});

test("a field without a gate goes along, and does not send a message of its own", () => {
  const { give } = jsonSensor([changes(10), undefined]);
  give(100, 1);
  assert.not.ok(give(100, 999));
});

test("where no field with a gate could be read, nothing holds the others back", () => {
  const { give, out } = jsonSensor([changes(10), undefined]);
  give(100, 1);
  assert.ok(give(undefined, 2));
  assert.equal(out.at(-1), [undefined, 2]);
  // The last value of the field that was missing is what it was.
  assert.not.ok(give(105, 3));
  assert.ok(give(110, 3));
});

test("a field that is read for the first time passes", () => {
  const { give } = jsonSensor([changes(10), changes(10)]);
  give(100, undefined);
  assert.ok(give(100, 5));
  assert.not.ok(give(100, 5));
});

test("a read that gave nothing is no message", () => {
  let asked = 0;
  const report = together([changes(1)], 1, (values) => {
    asked += values[0] === undefined ? 0 : 1;
    return values[0] !== undefined;
  });
  report([]);
  report([5]);
  report([]);
  report([5]);
  assert.is(asked, 1);
});

test("what the client did not take is not published: the next reading is as new", () => {
  const sensor = jsonSensor([changes(10)]);
  sensor.give(100);
  sensor.taken = false;
  assert.not.ok(sensor.give(150));
  sensor.taken = true;
  assert.ok(sensor.give(150));
  assert.not.ok(sensor.give(150));
});

test("time counts from the last message, whichever field it was for", () => {
  const seen: number[] = [];
  const { give } = jsonSensor([changes(10), (_, __, sinceMs) => {
    seen.push(sinceMs);
    return sinceMs >= 10 * MINUTE;
  }]);
  give(0, 0);
  nowMs += 9 * MINUTE;
  assert.not.ok(give(0, 0));
  assert.ok(give(10, 0));
  nowMs += 9 * MINUTE;
  assert.not.ok(give(10, 0));
  nowMs += MINUTE;
  assert.ok(give(10, 0));
  // A clock that was set back gives a negative time, of which throttle and heartbeat know what to think.
  nowMs -= 60 * MINUTE;
  give(10, 0);
  assert.equal(seen, [9 * MINUTE, 9 * MINUTE, 10 * MINUTE, -60 * MINUTE]);
});

/** Fields apart: the messages that went out. */
const valueSensor = (gates: (Gate | undefined)[], taken: (topic: string) => boolean = () => true): {
  give: (...values: Values) => string[];
} => {
  let out: string[] = [];
  const report = apart(gates, [undefined, (value) => value! / 10], ["a", "b"], 3, [0, 1], (topic, payload, mode) => {
    assert.is(mode, 3);
    if (taken(topic)) out.push(`${topic} ${payload}`);
    return taken(topic);
  });
  return {
    give: (...values) => {
      out = [];
      report(values);
      return out;
    },
  };
};

test("fields apart go each by its own gate and its own time", () => {
  const tenMinutes: Gate = (_, __, sinceMs) => sinceMs >= 10 * MINUTE;
  const { give } = valueSensor([changes(10), tenMinutes]);
  assert.equal(give(100, 500), ["a 100", "b 5.0"]);
  nowMs += 5 * MINUTE;
  assert.equal(give(110, 510), ["a 110"]);
  nowMs += 5 * MINUTE;
  assert.equal(give(110, 510), ["b 5.1"]);
  nowMs += 5 * MINUTE;
  assert.equal(give(undefined, 520), []);
  assert.equal(give(120, undefined), ["a 120"]);
});

test("fields apart, too, are published when the client has taken them, and one without a gate always goes", () => {
  let down = false;
  const { give } = valueSensor([changes(10), undefined], (topic) => !(down && topic === "a"));
  give(100, 500);
  down = true;
  assert.equal(give(150, 500), ["b 5.0"]);
  down = false;
  assert.equal(give(150, 500), ["a 150", "b 5.0"]);
  assert.equal(give(150, 500), ["b 5.0"]);
});

test("with a new session the next reading passes, once", () => {
  const { give, out } = jsonSensor([changes(10)]);
  const apart = valueSensor([changes(10), changes(100)]);
  give(100);
  apart.give(100, 100);
  renew();
  assert.not.ok(give(undefined));
  assert.ok(give(101));
  assert.not.ok(give(101));
  assert.equal(out, [[100], [101]]);
  assert.equal(apart.give(101, undefined), ["a 101"]);
  assert.equal(apart.give(101, 110), ["b 1.1"]);
  assert.equal(apart.give(101, 110), []);
});

test("a gate sees the value before what is behind it", () => {
  const seen: number[] = [];
  const { give } = valueSensor([undefined, (value, last) => {
    seen.push(value, last);
    return true;
  }]);
  give(undefined, 500);
  assert.equal(give(undefined, 510), ["b 5.1"]);
  assert.equal(seen, [510, 500]);
});

test.run();
