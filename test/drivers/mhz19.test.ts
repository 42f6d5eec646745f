import { test } from "uvu";
import * as assert from "uvu/assert";
import { co2, create, meta, mhzSum } from "../../lib/drivers/mhz19.ts";
import type { Driver, DriverOptions, Values } from "../../lib/drivers/types.ts";
import { driverAlone } from "./bundle.ts";
import { bytes, now, run } from "./clock.ts";
import { inPieces, sampleOf, serial, type Serial } from "./serial.ts";

const READ = bytes("ff 01 86 00 00 00 00 00 79");
/** User's manual V1.0, "0x86", example. */
const ANSWER = bytes("ff 86 02 20 00 00 00 00 58");

test("manual, \"0x86\": FF 86 02 20 00 00 00 00 58 is 544 ppm; the checksums of its examples are right", () => {
  assert.is(co2(ANSWER), 544);
  for (const example of [READ, ANSWER, bytes("ff 01 79 a0 00 00 00 00 e6"), bytes("ff 01 79 00 00 00 00 00 86")]) {
    assert.is(mhzSum(example), example.charCodeAt(8));
  }
});

const makeDriver = (port: Serial, options: DriverOptions): Driver =>
  create(port, ...(meta.constants(options) as [number, number, number]));

const use = (port: Serial, options: DriverOptions = { preheat: false }): [string, Values][] =>
  sampleOf(port, () => makeDriver(port, options));

test("range and self-calibration are set when it is opened", () => {
  const rows: [DriverOptions, string, string][] = [
    [{}, "ff 01 99 00 00 00 13 88 cb", "ff 01 79 a0 00 00 00 00 e6"],
    [{ range: 2000, autoCalibration: false }, "ff 01 99 00 00 00 07 d0 8f", "ff 01 79 00 00 00 00 00 86"],
  ];
  for (const [options, range, calibration] of rows) {
    const port = serial((command) => command === READ ? ANSWER : "");
    assert.equal(use(port, { ...options, preheat: false }), [["", [544]]]);
    assert.equal(port.written, [bytes(range), bytes(calibration), READ]);
  }
});

test("an answer is found in pieces, and behind what comes before it", () => {
  for (const before of ["", "\xff", "\xff\xff", "\0\x86", bytes("ff 86 02 20 00 00 00 00 59"), ANSWER.slice(3)]) {
    for (const size of [1, 2, 4, 9, 20]) {
      const all = before + ANSWER;
      const pieces = inPieces(all, size);
      assert.equal(use(serial((command) => command === READ ? pieces : "")), [["", [544]]]);
    }
  }
});

test("each single wrong bit is \"checksum\" or no answer, and no value", () => {
  for (let bit = 0; bit < 72; bit++) {
    const wrong = [...ANSWER].map((c, i) => c.charCodeAt(0) ^ (i === bit >> 3 ? 1 << (bit & 7) : 0));
    assert.equal(use(serial((command) => command === READ ? bytes(wrong) : "")),
      [[bit < 16 ? "timeout" : "checksum", []]], `bit ${bit}`);
  }
});

test("no answer is \"timeout\", more than the range is \"range\"", () => {
  assert.equal(use(serial(() => "")), [["timeout", []]]);
  assert.equal(now(), 500);
  const much = bytes("ff 86 13 89 00 00 00 00 de");
  assert.equal(use(serial((command) => command === READ ? much : "")), [["range", []]]);
});

test("for 3 minutes after power-on nothing is published; nor after it was gone", () => {
  let isThere = true;
  const port = serial((command) => command === READ && isThere ? ANSWER : "");
  const seen: [number, string][] = [];
  run(() => {
    const driver = makeDriver(port, {});
    const look = (): void => driver.sample((error, values) => {
      seen.push([now(), error === "" ? String(values[0]) : error]);
      isThere = seen.length !== 4;
      if (seen.length < 10) setTimeout(look, 60_000);
    });
    look();
  });
  const preheating = "preheating";
  assert.equal(seen.map(([, what]) => what),
    [preheating, preheating, preheating, "544", "timeout", preheating, preheating, "544", "544", "544"]);
});

test("meta stays out of the bundle", async () => {
  const alone = await driverAlone("mhz19");
  assert.not.match(alone.code, /autoCalibration|title/);
  assert.ok(alone.bytes <= 780, `${alone.bytes} bytes`);
});

test.run();
