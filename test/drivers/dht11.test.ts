/** What the DHT11 shares with the DHT22 is tested in dht22.test.ts: the protocol, and the conversions of both. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, meta } from "../../lib/drivers/dht11.ts";
import type { Values } from "../../lib/drivers/types.ts";
import { bytes, run } from "./clock.ts";

const sample = (frame: string): [string, Values][] => {
  const result: [string, Values][] = [];
  run(() => create((_lowMs, done) => done(frame), 20).sample((...each) => result.push(each)));
  return result;
};

const frame = (...four: number[]): string => bytes([...four, four.reduce((a, b) => a + b) & 255]);

test("-20 to 60 degC is what it measures, tenths below 0 included", () => {
  assert.equal(sample(frame(95, 0, 60, 0)), [["", [600, 950]]]);
  assert.equal(sample(frame(5, 0, 20, 0x80)), [["", [-200, 50]]]);
  assert.equal(sample(frame(5, 0, 20, 0x81)), [["range", []]]);
  assert.equal(sample(frame(5, 0, 60, 1)), [["range", []]]);
  assert.equal(sample(frame(101, 0, 20, 0)), [["range", []]]);
});

test("fields are those of Home Assistant", () => {
  assert.equal(meta.fields({}).map(({ name, unit, deviceClass, stateClass }) => [name, unit, deviceClass, stateClass]),
    [["temperature", "°C", "temperature", "measurement"], ["humidity", "%", "humidity", "measurement"]]);
});

test.run();
