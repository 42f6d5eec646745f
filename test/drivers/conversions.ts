/**
 * Every pure conversion of the drivers, with cases: one program in the portable subset prints what they compute, to be
 * compared between engines. A row is named by the module of `lib/drivers` and what of its exports it calls.
 */
import { meta } from "../../lib/drivers/analog.ts";
import { meta as tsl2561 } from "../../lib/drivers/tsl2561.ts";
import { anyCalibration, dataOf, registersOf } from "./bme280-reference.ts";
import * as bme680 from "./bme680-reference.ts";
import { bytes, random } from "./clock.ts";

type Case = string | number | (string | number)[];

export interface Row {
  module: string;
  names: string[];
  cases: Case[];
  /** What is printed of a case `c`. */
  print: string;
}

/** So many of what is drawn. */
const CASES = 80;

const below = random(282);
const many = <T>(make: () => T): T[] => Array.from({ length: CASES }, make);
const from = (least: number, most: number): number => least + below(most - least + 1);
/** Any bytes; the first cases are the ends of what there is. */
const anyBytes = (count: number): string[] => [0, 255, 127, 128]
  .map((byte) => bytes(new Array<number>(count).fill(byte)))
  .concat(many(() => bytes(Array.from({ length: count }, () => below(256)))));
const anyWord = (): number => below(65536);
/** A number of IEEE 754 that a part gives, with the CRCs of two words. */
const float = (value: number): number[] => {
  const all = Buffer.alloc(4);
  all.writeFloatBE(value);
  return [all[0]!, all[1]!, 0, all[2]!, all[3]!, 0];
};

const points = [0, 0, 0.25, 17, 0.5, -400, 1, 3000];
const coefficients = meta.constants({
  ntc: { steinhartHart: [0.001129148, 0.000234125, 0.0000000876741], nominalOhms: 10000, seriesOhms: 100000, side: "low" },
}).slice(7) as [number, number, number, number];
const luxTable = tsl2561.constants({})[1] as number[];

const row = (module: string, names: string | string[], cases: Case[], print: string): Row =>
  ({ module, names: [names].flat(), cases, print });
/** A function of bytes that gives values. */
const values = (module: string, name: string, count: number, cases: Case[]): Row =>
  row(module, name, cases, `all(${name}(c), ${count})`);
/** Functions of bytes that give a whole number. */
const whole = (module: string, names: string[], cases: Case[]): Row =>
  row(module, names, cases, names.map((name) => `num(${name}(c))`).join(' + " " + '));

const NMEA = [
  "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A",
  "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47",
  "$GPRMC,083559.00,A,4717.11437,N,00833.91522,E,0.004,77.52,091202,,,A*57",
  "$GPGGA,092725.00,4717.11399,N,00833.91590,E,1,08,1.01,499.6,M,48.0,M,,*5A",
];

