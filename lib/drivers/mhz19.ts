/**
 * Winsen MH-Z19B (and MH-Z19, MH-Z19C): carbon dioxide, on a serial port at 9600 bits a second.
 * Source: Winsen MH-Z19B user's manual V1.0, "Commands" (0x86 read, 0x79 self-calibration, 0x99 range), "Checksum",
 * "Technical parameters" (preheating for 3 minutes). The range goes into bytes 6 and 7 of the command: the manual names
 * bytes 3 and 4, which parts do not heed (revspace.nl/MHZ19, "Command 0x99").
 * Units: ppm. An answer takes 10 ms.
 */
import type { UartPort } from "../platform/types.ts";
import { frames } from "./common/frames.ts";
import type { Driver, DriverMeta, DriverOptions } from "./types.ts";

const READ = "\xff\x01\x86\x00\x00\x00\x00\x00\x79";
const ANSWER_HEAD = "\xff\x86";
const ANSWER_BYTES = 9;
const ANSWER_MS = 500;
/** Technical parameters, preheat time. */
const PREHEAT_MS = 180000;

/** 255 less the sum of bytes 1 to 7, and 1 ("Checksum"). */
export const mhzSum = (frame: string): number => {
  let sum = 0;
  let i = 1;
  while (i < 8) {
    sum += frame.charCodeAt(i);
    i++;
  }
  return (256 - (sum & 255)) & 255;
};

/** A command: its code and five bytes, between the head and the checksum. */
export const mhzCommand = (bytes: string): string => {
  const frame = "\xff\x01" + bytes;
  return frame + String.fromCharCode(mhzSum(frame));
};

/** CO2 in ppm: high * 256 + low ("0x86"). */
export const co2 = (frame: string): number => frame.charCodeAt(2) * 256 + frame.charCodeAt(3);

/**
 * Errors: those of {@link frames}; "range": more than the part measures.
 * @param range the most that it measures, ppm
 * @param calibration 0xa0: it calibrates itself; 0: it does not
 * @param preheatMs readings of so long after power-on are left out
 */
export const create = (port: UartPort, range: number, calibration: number, preheatMs: number): Driver => {
  const ask = frames(port, READ, ANSWER_HEAD, ANSWER_BYTES, ANSWER_MS, preheatMs,
    (buffer) => mhzSum(buffer) === buffer.charCodeAt(8));
  return {
    open: (done) => {
      port.write(mhzCommand("\x99\0\0\0" + String.fromCharCode(range >>> 8, range & 255)));
      port.write(mhzCommand("\x79" + String.fromCharCode(calibration) + "\0\0\0\0"));
      done("");
    },
    sample: (done) => ask((problem, frame) => {
      const ppm = co2(frame);
      const error = problem === "" && ppm > range ? "range" : problem;
      done(error, error === "" ? [ppm] : []);
    }),
  };
};

export const meta: DriverMeta = {
  title: "Winsen MH-Z19B: carbon dioxide",
  bus: "uart",
  bauds: [9600],
  options: {
    range: {
      enum: [2000, 5000, 10000], default: 5000,
      description: "The most that it measures, ppm. It is sent to the part when it is opened.", examples: [2000],
    },
    autoCalibration: {
      type: "boolean", default: true,
      description: "True: once a day the part takes the lowest reading for 400 ppm, which is right in rooms that are "
        + "aired. False for greenhouses and stables.",
      examples: [false],
    },
    preheat: {
      type: "boolean", default: true,
      description: "True: what it says in the first 3 minutes after power-on is no reading, and reported as preheating.",
      examples: [false],
    },
  },
  fields: () => [{ name: "co2", unit: "ppm", decimals: 0, deviceClass: "carbon_dioxide", stateClass: "measurement" }],
  conversionMs: () => ANSWER_MS,
  constants: (options: DriverOptions) =>
    [options["range"] as number | undefined ?? 5000, options["autoCalibration"] === false ? 0 : 0xa0,
      options["preheat"] === false ? 0 : PREHEAT_MS],
};
