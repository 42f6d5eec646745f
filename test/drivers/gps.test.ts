import { test } from "uvu";
import * as assert from "uvu/assert";
import { create, isNmea, meta, nmeaAngle, nmeaFields, nmeaNumber } from "../../lib/drivers/gps.ts";
import type { Values } from "../../lib/drivers/types.ts";
import { driverAlone } from "./bundle.ts";
import { now, run } from "./clock.ts";
import { inPieces, serial } from "./serial.ts";

/** Of "NMEA data" by Dale DePriest (gpsinformation.org/dale/nmea.htm), and of u-blox R28, 31.2.4 and 31.2.13. */
const RMC = "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A";
const GGA = "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47";
const UBLOX_RMC = "$GPRMC,083559.00,A,4717.11437,N,00833.91522,E,0.004,77.52,091202,,,A*57";
const UBLOX_GGA = "$GPGGA,092725.00,4717.11399,N,00833.91590,E,1,08,1.01,499.6,M,48.0,M,,*5B";

/** A sentence with the check digits that it has to have. */
const checked = (body: string): string => {
  const sum = [...body].reduce((all, c) => all ^ c.charCodeAt(0), 0);
  return `$${body}*${sum.toString(16).toUpperCase().padStart(2, "0")}`;
};

test("the check digits of the examples are right, and no other two are", () => {
  for (const line of [RMC, GGA, UBLOX_RMC, UBLOX_GGA]) {
    assert.ok(isNmea(line), line);
    for (let at = 1; at < line.length; at++) {
      const wrong = line.slice(0, at) + String.fromCharCode(line.charCodeAt(at) ^ 1) + line.slice(at + 1);
      assert.not(isNmea(wrong), wrong);
    }
  }
  for (const line of ["", "$", "*", "$*", "$GPRMC", "$GPRMC*", "$GPRMC*4", "GPRMC*4B"]) assert.not(isNmea(line), line);
});

test("fields are counted from the name on; one without a text is empty", () => {
  assert.equal(nmeaFields(RMC), RMC.slice(0, RMC.indexOf("*")).split(","));
  assert.equal(nmeaFields(GGA).slice(12), ["M", "", ""]);
  assert.equal(nmeaFields("$GPTXT*00"), ["$GPTXT"]);
});

test("a sentence that is too short, with right check digits, has no numbers, and a fix without a place is none", () => {
  assert.equal(use(`${checked("GNRMC,1,A")}\r\n${checked("GNGGA")}\r\n`), [["range", []]]);
  const [error, values] = use(`${checked("GNRMC,1,A")}\r\n${checked("GNGGA,1,4807.038,N,01131.000,E")}\r\n`)[0]!;
  assert.equal([error, Array.from(values)], ["", [48117300, 11516667, ...Array<undefined>(5).fill(undefined)]]);
});

test("a place beyond a pole or the date line, with right check digits, is \"range\"", () => {
  for (const place of ["9000.00010,N,01131.0,E", "9100.0,S,01131.0,E", "4807.0,N,18000.0001,W", "4807.0,N,99999.9,E",
    "-100.0,N,01131.0,E"]) {
    const gga = checked(`GPGGA,123519,${place},1,08,0.9,545.4,M,46.9,M,,`);
    assert.equal(use(`${RMC}\r\n${gga}\r\n`), [["range", []]], place);
    assert.equal(use(`${RMC}\r\n${gga}\r\n${GGA}\r\n`), [HERE], place);
  }
});

test("numbers become integers of so many decimals; what is beyond is cut off", () => {
  const rows: [string | undefined, number, number | undefined][] = [
    ["545.4", 1, 5454], ["0.9", 2, 90], ["022.4", 3, 22400], ["08", 0, 8], ["-12.34", 1, -123], ["4807.038", 5, 480703800],
    ["17.999", 1, 179], ["5.", 2, 500], [".5", 1, 5], ["", 2, undefined], [undefined, 2, undefined], ["0", 3, 0], ["-0.5", 1, -5],
  ];
  for (const [text, decimals, value] of rows) assert.is(nmeaNumber(text, decimals), value, text);
});

