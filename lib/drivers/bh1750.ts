/**
 * ROHM BH1750FVI: light, on I2C (0x23 with ADDR low, 0x5C with ADDR high).
 * Source: BH1750FVI technical note 11046EDT01, revision D, November 2011; headings are its.
 * One-time measurements: between them the part is powered down. In H-resolution modes they take at most 180 ms, in
 * L-resolution mode 24 ms, both by measurement time / 69 ("Electrical characteristics", "Measurement time").
 * The part has no id and no checksum, and what it reads after a loss of power is darkness.
 */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../platform/types.ts";
import { word } from "./common/bytes.ts";
import type { Driver, DriverMeta, DriverOptions } from "./types.ts";

/** "Instruction set architecture": the measurement time register in two halves, 3 and 5 bits. */
const TIME_HIGH = 0x40;
const TIME_LOW = 0x60;
/** Its default. */
const USUAL_TIME = 69;
const DARKEST = 31;
const LONGEST = 254;
/** The count does not go further. */
const SATURATED = 65535;

/**
 * Errors: "nack"; "range": more light than can be counted.
 * @param command one-time measurement ("Instruction set architecture")
 * @param time measurement time register
 * @param factor what a count is, 0.1 lx
 * @param measureMs the longest measurement
 */
export const create = (
  transfer: I2cTransfer,
  address: number,
  command: number,
  time: number,
  factor: number,
  measureMs: number,
): Driver => {
  const tell = (code: number): boolean => transfer(address, String.fromCharCode(code), 0) !== undefined;

  return {
    open: (done) => done(transfer(address, "\x01", 0) === undefined ? "nack" : ""),
    // The time each time: a part that lost its power since has lost it.
    sample: (done) => {
      if (tell(TIME_HIGH + Math.floor(time / 32)) && tell(TIME_LOW + time % 32) && tell(command)) {
        after(() => {
          const data = transfer(address, "", 2);
          const count = data === undefined ? SATURATED : word(data, 0);
          done(
            data === undefined ? "nack" : count === SATURATED ? "range" : "",
            count === SATURATED ? [] : [Math.floor(count * factor + 0.5)],
          );
        }, measureMs);
      } else {
        done("nack", []);
      }
    },
  };
};

/** By mode: one-time command, counts a lx are 1.2 times this, longest measurement at the usual time. */
const MODES: Record<string, [number, number, number]> = {
  low: [0x23, 1, 24], high: [0x20, 1, 180], high2: [0x21, 2, 180],
};
const modeOf = (options: DriverOptions): [number, number, number] => MODES[options["mode"] as string] ?? MODES["high"]!;
const timeOf = (options: DriverOptions): number => options["measurementTime"] as number | undefined ?? USUAL_TIME;

export const meta: DriverMeta = {
  title: "ROHM BH1750FVI: light",
  bus: "i2c",
  addresses: [0x23, 0x5c],
  maxBitrate: 400_000, // "Electrical characteristics", SCL clock frequency
  options: {
    mode: {
      enum: ["low", "high", "high2"],
      default: "high",
      description: "Resolution: 4 lx in 24 ms, 1 lx in 180 ms, or 0.5 lx in 180 ms up to half the light.",
    },
    measurementTime: {
      type: "integer", minimum: DARKEST, maximum: LONGEST, default: USUAL_TIME,
      description: "Measurement time register: more is more sensitive (behind a dark window), takes longer in "
        + "proportion, and measures less light at most (54612 lx with 69, 121557 lx with 31, in modes low and high).",
    },
  },
  fields: () => [
    { name: "illuminance", unit: "lx", decimals: 1, deviceClass: "illuminance", stateClass: "measurement" },
  ],
  conversionMs: (options: DriverOptions) => Math.ceil(modeOf(options)[2] * timeOf(options) / USUAL_TIME),
  constants: (options: DriverOptions) => {
    const mode = modeOf(options);
    const time = timeOf(options);
    // "Measurement sequence example": count / 1.2 at the usual time; "Adjust measurement result".
    const factor = Number((10 / 1.2 / mode[1] * (USUAL_TIME / time)).toPrecision(12));
    return [mode[0], time, factor, meta.conversionMs(options)];
  },
};