export const ROWS: Row[] = [
  values("aht20", "convert", 2, anyBytes(7)),
  // Espruino reads decimal fractions, even 0.75, as a neighbour of the right double; that decides ties: none here.
  row("analog", ["interpolate", "thermistor"], many(() => from(21, 4074)), `num(interpolate(${JSON.stringify(points)}, c / 4096) + 0.5) + " " + num(thermistor(100, ${coefficients.join(", ")}, c / 4096) + 0.5)`),
  // Some are beyond what the parts measure.
  values("bme280", "compensate", 3, many(() => bytes([
    ...registersOf(anyCalibration(below)),
    ...dataOf(from(380_000, 680_000), from(200_000, 700_000), from(5000, 55_000)),
  ]))),
  values("bmp280", "compensate", 2, many(() => bytes([
    ...registersOf(anyCalibration(below)).slice(0, 24),
    ...dataOf(from(380_000, 680_000), from(200_000, 700_000), 0).slice(0, 6),
  ]))),
  values("common/bme680", "compensate", 4, many(() => bytes([
    ...bme680.registersOf(bme680.EXAMPLE),
    ...bme680.dataOf(from(300_000, 700_000), from(200_000, 500_000), from(5000, 40_000), below(1024), below(16),
      below(4) * 16),
  ]))),
  row("common/bme680", "heaterCode", many(() => [bytes(bme680.registersOf(bme680.EXAMPLE)), from(100, 400), from(-40, 85)]),
    "num(heaterCode(c[0], c[1], c[2]))"),
  row("dht11", ["dht11Humidity", "dht11Temperature"], anyBytes(5), "num(dht11Humidity(c)) + num(dht11Temperature(c))"),
  whole("dht22", ["dhtSum", "dhtHumidity", "dhtTemperature"], anyBytes(5)),
  row("ds18b20", "sixteenths", anyBytes(9), `num(sixteenths(c, 1)) + " " + num(sixteenths(c, 8))`),
  row("gps", ["isNmea", "nmeaAngle", "nmeaFields"], NMEA, `(isNmea(c) ? "right" : "wrong")
    + " " + (nmeaAngle(nmeaFields(c)[3], "S", 180) ?? "nothing")
    + " " + (nmeaAngle(nmeaFields(c)[4], "W", 180) ?? "nothing")`),
  row("gps", "nmeaNumber", ["", "0", "-0.5", "12.34567", "99999.99", "-4807.038"], `(nmeaNumber(c, 3) ?? "nothing") + ""`),
  row("hcsr04", "distance", many(() => below(30_000)), "num(distance(c, 0.34375))"),
  values("hdc1080", "convert", 2, anyBytes(4)),
  row("htu21d", ["toTemperature", "toHumidity"], many(() => [anyWord(), from(-4000, 12_500)]),
    `num(toTemperature(c[0])) + " " + num(toHumidity(c[0], c[1], -0.15)) + " " + num(toHumidity(c[0], c[1], 0))`),
  row("hx711", "signed24", [0, 8388607, 8388608, 16777215], "num(signed24(c))"),
  row("lis3dh", "axisOf", anyBytes(4), "all([axisOf(c, 0, 9.8125), axisOf(c, 2, 117.75)], 2)"),
  row("max17048", "max17048Values", anyBytes(2), "all(max17048Values(c, c, c), 3)"),
  values("mcp9808", "convert", 1, anyBytes(2)),
  whole("mhz19", ["mhzSum", "co2"], anyBytes(9)),
  row("mhz19", "mhzCommand", anyBytes(6), `num(mhzCommand(c).length) + " " + num(mhzCommand(c).charCodeAt(8))`),
  row("ms5611", "promCrc", anyBytes(16), "num(promCrc(c))"),
  row("ms5611", "ms5611Values",
    many(() => [bytes("0000 9cbf 903c 5b15 5af2 82b8 6e98 0000"), from(6_000_000, 10_000_000), from(6_500_000, 10_000_000)]),
    "all(ms5611Values(c[0], c[1], c[2]), 2)"),
  whole("pms5003", ["pmsSum"], anyBytes(32)),
  row("pulse", "pulsesTo", many(() => below(1_000_000)), `num(pulsesTo(c, 0.5)) + " " + num(pulsesTo(c, 12.625))`),
  row("rotary", "stepsOf", many(() => from(-999, 999)), `num(stepsOf(c, 4)) + " " + num(stepsOf(c, 2))`),
  row("scd30", "floatAt", [0.01, -273.15, 439.09, 27.24, -6.5e-5, 40_000].map((value) => bytes(float(value))),
    "num(floatAt(c, 0) * 1048576)"),
  values("scd30", "scd30Values", 3, many(() =>
    bytes([...float(below(41_000) / 7), ...float(from(-4500, 7500) / 100), ...float(from(-100, 10_200) / 100)]))),
  values("scd4x", "scd4xValues", 3, anyBytes(9)),
  values("sht3x", "convert", 2, anyBytes(6)),
  values("sht4x", "convert", 2, anyBytes(6)),
  values("tmp117", "convert", 1, anyBytes(2)),
  row("tsl2561", "convert", many(() => [from(1, 65_535), below(65_536)]), `all(convert(c[0], c[1], ${JSON.stringify(luxTable)}), 1)`),
  row("veml7700", "convert", many(anyWord), "all(convert(c, 0.0576), 1)"),
  row("common/bytes", ["word", "signedWord"], anyBytes(2), `num(word(c, 0)) + " " + num(signedWord(c, 0))`),
  row("common/crc8", "crc8", anyBytes(6), `num(crc8(c, 255)) + " " + num(crc8(c, 0))`),
  row("common/mpu6050", "mpuValues", anyBytes(15), "all(mpuValues(c, 1, 0.5986, 6.104), 7)"),
  row("common/onewire", "crc8", anyBytes(9), "num(crc8(c))"),
];

