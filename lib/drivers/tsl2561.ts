/**
 * ams (TAOS) TSL2561: light as the eye sees it, on I2C (0x39 with ADDR floating, 0x29 low, 0x49 high).
 * Source: TSL2560, TSL2561 data sheet TAOS059N, March 2009; headings are its.
 * Between samples the part is powered down. A measurement takes an integration time of 13.7, 101 or 402 ms, which its
 * oscillator makes up to 7 % longer (690 to 780 kHz for 735, "Operating characteristics").
 */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../platform/types.ts";
import type { Driver, DriverMeta, DriverOptions, Values } from "./types.ts";

/** "Register set", as they are in a command with the word bit (0xa0) or without (0x80). */
const CONTROL = 0x80;
const TIMING = 0x81;
const ID = "\x8a";
const DATA = ["\xac", "\xae"];
/** "Control register": powered up; the upper bits read 0 or alike. */
const POWER_UP = 3;

/**
 * [0.1 lx] of both channels, scaled to 402 ms and gain 16 ("Calculating lux"). Where there is more infrared than a lamp
 * or the sun has (a ratio above 1.3) it is 0.
 * @param table by ratio up to its first number, factors of all light and of infrared; the first infrared's is of light
 * times ratio^1.4
 */
export const convert = (light: number, infrared: number, table: number[]): Values => {
  const ratio = light > 0 ? infrared / light : 0;
  let at = 0;
  while (at < table.length && ratio > table[at]!) {
    at += 3;
  }
  const less = at > 0 ? infrared : light * Math.pow(ratio, 1.4);
  return [at < table.length ? Math.floor((light * table[at + 1]! - less * table[at + 2]!) * 10 + 0.5) : 0];
};

/**
 * Errors: "nack"; "id"; "reset": it lost its power in the measurement; "range": more light than it can count.
 * @param part upper 4 bits of the id ("ID register")
 * @param table see {@link convert}
 * @param timing timing register: gain and integration time
 * @param factor what a count is at 402 ms and gain 16
 * @param most the count that it does not go beyond
 */
export const create = (
  transfer: I2cTransfer,
  address: number,
  part: number,
  table: number[],
  timing: number,
  factor: number,
  most: number,
  measureMs: number,
): Driver => {
  const ask = (bytes: string, count: number): string | undefined => transfer(address, bytes, count);
  const set = (register: number, value: number): boolean =>
    ask(String.fromCharCode(register, value), 0) !== undefined;
  const count = (bytes: string): number => bytes.charCodeAt(0) + bytes.charCodeAt(1) * 256;

  return {
    open: (done) => {
      const id = ask(ID, 1);
      done(id === undefined ? "nack" : Math.floor(id.charCodeAt(0) / 16) === part ? "" : "id");
    },
    // The timing each time: a part that lost its power since has lost it.
    sample: (done) => {
      if (set(CONTROL, POWER_UP) && set(TIMING, timing)) {
        after(() => {
          const light = ask(DATA[0]!, 2);
          const infrared = ask(DATA[1]!, 2);
          // Last: the power may go between two messages.
          const control = ask(String.fromCharCode(CONTROL), 1);
          if (control === undefined || light === undefined || infrared === undefined || !set(CONTROL, 0)) {
            done("nack", []);
          } else if (control.charCodeAt(0) % 4 !== POWER_UP) {
            done("reset", []);
          } else if (count(light) >= most || count(infrared) >= most) {
            done("range", []);
          } else {
            done("", convert(count(light) * factor, count(infrared) * factor, table));
          }
        }, measureMs);
      } else {
        done("nack", []);
      }
    },
  };
};

/** "Calculating lux", by package; "ID register". */
const PACKAGES: Record<string, [number, number[]]> = {
  t: [5, [0.5, 0.0304, 0.062, 0.61, 0.0224, 0.031, 0.8, 0.0128, 0.0153, 1.3, 0.00146, 0.00112]],
  cs: [1, [0.52, 0.0315, 0.0593, 0.65, 0.0229, 0.0291, 0.8, 0.0157, 0.018, 1.3, 0.00338, 0.0026]],
};
const packageOf = (options: DriverOptions): [number, number[]] => PACKAGES[options["package"] as string] ?? PACKAGES["t"]!;
/** By integration time ("Timing register"; "Operating characteristics": full scale): code, ms, most counts. */
const TIMES: Record<string, [number, number, number]> = {
  13.7: [0, 13.7, 5047], 101: [1, 101, 37177], 402: [2, 402, 65535],
};
const timeOf = (options: DriverOptions): [number, number, number] =>
  TIMES[String(options["integrationMs"] as number | undefined ?? 402)]!;
const gainOf = (options: DriverOptions): number => options["gain"] as number | undefined ?? 1;

export const meta: DriverMeta = {
  title: "ams TSL2561: light",
  bus: "i2c",
  addresses: [0x39, 0x29, 0x49],
  maxBitrate: 400_000, // "AC electrical characteristics", I2C clock frequency
  options: {
    package: { enum: ["t", "cs"], default: "t", description: "Its package: t is T, FN and CL; cs the chip scale one." },
    gain: { enum: [1, 16], default: 1, description: "Gain: 16 is finer, and ends at less light." },
    integrationMs: {
      enum: [13.7, 101, 402],
      default: 402,
      description: "Integration time, ms: longer is finer, and ends at less light.",
    },
  },
  fields: () => [
    { name: "illuminance", unit: "lx", decimals: 1, deviceClass: "illuminance", stateClass: "measurement" },
  ],
  conversionMs: (options: DriverOptions) => Math.ceil(timeOf(options)[1] * 1.07),
  constants: (options: DriverOptions) => {
    const time = timeOf(options);
    const gain = gainOf(options);
    // "Calculating lux": CHSCALE, by 322/11 and 322/81 for 13.7 and 101 ms.
    const scale = [322 / 11, 322 / 81, 1][time[0]]! * 16 / gain;
    const timing = (gain === 16 ? 16 : 0) + time[0];
    const kind = packageOf(options);
    return [kind[0], kind[1], timing, Number(scale.toPrecision(9)), time[2], meta.conversionMs(options)];
  },
};
