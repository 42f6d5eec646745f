/**
 * TE Connectivity MS5611-01BA03: pressure, temperature, on I2C (0x77 with CSB low, 0x76 with CSB high).
 * Source: MS5611-01BA03 data sheet ENG_DS_MS5611-01BA03_B3, June 2017; headings are its. CRC: application note AN520.
 * A sample is two conversions, temperature and pressure, of 0.6 to 9.1 ms each by the oversampling ("Analog digital
 * converter").
 */
import { after } from "#platform/timer";
import type { I2cTransfer } from "../platform/types.ts";
import { word } from "./common/bytes.ts";
import type { Driver, DriverMeta, DriverOptions, Values } from "./types.ts";

/** "Commands". */
const MS5611_RESET = "\x1e";
const ADC_READ = "\0";
const CONVERT_PRESSURE = 0x40;
const CONVERT_TEMPERATURE = 0x50;
const PROM_READ = 0xa0;

/** "Reset sequence": the PROM is reloaded in so many ms. */
const RELOAD_MS = 3;
const PROM_BYTES = 16;

/**
 * AN520: the CRC of 4 bits over the PROM, whose last four bits hold it; they and the four before them count as zeros.
 */
export const promCrc = (prom: string): number => {
  let rest = 0;
  let i = 0;
  while (i < PROM_BYTES) {
    rest ^= i < PROM_BYTES - 1 ? prom.charCodeAt(i) : 0;
    let bits = 8;
    while (bits > 0) {
      rest = rest < 32768 ? rest * 2 : (rest * 2 - 65536) ^ 0x3000;
      bits--;
    }
    i++;
  }
  return rest >>> 12;
};

/**
 * Values of a measurement: [0.01 degC, Pa], cut off as in the data sheet. None where they are outside of what the part
 * can measure ("Performance specifications": -40 to 85 degC, 10 to 1200 mbar). The formulas are those of "Pressure and
 * temperature calculation" and "Second order temperature compensation", with powers of two drawn together: each product
 * has a factor with a fraction, so that Lua 5.3 computes in floating point.
 * @param prom factory data, C1 to C6, serial code and CRC
 * @param pressure D1, 24 bits
 * @param temperature D2
 */
export const ms5611Values = (prom: string, pressure: number, temperature: number): Values => {
  const c = (n: number): number => word(prom, n * 2);
  const x = (temperature - c(5) * 256) / 8388608;
  let degrees = 2000 + x * c(6);
  let offset = c(2) + x * c(4);
  let sensitivity = c(1) + x * c(3);
  if (degrees < 2000) {
    const below = (degrees - 2000) * (degrees - 2000) / 65536;
    offset -= below * 2.5;
    sensitivity -= below * 2.5;
    if (degrees < -1500) {
      const cold = (degrees + 1500) * (degrees + 1500) / 65536;
      offset -= cold * 7;
      sensitivity -= cold * 11;
    }
    degrees -= x * x * 32768;
  }
  const pascals = Math.floor(pressure / 2097152 * sensitivity - 2 * offset);
  const hundredths = Math.floor(degrees);
  return hundredths >= -4000 && hundredths <= 8500 && pascals >= 1000 && pascals <= 120000 ? [hundredths, pascals] : [];
};

/**
 * Errors: "nack"; "crc": of the PROM, of a part that is none or was not reset; "timeout": a conversion was not over, or
 * the part has lost its power; "range": outside of what the part can measure.
 * @param oversampling 0, 2, 4, 6 or 8 for OSR 256 to 4096
 * @param convertMs the longest conversion
 */
export const create = (transfer: I2cTransfer, address: number, oversampling: number, convertMs: number): Driver => {
  let prom = "";

  const readProm = (): string => {
    let found: string | undefined = "";
    let at = 0;
    while (found !== undefined && at < PROM_BYTES) {
      const data: string | undefined = transfer(address, String.fromCharCode(PROM_READ + at), 2);
      found = data === undefined ? undefined : found + data;
      at += 2;
    }
    prom = found ?? "";
    return found === undefined ? "nack" : promCrc(prom) === prom.charCodeAt(15) % 16 && word(prom, 2) > 0 ? "" : "crc";
  };

  /** Converts, and gives the value: 0 is "not over", `undefined` "not acknowledged". */
  const convert = (what: number, next: (this: void, value: number | undefined) => void): void => {
    if (transfer(address, String.fromCharCode(what + oversampling), 0) === undefined) {
      next(undefined);
    } else {
      after(() => {
        const data = transfer(address, ADC_READ, 3);
        next(data === undefined ? undefined : word(data, 0) * 256 + data.charCodeAt(2));
      }, convertMs);
    }
  };

  return {
    open: (done) => {
      if (transfer(address, MS5611_RESET, 0) === undefined) {
        done("nack");
      } else {
        after(() => {
          // Of PROMs with several wrong bits one in 16 has a right CRC, and would stay until the next error.
          const error = readProm();
          const first = prom;
          const again = error === "" ? readProm() : error;
          done(again === "" && prom !== first ? "crc" : again);
        }, RELOAD_MS);
      }
    },
    sample: (done) => convert(CONVERT_TEMPERATURE, (temperature) => {
      if (temperature === undefined || temperature === 0) {
        done(temperature === undefined ? "nack" : "timeout", []);
      } else {
        convert(CONVERT_PRESSURE, (pressure) => {
          const values = pressure === undefined || pressure === 0 ? [] : ms5611Values(prom, pressure, temperature);
          done(pressure === undefined ? "nack" : pressure === 0 ? "timeout" : values[0] === undefined ? "range" : "", values);
        });
      }
    }),
  };
};

const OSR = [256, 512, 1024, 2048, 4096];
/** "Analog digital converter": the longest conversions. */
const OSR_MS = [0.6, 1.17, 2.28, 4.54, 9.04];

export const meta: DriverMeta = {
  title: "TE MS5611: pressure, temperature",
  bus: "i2c",
  addresses: [0x77, 0x76],
  options: {
    oversampling: {
      enum: OSR, default: 4096,
      description: "Readings that each value is made of. More take longer, up to 9 ms, and are less noisy: 0.065 hPa with "
        + "256, 0.012 hPa with 4096.",
    },
  },
  fields: () => [
    { name: "temperature", unit: "°C", decimals: 2, deviceClass: "temperature", stateClass: "measurement" },
    { name: "pressure", unit: "hPa", decimals: 2, deviceClass: "atmospheric_pressure", stateClass: "measurement" },
  ],
  conversionMs: (options: DriverOptions) =>
    2 * Math.ceil(OSR_MS[OSR.indexOf(options["oversampling"] as number | undefined ?? 4096)]!),
  constants: (options: DriverOptions) => [
    2 * OSR.indexOf(options["oversampling"] as number | undefined ?? 4096), meta.conversionMs(options) / 2,
  ],
};
