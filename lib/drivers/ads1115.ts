/**
 * Texas Instruments ADS1115: voltages of four inputs, or differences of them, 16 bits, on I2C (0x48 to 0x4b by ADDR).
 * Source: ADS1115 data sheet SBAS444D, January 2018; sections are its.
 * Single-shot mode (9.4.2.1): each input is one conversion, one after another; then the part sleeps. A conversion takes
 * 1.2 to 125 ms by the data rate (9.6.3), which is true to 10 % (7.5).
 */
import type { I2cTransfer } from "../platform/types.ts";
import { signedWord } from "./common/bytes.ts";
import type { Driver, DriverMeta, DriverOptions, ReadError, Values } from "./types.ts";
import { askAfter, LATE } from "./common/wait.ts";

/** Registers (9.6.1), as the byte that a transfer starts with. */
const CONVERSION_REGISTER = "\0";
const CONFIG_REGISTER = 1;
/**
 * Config register (9.6.3): OS, and MODE for single shots, in the high byte; COMP_QUE, no comparator, in the low one.
 */
const START_SINGLE = 0x81;
const NO_COMPARATOR = 3;
/** A part that still converts when its time is over is asked again after so many ms, so many times. */
const AGAIN_MS = 2;
const AGAIN_TIMES = 5;

/**
 * Errors: "nack"; "id": the config register does not keep what is written, so that it is no ADS1115; "timeout": a
 * conversion does not end; "reset": the part has lost its power since the conversion began; "range": an input is
 * beyond the full scale, so that it has no value (the others have).
 * @param inputs of each input MUX and PGA in their place in the high byte of the config register
 * @param rate DR in its place in the low byte
 * @param scale value of a count, in units of the fields
 * @param convertMs the longest conversion
 */
export const create = (
  transfer: I2cTransfer,
  address: number,
  inputs: number[],
  rate: number,
  scale: number,
  convertMs: number,
): Driver => {
  const low = rate + NO_COMPARATOR;

  const configure = (high: number): boolean =>
    transfer(address, String.fromCharCode(CONFIG_REGISTER, high, low), 0) !== undefined;

  /** "" when the config register is as written and no conversion runs: OS reads as 1 then. */
  const check = (high: number, otherwise: ReadError): ReadError => {
    const config = transfer(address, String.fromCharCode(CONFIG_REGISTER), 2);
    return config === undefined ? "nack"
      : config === String.fromCharCode(high, low) ? ""
        : config === String.fromCharCode(high - 128, low) ? LATE : otherwise;
  };

  const convert = (
    i: number,
    values: Values,
    error: ReadError,
    done: (this: void, error: ReadError, values: Values) => void,
  ): void => {
    const high = START_SINGLE + inputs[i]!;
    if (!configure(high)) {
      done("nack", []);
    } else {
      askAfter(convertMs, AGAIN_MS, AGAIN_TIMES, () => check(high, "reset"), (problem) => {
        const data = problem === "" ? transfer(address, CONVERSION_REGISTER, 2) : "";
        // Asked again, as the power may go between two messages.
        const end = data === undefined ? "nack" : problem === "" ? check(high, "reset") : problem;
        if (end !== "") {
          done(end, []);
        } else {
          const count = signedWord(data!, 0);
          // 9.5.4: the codes at the ends stand for all that is beyond.
          const clipped = count === 32767 || count === -32768;
          values[i] = clipped ? undefined : Math.floor(count * scale + 0.5);
          const worst = clipped ? "range" : error;
          if (i + 1 < inputs.length) {
            convert(i + 1, values, worst, done);
          } else {
            done(worst, values);
          }
        }
      });
    }
  };

  return {
    // The part has no id. MODE without OS: what reads back is what was written, and OS.
    open: (done) => {
      const high = START_SINGLE - 128 + inputs[0]!;
      done(configure(high) ? check(high + 128, "id") : "nack");
    },
    sample: (done) => convert(0, [], "", done),
  };
};

/** By gain: full scale in volts and PGA (9.6.3), decimals that show a count. */
const GAINS: Record<string, [volts: number, pga: number, decimals: number]> = {
  "2/3": [6.144, 0, 4], 1: [4.096, 1, 4], 2: [2.048, 2, 5], 4: [1.024, 3, 5], 8: [0.512, 4, 5], 16: [0.256, 5, 6],
};
/** MUX (9.6.3). */
const INPUTS = ["a0_a1", "a0_a3", "a1_a3", "a2_a3", "a0", "a1", "a2", "a3"];
const RATES = [8, 16, 32, 64, 128, 250, 475, 860];

const gainOf = (options: DriverOptions): [number, number, number] => GAINS[options["gain"] as string ?? "1"]!;
const inputsOf = (options: DriverOptions): string[] => options["inputs"] as string[] | undefined ?? INPUTS.slice(4);
const rateOf = (options: DriverOptions): number => options["rate"] as number | undefined ?? 128;
/** 7.5: a tenth slower than the nominal rate; 0.025 ms to wake up (9.4.2.1). */
const convertMsOf = (options: DriverOptions): number => Math.ceil(1100 / rateOf(options) + 0.025);

export const meta: DriverMeta = {
  title: "Texas Instruments ADS1115: four analog inputs with 16 bits",
  bus: "i2c",
  addresses: [0x48, 0x49, 0x4a, 0x4b],
  maxBitrate: 400_000, // "Timing requirements: I2C", fast mode; faster ones begin with a master code
  options: {
    inputs: {
      type: "array",
      description: "What is measured: a0 to a3 against ground, or the difference of two pins.",
      items: { enum: INPUTS },
      minItems: 1,
      uniqueItems: true,
      default: ["a0", "a1", "a2", "a3"],
      examples: [["a0", "a1"], ["a0_a1", "a2_a3"]],
    },
    gain: {
      enum: ["2/3", 1, 2, 4, 8, 16],
      default: 1,
      description: "Full scale: 6.144 V with 2/3, 4.096 V with 1, 2.048 V with 2, 1.024 V with 4, 0.512 V with 8, "
        + "0.256 V with 16. No pin may be above the supply, whatever the full scale.",
    },
    rate: {
      enum: RATES,
      default: 128,
      description: "Conversions a second. Slower ones are less noisy.",
    },
  },
  fields: (options: DriverOptions) => inputsOf(options).map((name) => (
    { name, unit: "V", decimals: gainOf(options)[2], deviceClass: "voltage", stateClass: "measurement" as const }
  )),
  conversionMs: (options: DriverOptions) => inputsOf(options).length * convertMsOf(options),
  constants: (options: DriverOptions) => {
    const gain = gainOf(options);
    return [
      inputsOf(options).map((name) => INPUTS.indexOf(name) * 16 + gain[1] * 2),
      RATES.indexOf(rateOf(options)) * 32,
      gain[0] * Math.pow(10, gain[2]) / 32768,
      convertMsOf(options),
    ];
  },
};
