/** BME680 data sheet BST-BME680-DS001 1.9: 3.1 to 3.4, 5.2, 5.3. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as bme680 from "../../lib/drivers/bme680.ts";
import { compensate, heaterCode } from "../../lib/drivers/common/bme680.ts";
import { type Calibration, dataOf, EXAMPLE, heater, reference, registersOf } from "./bme680-reference.ts";
import { driverAlone } from "./bundle.ts";
import { bytes, random } from "./clock.ts";
import { byOptions, nackedAt, play, type Line } from "./script.ts";

const hexOf = (values: number[]): string => values.map((value) => value.toString(16).padStart(2, "0")).join("");
const registers = registersOf(EXAMPLE);
const data = dataOf(495000, 350000, 22000, 700, 4);
const wanted = reference(EXAMPLE, 495000, 350000, 22000, 700, 4);
const values = compensate(bytes([...registers, ...data]));
const code = hexOf([heater(EXAMPLE, 320, 25)]);

const OPEN: Line[] = [
  ["d0", "61"], ["e0b6", ""], ["89", hexOf(registers.slice(0, 25)), 5], ["e1", hexOf(registers.slice(25, 41))],
  ["00", hexOf(registers.slice(41))],
];
// gas_wait_0 of 152 ms: 38 x 4. 1.1 x (3 x 1.963 + 4.293 + 1 + 152) ms.
const SAMPLE: Line[] = [[`7201 5a${code} 6466 7110 7425`, ""], ["1d", hexOf(data), 180]];
const open = (options = {}) => byOptions(bme680, options);

const nearly = (got: number | undefined, want: number, by: number): boolean =>
  got !== undefined && Math.abs(got - want) <= by;

test("the example chip gives what the integer code gives", () => {
  assert.ok(wanted.temperature > 2000 && wanted.pressure > 90000 && wanted.humidity > 20000, JSON.stringify(wanted));
  assert.ok(nearly(values[0], wanted.temperature, 1) && nearly(values[1], wanted.humidity / 10, 6)
    && nearly(values[2], wanted.pressure, 6) && nearly(values[3], wanted.ohms, wanted.ohms / 1000),
  `${JSON.stringify(wanted)} ${values.join(" ")}`);
});

test("2,000 random chips and readings: within the roundings of the integer code, below 0 degC and in each gas range", () => {
  const below = random(680);
  const about = (value: number, share = 0.1): number =>
    Math.round(value * (1 + share * (below(2001) - 1000) / 1000));
  let negative = 0;
  let done = 0;
  while (done < 2000) {
    const chip: Calibration = {
      ...EXAMPLE, t: [about(26041, 0.02), about(26469, 0.02), below(8)],
      p: EXAMPLE.p.map((word) => about(word, 0.05)) as Calibration["p"],
      h: [about(800), about(1025), below(20) - 10, 45, 20, 120, about(-100)],
      switchError: below(16) - 8,
    };
    const range = below(16);
    const adc = [400000 + below(200000), 250000 + below(200000), 12000 + below(20000), below(1024), range] as const;
    const want = reference(chip, ...adc);
    if (want.temperature < -3990 || want.temperature > 8490) continue;
    if (want.pressure < 30100 || want.pressure > 109900) continue;
    const got = compensate(bytes([...registersOf(chip), ...dataOf(...adc)]));
    const what = JSON.stringify({ chip, adc, want, got });
    const percent = Math.min(100000, Math.max(0, want.humidity)) / 10;
    assert.ok(nearly(got[0], want.temperature, 1), what);
    // The code in integers cuts off 1 in 32768 twice (var1), and up to 0.06 %RH.
    assert.ok(nearly(got[2], want.pressure, 10), what);
    assert.ok(nearly(got[1], percent, 8), what);
    assert.ok(nearly(got[3], want.ohms, 1 + want.ohms / 2000), what);
    if (want.temperature < 0) negative++;
    done++;
  }
  assert.ok(negative > 200, `${negative}`);
});

test("the heater's code is that of the integer code, to 1, for each temperature", () => {
  for (let celsius = 200; celsius <= 400; celsius += 10) {
    const want = heater(EXAMPLE, celsius, 0);
    const got = heaterCode(bytes(registers), celsius, 0);
    assert.ok(Math.abs(got - want) <= 1, `${celsius}: ${got}, not ${want}`);
  }
});

test("the air's temperature counts for the heater, below 0 degC, too: par_g3 / 1024 a degree (3.3.5)", () => {
  // 3.4 x 18 / 1024 x 4 / (4 + 1) / 1.08, 0.0443 a degree. The integer code loses it in a division by 1000.
  const at = (ambient: number): number => heaterCode(bytes(registers), 320, ambient);
  assert.is(EXAMPLE.g[2], 18);
  assert.ok(nearly(at(60) - at(0), 60 * 0.0443, 1) && nearly(at(-40) - at(0), -40 * 0.0443, 1), `${at(60)} ${at(-40)}`);
  assert.ok(at(60) > at(0) && at(-40) < at(0));
});

test("opening reads id and calibration once; each sample sets all and is one forced measurement", () => {
  const again: Line[] = [[`7201 5a${hexOf([heaterCode(bytes(registers), 320, values[0]! / 100)])} 6466 7110 7425`, ""],
    SAMPLE[1]!];
  assert.equal(play(open(), [...OPEN, ...SAMPLE, ...again], 2, 0x76),
    { opened: [""], sampled: [["", values], ["", values]] });
});

test("the heater's time has 6 bits and a power of 4 (5.3.3.3); off, there is no gas", () => {
  const rows: [number, number][] =
    [[20, 20], [63, 63], [64, 0x50], [150, 0x66], [252, 0x7f], [1000, 0xbf], [4032, 0xff]];
  for (const [heaterMs, wait] of rows) assert.is(bme680.meta.constants({ heaterMs })[3], wait, String(heaterMs));
  const off = { heater: 0 };
  assert.equal(bme680.meta.fields(off).map(({ name }) => name), ["temperature", "humidity", "pressure"]);
  assert.is(bme680.meta.conversionMs(off), 13);
  const cold = heaterCode(bytes(registers), 0, 25) & 255;
  const noGas = dataOf(495000, 350000, 22000, 0, 0, 0);
  const script: Line[] = [...OPEN, [`7201 5a${hexOf([cold])} 6466 7100 7425`, ""], ["1d", hexOf(noGas), 13]];
  assert.equal(play(open(off), script).sampled, [["", [...values.slice(0, 3), undefined]]]);
  assert.equal(bme680.meta.problems!({ heater: 100 }).map(([path]) => path), ["/heater"]);
  assert.equal([0, 200, 400].flatMap((heater) => bme680.meta.problems!({ heater })), []);
});

test("a gas sensor that is not hot, or no measurement of gas, is \"heater\" and gives the other values", () => {
  for (const flags of [0x20, 0x10, 0]) {
    const script: Line[] = [...OPEN, SAMPLE[0]!, ["1d", hexOf(dataOf(495000, 350000, 22000, 700, 4, flags)), 180]];
    assert.equal(play(open(), script).sampled, [["heater", [...values.slice(0, 3), undefined]]]);
  }
});

test("a part that does not acknowledge, whichever transfer it is, is \"nack\"", () => {
  const script = [...OPEN, ...SAMPLE];
  script.forEach((_, at) => {
    const after = at === 2 ? OPEN.slice(3) : at === 3 ? OPEN.slice(4) : [];
    assert.equal(play(open(), [...nackedAt(script, at), ...after]),
      at < OPEN.length ? { opened: ["nack"], sampled: [] } : { opened: [""], sampled: [["nack", []]] }, `${at}`);
  });
});

test("another part is \"id\"; one without new data is asked again, five times, and is \"timeout\" then", () => {
  assert.equal(play(open(), [["d0", "60"]]).opened, ["id"]);
  const late = (status: string, ms: number): Line => ["1d", `${status}${hexOf(data.slice(1))}`, ms];
  for (const status of ["20", "60", "00", "c0"]) {
    assert.equal(play(open(), [...OPEN, SAMPLE[0]!, late(status, 180), ["1d", hexOf(data), 10]]).sampled, [["", values]]);
  }
  const again = Array.from({ length: 5 }, () => late("00", 10));
  assert.equal(play(open(), [...OPEN, SAMPLE[0]!, late("00", 180), ...again]).sampled, [["timeout", []]]);
});

test("what the part cannot measure, and a calibration of zeros, is \"range\"", () => {
  for (const adc of [[200000, 350000], [900000, 350000], [495000, 0], [495000, 1048575]] as [number, number][]) {
    const script: Line[] = [...OPEN, SAMPLE[0]!, ["1d", hexOf(dataOf(...adc, 22000, 700, 4)), 180]];
    assert.equal(play(open(), script).sampled, [["range", []]], adc.join(" "));
  }
  assert.equal(compensate(bytes([...new Array<number>(46).fill(0), ...data])), []);
});

test("meta stays out of the bundle, and the driver with what it shares is below 2,600 bytes", async () => {
  const { code: text, bytes: size } = await driverAlone("bme680");
  assert.not.match(text, /deviceClass|title|oversampling/);
  assert.ok(size <= 720, `${size} bytes`);
  assert.ok(text.length <= 2600, `${text.length} bytes with what it shares`);
});

test.run();
