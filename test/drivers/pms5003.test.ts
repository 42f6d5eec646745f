import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, meta, pmsSum } from "../../lib/drivers/pms5003.ts";
import type { Driver, DriverOptions, Values } from "../../lib/drivers/types.ts";
import { driverAlone } from "./bundle.ts";
import { bytes, now, run } from "./clock.ts";
import { inPieces, sampleOf, serial, type Serial } from "./serial.ts";

/** A frame as appendix I has it, of 13 words. */
const frame = (...words: number[]): string => {
  const head = bytes([0x42, 0x4d, 0, 28, ...words.flatMap((word) => [word >> 8, word & 255])]);
  const sum = pmsSum(head);
  return head + bytes([sum >> 8, sum & 255]);
};

const AIR = frame(5, 8, 9, 4, 7, 1000, 900, 260, 45, 3, 1, 0, 0x9100);

const makeDriver = (port: Serial, options: DriverOptions): Driver =>
  create(port, ...(meta.constants(options) as [number[], boolean, number]));

const use = (port: Serial, options: DriverOptions = { preheat: false }): [string, Values][] =>
  sampleOf(port, () => makeDriver(port, options));

const READ = bytes("42 4d e2 00 00 01 71");

test("appendix I: the check is the sum of all bytes before it", () => {
  assert.is(pmsSum(bytes("42 4d 00 1c") + "\0".repeat(26)), 0x42 + 0x4d + 0x1c);
  assert.is(pmsSum("\xff".repeat(30)), 30 * 255);
});

test("it is told to be silent, and asked; the concentrations of the atmosphere are published", () => {
  const port = serial((command) => command === READ ? AIR : "");
  assert.equal(use(port), [["", [4, 7, 1000]]]);
  assert.equal(port.written, [bytes("42 4d e1 00 00 01 70"), READ]);
});

test("standard particles and numbers of particles are other words", () => {
  const port = (): Serial => serial((command) => command === READ ? AIR : "");
  assert.equal(use(port(), { calibration: "standard", preheat: false }), [["", [5, 8, 9]]]);
  assert.equal(use(port(), { counts: true, preheat: false }), [["", [4, 7, 1000, 900, 260, 45, 3, 1, 0]]]);
  assert.is(meta.fields({ counts: true }).length, 9);
});

test("a frame is found in pieces of any length, behind whatever comes before it", () => {
  for (const before of ["", "B", "BM", bytes("42 4d 00 04 e1 00 01 74"), "\0\xff\x42", AIR.slice(5), "BM\0\x1c".repeat(3)]) {
    for (const size of [1, 2, 3, 5, 8, 13, 21, 32, 64]) {
      const all = before + AIR;
      const pieces = inPieces(all, size);
      assert.equal(use(serial((command) => command === READ ? pieces : "")), [["", [4, 7, 1000]]], `${size} bytes`);
    }
  }
});

test("each single wrong bit is \"checksum\" or no frame at all, and no value", () => {
  for (let bit = 0; bit < 256; bit++) {
    const wrong = [...AIR].map((c, i) => c.charCodeAt(0) ^ (i === bit >> 3 ? 1 << (bit & 7) : 0));
    const result = use(serial((command) => command === READ ? bytes(wrong) : ""));
    assert.equal(result, [[bit < 32 ? "timeout" : "checksum", []]], `bit ${bit}`);
  }
});

test("no answer is \"timeout\", and a right frame behind a wrong one counts", () => {
  assert.equal(use(serial(() => "")), [["timeout", []]]);
  assert.equal(now(), 1500);
  const wrong = AIR.slice(0, 31) + "\0";
  assert.equal(use(serial((command) => command === READ ? wrong + AIR : "")), [["", [4, 7, 1000]]]);
});

test("asleep between samples it is woken up, and asked 30 s later, whatever it says before", () => {
  const port = serial((command, ms) => command === READ ? AIR : command.charCodeAt(2) === 0xe4 && ms === 0 ? frame(...Array<number>(13).fill(1)) : "");
  assert.equal(use(port, { sleep: true }), [["", [4, 7, 1000]]]);
  const [wake, sleep] = [bytes("42 4d e4 00 01 01 74"), bytes("42 4d e4 00 00 01 73")];
  assert.equal(port.written.slice(1), [wake, READ, sleep]);
  assert.equal(now(), 30_000);
  assert.is(meta.conversionMs({ sleep: true }), 31_500);
});

test("for 30 s after power-on nothing is published; nor after it was gone", () => {
  let isThere = true;
  const port = serial((command) => command === READ && isThere ? AIR : "");
  const seen: [number, string][] = [];
  run(() => {
    const driver = makeDriver(port, {});
    const look = (): void => driver.sample((error, values) => {
      seen.push([now(), error === "" ? String(values) : error]);
      isThere = seen.length !== 4;
      if (seen.length < 8) setTimeout(look, 14_000);
    });
    look();
  });
  const [good, preheating] = ["4,7,1000", "preheating"];
  assert.equal(seen.map(([, what]) => what),
    [preheating, preheating, preheating, good, "timeout", preheating, preheating, good]);
});

test("meta stays out of the bundle", async () => {
  const alone = await driverAlone("pms5003");
  assert.not.match(alone.code, /atmospheric|title/);
  assert.ok(alone.bytes <= 820, `${alone.bytes} bytes`);
});

test.run();
