import { test } from "uvu";
import * as assert from "uvu/assert";
import { create as create11, dht11Humidity, dht11Temperature, meta as meta11 } from "../../lib/drivers/dht11.ts";
import { create, dhtHumidity, dhtSum, dhtTemperature, meta } from "../../lib/drivers/dht22.ts";
import type { Driver, Values } from "../../lib/drivers/types.ts";
import type { DhtFrame } from "../../lib/platform/types.ts";
import { driverAlone } from "./bundle.ts";
import { bytes, run, waitsMs } from "./clock.ts";

// --- Conversion

test("AM2302 product manual, 7.1: 02 8C 01 5F with the checksum EE is 65.2 %RH and 35.1 degC", () => {
  const frame = bytes("02 8c 01 5f ee");
  assert.equal([dhtHumidity(frame), dhtTemperature(frame), dhtSum(frame)], [652, 351, 0xee]);
});

test("AM2302 product manual, 7.1: 80 65 is -10.1 degC", () => {
  assert.is(dhtTemperature(bytes("00 00 80 65")), -101);
  assert.is(dhtTemperature(bytes("00 00 81 90")), -400);
});

test("DHT11 data sheet, 7: 35 00 18 00 with the checksum 4D is 53 %RH and 24 degC", () => {
  const frame = bytes("35 00 18 00 4d");
  assert.equal([dht11Humidity(frame), dht11Temperature(frame), dhtSum(frame)], [530, 240, 0x4d]);
});

test("DHT11: the highest bit of the tenths is the sign", () => {
  assert.is(dht11Temperature(bytes("00 00 0a 81")), -101);
  assert.is(dht11Temperature(bytes("00 00 00 85")), -5);
  assert.is(dht11Temperature(bytes("00 00 18 04")), 244);
});

// --- The driver

interface Asked { lows: number[]; result: [string, Values][] }

/** A sample of answers that come one after the other. */
const sample = (make: (read: DhtFrame) => Driver, ...answers: string[]): Asked => {
  const asked: Asked = { lows: [], result: [] };
  const driver = make((lowMs, done) => {
    asked.lows.push(lowMs);
    done(answers.shift()!);
  });
  assert.equal(asked.lows, [], "creating reads nothing");
  run(() => {
    driver.open((error) => assert.is(error, ""));
    driver.sample((...result) => asked.result.push(result));
  });
  return asked;
};

const dht22 = (read: DhtFrame): Driver => create(read, meta.constants({})[0] as number);
const dht11 = (read: DhtFrame): Driver => create11(read, meta11.constants({})[0] as number);
const OLD = bytes("01 00 00 10 11");

test("the first answer is old and begins a measurement; the second one, 2 s later, is published", () => {
  assert.equal(sample(dht22, OLD, bytes("02 8c 80 65 73")), { lows: [2, 2], result: [["", [-101, 652]]] });
  assert.equal(waitsMs, [2000]);
});

test("the start signal is that of the part: 1 to 10 ms, 18 to 30 ms", () => {
  assert.equal(sample(dht11, bytes("35 00 18 00 4d"), bytes("35 00 18 00 4d")).lows, [20, 20]);
});

test("no answer is \"absent\", lost bits are \"timeout\", either time", () => {
  for (const [answer, reason] of [["", "absent"], [bytes("02 8c 80"), "timeout"]] as const) {
    assert.equal(sample(dht22, answer).result, [[reason, []]]);
    assert.equal(sample(dht22, OLD, answer).result, [[reason, []]]);
  }
});

test("each single wrong bit is \"checksum\"; the data sheet's example of a wrong frame, too", () => {
  for (let bit = 0; bit < 40; bit++) {
    const wrong = [...bytes("02 8c 01 5f ee")].map((c, i) => c.charCodeAt(0) ^ (i === bit >> 3 ? 1 << (bit & 7) : 0));
    assert.equal(sample(dht22, OLD, bytes(wrong)).result, [["checksum", []]], `bit ${bit}`);
  }
  assert.equal(sample(dht11, bytes("35 00 18 00 49")).result, [["checksum", []]]);
});

test("values beyond what the part measures are \"range\", those at its ends are not", () => {
  const frame = (humidity: number, temperature: number): string => {
    const word = Math.abs(temperature) | (temperature < 0 ? 0x8000 : 0);
    const four = [humidity >> 8, humidity & 255, word >> 8, word & 255];
    return bytes([...four, four.reduce((a, b) => a + b) & 255]);
  };
  for (const [humidity, temperature] of [[1001, 200], [500, 801], [500, -401]] as const) {
    assert.equal(sample(dht22, OLD, frame(humidity, temperature)).result, [["range", []]]);
  }
  for (const [humidity, temperature] of [[1000, 800], [0, -400]] as const) {
    assert.equal(sample(dht22, OLD, frame(humidity, temperature)).result, [["", [temperature, humidity]]]);
  }
});

test("the drivers are below 700 and 800 bytes", async () => {
  assert.ok((await driverAlone("dht22")).bytes <= 700, `${(await driverAlone("dht22")).bytes} bytes`);
  const alone = await driverAlone("dht11");
  assert.not.match(alone.code, /deviceClass|title/);
});

test.run();
