import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, meta } from "../../lib/drivers/chip.ts";
import type { ChipFacts, DriverOptions, Values } from "../../lib/drivers/types.ts";
import { driverAlone } from "./bundle.ts";

const ESP32: ChipFacts = {
  chip: "ESP32", target: "espruino", referenceVolts: 3.3, temperature: { scale: 5 / 9, offset: -160 / 9 },
};
const C3: ChipFacts = { chip: "ESP32-C3", target: "espruino", referenceVolts: 2.5 };

const sample = (quantities: string[], said: (number | string | undefined)[]): [string, Values] => {
  const results: [string, Values][] = [];
  const [scales, offsets, words] = meta.constants({ quantities }, ESP32) as [number[], number[], string[]];
  const driver = create(said.map((each) => () => each), scales, offsets, words);
  driver.open((error) => assert.is(error, ""));
  driver.sample((...result) => results.push(result));
  return results[0]!;
};

const wordOf = (value: number): string => meta.fields({})[3]!.words![value]!;

test("what the chip says is published in the units of the fields", () => {
  assert.equal(sample(["rssi", "uptime", "freeHeap"], [-67, 3600, 12_345]), ["", [-67, 3600, 12_345]]);
});

test("the ESP32's thermometer tells degrees Fahrenheit: 32 is 0.0 degC, 212 is 100.0, 0 is -17.8", () => {
  for (const [fahrenheit, tenths] of [[32, 0], [212, 1000], [0, -178], [14, -100]] as const) {
    assert.equal(sample(["temperature"], [fahrenheit]), ["", [tenths]]);
  }
});

test("what cannot be told is \"absent\", and the others are published", () => {
  assert.equal(sample(["rssi", "uptime"], [undefined, 5]), ["absent", [undefined, 5]]);
  assert.equal(sample(["uptime", "temperature"], [5, NaN]), ["absent", [5, undefined]]);
});

test("a reason that is not known is \"unknown\"", () => {
  const [error, [known, other]] = sample(["resetReason", "resetReason"], ["power on", "struck by lightning"]);
  assert.equal([error, wordOf(known!), wordOf(other!)], ["", "power on", "unknown"]);
});

test("a thermometer that is not there is found", () => {
  const pointers = (options: DriverOptions, chip: ChipFacts): string[] =>
    meta.problems!(options, chip).map(([at]) => at);
  assert.equal(pointers({ quantities: ["temperature"] }, C3), ["/quantities"]);
  assert.equal(pointers({ quantities: ["temperature"] }, ESP32), []);
  assert.equal(pointers({}, C3), []);
  assert.equal(pointers({}, { ...ESP32, target: "nodemcu" }), [""]);
  assert.equal(pointers({ quantities: ["rssi"] }, { ...ESP32, chip: "ESP8266", target: "nodemcu" }), []);
});

test("each quantity has its function, and Home Assistant's classes", () => {
  const all = { quantities: ["rssi", "uptime", "freeHeap", "resetReason", "temperature"] };
  assert.is(meta.reads!(all).length, 5);
  assert.equal(meta.fields(all).map(({ name, unit, deviceClass }) => [name, unit, deviceClass]), [
    ["rssi", "dBm", "signal_strength"], ["uptime", "s", "duration"], ["freeHeap", "B", "data_size"],
    ["resetReason", "", "enum"], ["temperature", "°C", "temperature"],
  ]);
});

test("meta stays out of the bundle", async () => {
  const alone = await driverAlone("chip");
  assert.not.match(alone.code, /deviceClass|title|brownout/);
  assert.ok(alone.bytes <= 300, `${alone.bytes} bytes`);
});

test.run();
