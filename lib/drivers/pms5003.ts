/**
 * Plantower PMS5003 (and PMS7003, PMSA003, which speak alike): particulate matter, on a serial port at 9600 bits a
 * second. Source: PMS5003 series data manual V2.3, "Output result", appendix I (frames of 32 bytes, checksum),
 * appendix II (commands: passive mode, reading, sleep), "Circuit attentions" 4 (stable 30 s after it was woken up).
 * Units: ug/m3; particles in 0.1 l. An answer takes 33 ms; with `sleep` a sample takes 30 s.
 */
import { after } from "#platform/timer";
import type { UartPort } from "../platform/types.ts";
import { frames } from "./common/frames.ts";
import type { Driver, DriverMeta, DriverOptions, Field, ReadError, Values } from "./types.ts";

/** Appendix II, with the sum of the bytes before: measure only when asked, read, sleep, wake up. */
const PASSIVE = "\x42\x4d\xe1\x00\x00\x01\x70";
const READ = "\x42\x4d\xe2\x00\x00\x01\x71";
const SLEEP = "\x42\x4d\xe4\x00\x00\x01\x73";
const WAKE = "\x42\x4d\xe4\x00\x01\x01\x74";

/** Appendix I: "BM", the length of what follows (28), 13 words, the sum of all bytes before. */
const FRAME_BYTES = 32;
const SUMMED_BYTES = 30;
const HEAD = "BM\x00\x1c";
/** An answer of 32 bytes takes 33 ms; the part is at work for less than a second. */
const ANSWER_MS = 1500;
const STABLE_MS = 30000;

const pmsWord = (frame: string, at: number): number => frame.charCodeAt(at) * 256 + frame.charCodeAt(at + 1);

/** Sum of the first 30 bytes (appendix I). */
export const pmsSum = (frame: string): number => {
  let sum = 0;
  let i = 0;
  while (i < SUMMED_BYTES) {
    sum += frame.charCodeAt(i);
    i++;
  }
  return sum;
};

/**
 * Errors: those of {@link frames}.
 * @param words where in a frame the values are
 * @param sleeps the part sleeps between samples
 * @param preheatMs readings of so long after power-on are left out
 */
export const create = (port: UartPort, words: number[], sleeps: boolean, preheatMs: number): Driver => {
  const ask = frames(port, READ, HEAD, FRAME_BYTES, ANSWER_MS, preheatMs,
    (buffer) => pmsSum(buffer) === pmsWord(buffer, SUMMED_BYTES));
  const sample = (done: (this: void, error: ReadError, values: Values) => void): void => ask((error, frame) => {
    if (sleeps) {
      port.write(SLEEP);
    }
    done(error, error === "" ? words.map((at) => pmsWord(frame, at)) : []);
  });
  return {
    open: (done) => {
      port.write(PASSIVE);
      done("");
    },
    sample: (done) => {
      if (sleeps) {
        port.write(WAKE);
        after(() => sample(done), STABLE_MS);
      } else {
        sample(done);
      }
    },
  };
};

const SIZES = ["03", "05", "1", "25", "5", "10"];

export const meta: DriverMeta = {
  title: "Plantower PMS5003: particulate matter",
  bus: "uart",
  bauds: [9600],
  options: {
    sleep: {
      type: "boolean", default: false,
      description: "True: fan and laser are off between samples, of which each takes 30 s then. The laser lasts for about "
        + "a year of work.",
      examples: [true],
    },
    preheat: {
      type: "boolean", default: true,
      description: "True: what it says in the first 30 s after power-on is no reading, and reported as preheating.",
      examples: [false],
    },
    calibration: {
      enum: ["atmospheric", "standard"], default: "atmospheric",
      description: "Atmospheric environment, or standard particles (CF=1) of a laboratory.", examples: ["standard"],
    },
    counts: {
      type: "boolean", default: false,
      description: "True: also how many particles above 0.3, 0.5, 1, 2.5, 5 and 10 µm are in 0.1 l of air.",
      examples: [true],
    },
  },
  fields: (options: DriverOptions) => {
    const pm = (["pm1", "pm25", "pm10"] as const).map((name): Field => (
      { name, unit: "µg/m³", decimals: 0, deviceClass: name, stateClass: "measurement" }
    ));
    const counts = SIZES.map((size): Field => ({ name: `over${size}`, unit: "", decimals: 0, stateClass: "measurement" }));
    return options["counts"] === true ? pm.concat(counts) : pm;
  },
  conversionMs: (options: DriverOptions) => ANSWER_MS + (options["sleep"] === true ? STABLE_MS : 0),
  constants: (options: DriverOptions) => {
    const first = options["calibration"] === "standard" ? 4 : 10;
    const words = [first, first + 2, first + 4];
    return [options["counts"] === true ? words.concat([16, 18, 20, 22, 24, 26]) : words, options["sleep"] === true,
      options["preheat"] === false || options["sleep"] === true ? 0 : STABLE_MS];
  },
};
