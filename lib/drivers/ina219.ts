/**
 * Texas Instruments INA219: bus voltage, current through a shunt in both directions, power, on I2C (0x40 to 0x4f by A0
 * and A1). Source: INA219 data sheet SBOS448G, December 2015; sections are its.
 * Triggered mode (8.6.2.1, MODE 3): each sample converts shunt and bus voltage once, or averages up to 128 conversions,
 * then the part waits. That takes 1.2 to 150 ms (table 5: 532 us each; 7.5: a tenth longer at most).
 */
import type { I2cTransfer } from "../platform/types.ts";
import { ina, powerFields } from "./common/ina.ts";
import type { Driver, DriverMeta, DriverOptions } from "./types.ts";

/** 8.6.2.1: RST, and what the configuration register holds after it. */
const INA219_RESET = "\0\x80\0";
const INA219_DEFAULT = "\x39\x9f";
/** 8.6.3.2: CNVR, in the bus voltage register, whose voltage begins at bit 3 with 4 mV. */
const CNVR = 2;

/** Errors: "id": a reset does not leave what it leaves in an INA219; else those of {@link ina}, as the parameters. */
export const create = (
  transfer: I2cTransfer,
  address: number,
  config: number,
  convertMs: number,
  shuntFull: number,
  busFull: number,
  currentScale: number,
  amps: number,
): Driver => ina(
  transfer, address, config, "\x02", CNVR, convertMs, 8, 4, shuntFull, busFull, currentScale, amps,
  () => {
    const found = transfer(address, INA219_RESET, 0) === undefined ? undefined : transfer(address, "\0", 2);
    return found === undefined ? "nack" : found === INA219_DEFAULT ? "" : "id";
  },
);

/** Volts of a count of the shunt voltage (8.6.3.1), and its full scales with PGA 0 to 3. */
const SHUNT_STEP = 10e-6;
const SHUNT_VOLTS = [0.04, 0.08, 0.16, 0.32];

const ohmsOf = (options: DriverOptions): number => options["shuntOhms"] as number | undefined ?? 0.1;
const busOf = (options: DriverOptions): number => options["busVolts"] as number | undefined ?? 32;
const averagesOf = (options: DriverOptions): number => options["averages"] as number | undefined ?? 1;
const shuntOf = (options: DriverOptions): number => {
  const most = options["maxAmps"] as number | undefined;
  return most === undefined ? 0.32 : Math.floor(most * ohmsOf(options) * 1e9 + 0.5) / 1e9;
};

export const meta: DriverMeta = {
  title: "Texas Instruments INA219: voltage, current, power",
  bus: "i2c",
  addresses: [
    0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f,
  ],
  maxBitrate: 400_000, // "Bus timing diagram definitions", fast mode; faster ones begin with a master code
  options: {
    shuntOhms: {
      type: "number", exclusiveMinimum: 0, maximum: 100, default: 0.1,
      description: "The resistor that the current flows through, in ohms.",
    },
    maxAmps: {
      type: "number", exclusiveMinimum: 0,
      description: "The largest current, in amperes. Smaller ones are measured with less noise. What the part can if "
        + "nothing is said: 0.32 V at the resistor, 3.2 A with 0.1 ohm.",
      examples: [0.4],
    },
    busVolts: {
      enum: [16, 32], default: 32, description: "Full scale of the bus voltage. The part bears 26 V.",
    },
    averages: {
      enum: [1, 2, 4, 8, 16, 32, 64, 128], default: 1,
      description: "Conversions that each value is the average of, 1.2 ms for each.",
    },
  },
  fields: (options: DriverOptions) => powerFields(SHUNT_STEP / ohmsOf(options)),
  conversionMs: (options: DriverOptions) => Math.ceil(2 * 0.586 * averagesOf(options) + 0.04),
  constants: (options: DriverOptions) => {
    const amps = SHUNT_STEP / ohmsOf(options);
    const pga = SHUNT_VOLTS.findIndex((volts) => shuntOf(options) <= volts);
    const averages = averagesOf(options);
    // Table 5: 3 for 12 bits, 8 + n for averages of 2^n.
    const adc = averages === 1 ? 3 : 8 + Math.log2(averages);
    const config = (busOf(options) === 32 ? 0x2000 : 0) + pga * 0x0800 + adc * 0x80 + adc * 8 + 3;
    return [
      config, meta.conversionMs(options), Math.round(SHUNT_VOLTS[pga]! / SHUNT_STEP), busOf(options) * 2000,
      Number((amps * Math.pow(10, meta.fields(options)[1]!.decimals)).toPrecision(12)), Number(amps.toPrecision(12)),
    ];
  },
  problems: (options: DriverOptions) => (shuntOf(options) <= 0.32 ? [] : [[
    "/maxAmps",
    `${String(options["maxAmps"])} A through ${ohmsOf(options)} ohm are ${shuntOf(options)} V: `
      + "the part measures up to 0.32 V; take a smaller resistor",
  ]]),
};
