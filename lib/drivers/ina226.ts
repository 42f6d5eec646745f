/**
 * Texas Instruments INA226: bus voltage, current through a shunt in both directions, power, on I2C (0x40 to 0x4f by A0
 * and A1). Source: INA226 data sheet SBOS547B, September 2024 (A, August 2015: the same); sections are its.
 * Triggered mode (7.4.1, MODE 3): each sample converts shunt and bus voltage once, or averages up to 1024 conversions,
 * then the part waits. That takes 2.5 ms to 2.5 s (6.5: 1.1 ms each, 1.21 ms at most).
 */
import type { I2cTransfer } from "../platform/types.ts";
import { ina, powerFields } from "./common/ina.ts";
import type { Driver, DriverMeta, DriverOptions } from "./types.ts";

/** Manufacturer and die id registers (7.6.10, 7.6.11) and what they hold; the last four bits are the revision. */
const INA226_MAKER = "\xfe";
const INA226_MAKER_ID = "TI";
const INA226_DIE = "\xff";
/** CVRF in the mask/enable register (7.6.7); reading it clears it. */
const CVRF = 8;

/** Errors: "id": not an INA226; else those of {@link ina}, whose parameters these are. */
export const create = (
  transfer: I2cTransfer,
  address: number,
  config: number,
  convertMs: number,
  currentScale: number,
  amps: number,
): Driver => ina(
  // 1.25 mV a count; both voltages are beyond their scales at the ends of their registers.
  transfer, address, config, "\x06", CVRF, convertMs, 1, 1.25, 32767, 32767, currentScale, amps,
  () => {
    const maker = transfer(address, INA226_MAKER, 2);
    const die = transfer(address, INA226_DIE, 2);
    return maker === undefined || die === undefined ? "nack"
      : maker === INA226_MAKER_ID && die.charCodeAt(0) === 0x22 && die.charCodeAt(1) >>> 4 === 6 ? "" : "id";
  },
);

/** Volts of a count of the shunt voltage (7.6.3). */
const SHUNT226_STEP = 2.5e-6;
const AVERAGES = [1, 4, 16, 64, 128, 256, 512, 1024];

const ohms226 = (options: DriverOptions): number => options["shuntOhms"] as number | undefined ?? 0.1;
const averages226 = (options: DriverOptions): number => options["averages"] as number | undefined ?? 1;

export const meta: DriverMeta = {
  title: "Texas Instruments INA226: voltage, current, power",
  bus: "i2c",
  addresses: [
    0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f,
  ],
  maxBitrate: 400_000, // "Timing requirements (I2C, SMBus)", fast mode; faster ones begin with a master code
  options: {
    shuntOhms: {
      type: "number", exclusiveMinimum: 0, maximum: 100, default: 0.1,
      description: "The resistor that the current flows through, in ohms. The part measures up to 0.0819 V at it: 0.8 A "
        + "with 0.1 ohm, 8 A with 0.01 ohm.",
    },
    averages: {
      enum: AVERAGES, default: 1,
      description: "Conversions that each value is the average of, 2.5 ms for each.",
    },
  },
  fields: (options: DriverOptions) => powerFields(SHUNT226_STEP / ohms226(options)),
  conversionMs: (options: DriverOptions) => Math.ceil(2 * 1.21 * averages226(options)),
  constants: (options: DriverOptions) => {
    const amps = SHUNT226_STEP / ohms226(options);
    // 7.6.2: bit 14 is 1; AVG; 1.1 ms for both; triggered.
    const config = 0x4000 + AVERAGES.indexOf(averages226(options)) * 0x0200 + 4 * 64 + 4 * 8 + 3;
    return [
      config, meta.conversionMs(options),
      Number((amps * Math.pow(10, meta.fields(options)[1]!.decimals)).toPrecision(12)), Number(amps.toPrecision(12)),
    ];
  },
};