/**
 * What drivers export that is no conversion, or computes with a part at hand: `test/node/ranges` compares what becomes
 * of that between engines.
 */
export const OTHERS: Record<string, string[]> = {
  contact: ["binaryOptions", "binaryConstants"], dht22: ["dhtDriver", "dhtFields"],
  "common/bosch": ["compensated", "bosch"], "common/command": ["readWords"], "common/frames": ["frames"],
  "common/ina": ["ina", "powerFields"], "common/sensirion": ["sendCommand", "sendArgument"], "common/wait": ["LATE", "askAfter"],
};

/** Characters that a target writes by their numbers, before digits. */
const TEXT = ["\x005", "\x1a3", "\\05", "\x7f1", "\xff9", "\r1", "\x080", "\x0b7"];

const typeOf = (value: Case): string => (Array.isArray(value) ? `[${value.map(typeOf).join(", ")}]` : typeof value);
const unique = (module: string, name: string): string => `${module.replace(/\W/g, "_")}_${name}`;

const keyOf = ({ module, names }: Row): string => unique(module, names.join("_"));

/** A global that the program reads: to compile some thousand literals takes long. */
const CASES_NAME = "cases";
export const casesInJs = `var ${CASES_NAME} = ${JSON.stringify(Object.fromEntries(ROWS.map((each) => [keyOf(each), each.cases])))
  .replace(/[^ -~]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`)
  .replace(/\\u00(..)/g, "\\x$1")};`;
const inLua = (value: Case | Case[]): string => (Array.isArray(value) ? `{${value.map(inLua).join()}}`
  : typeof value === "number" ? String(value)
    : `"${value.replace(/[^a-zA-Z]/g, (c) => `\\${String(c.charCodeAt(0)).padStart(3, "0")}`)}"`);
export const casesInLua = `${CASES_NAME} = {${ROWS.map((each) => `${keyOf(each)} = ${inLua(each.cases)}`).join()}}`;

const loop = (each: Row): string => {
  const { module, names, print } = each;
  const call = names.reduce((text, name) => text.replace(new RegExp(`\\b${name}\\(`, "g"), `${unique(module, name)}(`), print);
  return `for (const c of ${CASES_NAME}.${keyOf(each)}) { print("${module} ${names.join(" ")} " + (${call})); }`;
};

/** Prints "begin", and a line for each case. */
export const PROGRAM = `${ROWS.map(({ module, names }) =>
  `import { ${names.map((name) => `${name} as ${unique(module, name)}`).join(", ")} } from "motelet/lib/drivers/${module}.ts";`).join("\n")}
declare const print: (this: void, line: string) => void;
declare const ${CASES_NAME}: { ${ROWS.map((each) => `${keyOf(each)}: (${typeOf(each.cases[0]!)})[]`).join("; ")} };
const num = (value: number): string => "" + (Math.floor(value) + 0);
const all = (values: (number | undefined)[], count: number): string => {
  let text = "";
  let i = 0;
  while (i < count) {
    const value = values[i];
    text += value === undefined ? " none" : " " + num(value);
    i++;
  }
  return text;
};
print("begin");
${ROWS.map(loop).join("\n")}
for (const c of ${JSON.stringify(TEXT)}) { print("text " + c.length + " " + c.charCodeAt(0) + " " + c.charCodeAt(1)); }`;