test("47 degrees 17.11437 minutes are 47.285240 degrees; south and west are negative", () => {
  assert.is(nmeaAngle("4717.11437", "N", 180), 47285240);
  assert.is(nmeaAngle("4807.038", "N", 180), 48117300);
  assert.is(nmeaAngle("01131.000", "W", 180), -11516667);
  assert.is(nmeaAngle("00007.40736", "S", 180), -123456);
  assert.is(nmeaAngle("18000.00000", "E", 180), 180000000);
  assert.is(nmeaAngle("9000.00000", "S", 90), -90000000);
  assert.is(nmeaAngle("9000.00100", "S", 90), undefined);
  assert.is(nmeaAngle("", "", 180), undefined);
});

const use = (...pieces: string[]): [string, Values][] => {
  const port = serial(() => "");
  const sampled: [string, Values][] = [];
  run(() => {
    const driver = create(port);
    driver.open((error) => assert.is(error, ""));
    port.give("$GPRMC,1*00\r\n");
    driver.sample((...sample) => sampled.push(sample));
    setTimeout(() => pieces.forEach((piece) => port.give(piece)), 100);
  });
  assert.equal(port.written, []);
  return sampled;
};

const HERE: [string, Values] = ["", [48117300, 11516667, 5454, 415, 844, 8, 90]];

test("a fix is what RMC and GGA say together, in either order, from any talker", () => {
  assert.equal(use(`${RMC}\r\n${GGA}\r\n`), [HERE]);
  assert.equal(use(`${GGA}\r\n${RMC}\r\n`), [HERE]);
  assert.equal(use([RMC, GGA].map((line) => `${checked(line.slice(1, -3).replace("GP", "GN"))}\r\n`).join("")), [HERE]);
});

test("sentences may come in pieces of any length, and after something else", () => {
  for (const before of ["", "4807.038,N*11\r\n", "\xff$GPGSV,1,1*00\r\n", "$$$$$"]) {
    const all = `${before}${RMC}\r\n${GGA}\r\n`;
    for (const size of [1, 2, 3, 7, 16, 64, 300]) {
      const pieces = inPieces(all, size);
      assert.equal(use(...pieces), before.startsWith("$") ? [["checksum", []]] : [HERE], `${size} ${before}`);
    }
  }
});

test("nothing is \"timeout\", wrong sentences are \"checksum\", a receiver without a fix is \"nofix\"", () => {
  assert.equal(use(), [["timeout", []]]);
  assert.is(now(), 2500);
  assert.equal(use(`${RMC.slice(0, -1)}B\r\n${GGA}\r\n`), [["checksum", []]]);
  const lost = [checked("GNRMC,083559.00,V,,,,,,,091202,,,N"), checked("GNGGA,092725.00,,,,,0,00,99.99,,,,,,")];
  assert.equal(use(`${lost.join("\r\n")}\r\n`), [["nofix", []]]);
  assert.equal(use(`${lost[0]}\r\n${GGA}\r\n`), [["nofix", []]]);
});

test("noise without an end takes no more memory than a sentence", () => {
  assert.equal(use(...Array<string>(50).fill("x".repeat(90)), `\r\n${RMC}\r\n${GGA}\r\n`), [HERE]);
});

test("a field that a receiver leaves empty is not published", () => {
  const standing = checked("GNRMC,083559.00,A,4807.038,N,01131.000,E,0.004,,091202,,,A");
  assert.equal(use(`${standing}\r\n${GGA}\r\n`), [["", [48117300, 11516667, 5454, 0, undefined, 8, 90]]]);
});

test("meta stays out of the bundle", async () => {
  const alone = await driverAlone("gps");
  assert.not.match(alone.code, /latitude|title/);
  assert.ok(alone.bytes <= 1500, `${alone.bytes} bytes`);
  assert.is(meta.constants({}).length, 0);
});

test.run();
