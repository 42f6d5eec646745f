/** What the current sensors INA219 and INA226 have in common: a triggered conversion, then the registers 1 and 2. */
import type { I2cTransfer } from "../../platform/types.ts";
import { signedWord, word } from "./bytes.ts";
import type { Driver, Field, ReadError, Values } from "../types.ts";
import { askAfter, LATE } from "./wait.ts";

/** Registers. */
const INA_CONFIG = 0;
const SHUNT_VOLTAGE = "\x01";
const BUS_VOLTAGE = "\x02";
/** A part that still converts when its time is over is asked again after so many ms, so many times. */
const AGAIN_MS = 2;
const AGAIN_TIMES = 5;

/**
 * Errors: "nack"; "timeout": the conversion does not end; "reset": the part has lost its power since the conversion
 * began; "range": shunt or bus voltage are beyond the full scale; and those of `check`.
 * Values: mV, current, mW. The part's own registers of current and power are not used: they are the same, cut off.
 * @param config of the configuration register: both voltages, triggered
 * @param ready the register with the bit that says that a conversion has ended, and the bit
 * @param busStep by what the bus voltage register is divided to give a count, of `busScale` mV
 * @param shuntFull shunt voltage register from which on it is beyond the full scale; so `busFull`
 * @param currentScale current of a count of the shunt voltage, in units of the field; in A: `amps`
 * @param check looks who is there, when the part is opened
 */
export const ina = (
  transfer: I2cTransfer,
  address: number,
  config: number,
  ready: string,
  readyBit: number,
  convertMs: number,
  busStep: number,
  busScale: number,
  shuntFull: number,
  busFull: number,
  currentScale: number,
  amps: number,
  check: (this: void) => ReadError,
): Driver => {
  const high = config >>> 8;
  const low = config & 255;

  const read = (): Values | undefined => {
    const shunt = transfer(address, SHUNT_VOLTAGE, 2);
    const bus = transfer(address, BUS_VOLTAGE, 2);
    if (shunt === undefined || bus === undefined) {
      return undefined;
    }
    const count = signedWord(shunt, 0);
    const millivolts = Math.floor(Math.floor(word(bus, 0) / busStep) * busScale + 0.5);
    return count < shuntFull && count > -shuntFull && word(bus, 0) < busFull
      ? [
        millivolts,
        Math.floor(count * currentScale + 0.5),
        // `amps` has a fraction, so that Lua 5.3 computes in floating point.
        Math.floor(count * amps * millivolts + 0.5),
      ]
      : [];
  };

  /** Whether it has had its power since it was configured: asked behind the values, as that may go between messages. */
  const lasted = (): ReadError => {
    const now = transfer(address, String.fromCharCode(INA_CONFIG), 2);
    return now === undefined ? "nack" : now !== String.fromCharCode(high, low) ? "reset" : "";
  };
  const isReady = (): ReadError => {
    const flags = transfer(address, ready, 2);
    const hasEnded = flags !== undefined && (flags.charCodeAt(1) & readyBit) !== 0;
    const problem = flags === undefined ? "nack" : hasEnded ? "" : lasted();
    return problem !== "" || hasEnded ? problem : LATE;
  };

  return {
    open: (done) => done(check()),
    sample: (done) => {
      if (transfer(address, String.fromCharCode(INA_CONFIG, high, low), 0) === undefined) {
        done("nack", []);
      } else {
        askAfter(convertMs, AGAIN_MS, AGAIN_TIMES, isReady, (problem) => {
          const values = problem === "" ? read() : [];
          const end = values === undefined ? "nack" : problem === "" ? lasted() : problem;
          const worst = end === "" && values![0] === undefined ? "range" : end;
          done(worst, worst === "" ? values! : []);
        });
      }
    },
  };
};

/** For `meta`: the decimals that show a count of the current, which is `amps`. */
const currentDecimals = (amps: number): number => {
  let decimals = 0;
  while (decimals < 6 && amps * Math.pow(10, decimals) < 0.999) {
    decimals++;
  }
  return decimals;
};

/** For `meta`: the fields. */
export const powerFields = (amps: number): Field[] => [
  { name: "voltage", unit: "V", decimals: 3, deviceClass: "voltage", stateClass: "measurement" },
  { name: "current", unit: "A", decimals: currentDecimals(amps), deviceClass: "current", stateClass: "measurement" },
  { name: "power", unit: "W", decimals: 3, deviceClass: "power", stateClass: "measurement" },
];
