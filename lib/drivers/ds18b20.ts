/**
 * Maxim (Analog Devices) DS18B20: temperature, any number of probes on a 1-Wire bus, with their own supply (VDD) or fed
 * by the bus ("parasite power", Powering the DS18B20: the pin is driven high during a conversion; for a few probes).
 * Source: DS18B20 data sheet 19-7487, revision 6, July 2019; headings are its.
 * A conversion takes 94, 188, 375 or 750 ms with 9, 10, 11 or 12 bits (table 2).
 */
import { after } from "#platform/timer";
import { crc8 } from "./common/onewire.ts";
import { conversionMs, ds18b20Options, probeConstants, probeFields, romProblems } from "./host/ds18b20.ts";
import type { OneWireBus } from "../platform/types.ts";
import type { Driver, DriverMeta, ReadError, Values } from "./types.ts";

/** Function commands (table 3). */
const CONVERT_T = "\x44";
const READ_SCRATCHPAD = "\xbe";
const WRITE_SCRATCHPAD = 0x4e;

/** Bytes of the scratchpad (figure 9): temperature (2), T_H, T_L, configuration, reserved (3), CRC. */
const SCRATCHPAD_BYTES = 9;
/** A probe that still converts when its time is over is asked again after so many ms; how often. */
const RECHECK_MS = 50;
const CHECKS = 3;
/** What reads on a bus that nobody drives. */
const SILENCE = "\xff\xff\xff\xff\xff\xff\xff\xff\xff";

/** -55 degC and 125 degC in 1/16 degC. Above are the codes of failed conversions, 0x07ff among them. */
const LOWEST = -880;
const HIGHEST = 2000;
/** The temperature that a probe wakes up with, 85 degC (Operation: Measuring Temperature), in 1/16 degC. */
const WAKING = 1360;
/**
 * Reserved byte 6 of a probe that has converted nothing since it woke up; after a true 85 degC it is 0x10. The data
 * sheet leaves it open; Linux tells the two apart by it (drivers/w1/slaves/w1_therm.c).
 */
const WAKING_MARK = 12;

/**
 * Temperature of a scratchpad in 1/16 degC. The lowest bits are undefined with less than 12 bits (Configuration
 * Register); they read as 0 here.
 * @param step 8, 4, 2 or 1 with 9, 10, 11 or 12 bits
 */
export const sixteenths = (scratchpad: string, step: number): number => {
  const low = scratchpad.charCodeAt(0);
  const high = scratchpad.charCodeAt(1);
  return low - low % step + high * 256 - (high < 128 ? 0 : 65536);
};

/**
 * Errors, the first probe's that fails: "absent": no presence pulse, or no answer; "crc"; "id": not a DS18B20, or a bus
 * that is held low; "reset": the probe lost its power since it was set up; "range": outside of -55 to 125 degC;
 * "timeout": a probe, which one is not to be seen, did not end its conversion: no probe is read then.
 * Values are in 0.0001 degC. `open` succeeds when one probe does: `sample` says which others fail.
 * @param roms ROM codes, 16 hex digits each; "" for the one probe on the bus
 * @param config configuration register, 0x1f to 0x7f
 * @param step see {@link sixteenths}
 * @param convertMs the longest conversion (t_CONV)
 * @param parasite the bus feeds the probes: meanwhile nobody can be asked whether a conversion is over
 */
export const create = (
  bus: OneWireBus, roms: string[], config: number, step: number, convertMs: number, parasite: boolean,
): Driver => {
  let scratchpad = "";
  /** Addresses a probe, or all with "". False when nobody is there. */
  const address = (rom: string): boolean => {
    const present = bus.reset();
    if (rom === "") {
      bus.skip();
    } else {
      bus.select(rom);
    }
    return present;
  };

  const read = (rom: string): ReadError => {
    if (!address(rom)) {
      return "absent";
    }
    bus.write(READ_SCRATCHPAD);
    scratchpad = bus.read(SCRATCHPAD_BYTES);
    // Zeros have a right CRC. A configuration register reads as 0RR11111 (figure 10).
    if (scratchpad === SILENCE) {
      return "absent";
    }
    return crc8(scratchpad) !== 0 ? "crc" : (scratchpad.charCodeAt(4) & 0x9f) !== 0x1f ? "id" : "";
  };

  const readAll = (done: (this: void, error: ReadError, values: Values) => void): void => {
    const values: Values = [];
    let error = "";
    let i = 0;
    while (i < roms.length) {
      let problem = read(roms[i]!);
      if (problem === "") {
        const t = sixteenths(scratchpad, step);
        values[i] = t * 625;
        problem = scratchpad.charCodeAt(4) !== config || t === WAKING && scratchpad.charCodeAt(6) === WAKING_MARK
          ? "reset"
          : t < LOWEST || t > HIGHEST ? "range" : "";
      }
      if (problem !== "") {
        values[i] = undefined;
        error = error === "" ? problem : error;
      }
      i++;
    }
    done(error, values);
  };

  return {
    open: (done) => {
      let failed = 0;
      let error = "";
      let i = 0;
      while (i < roms.length) {
        const problem = read(roms[i]!);
        if (problem !== "") {
          failed++;
          error = problem;
        } else if (scratchpad.charCodeAt(4) !== config) {
          // T_H and T_L stay as they are. The EEPROM is left alone: it wears out.
          address(roms[i]!);
          bus.write(String.fromCharCode(WRITE_SCRATCHPAD, scratchpad.charCodeAt(2), scratchpad.charCodeAt(3), config));
        }
        i++;
      }
      done(failed < roms.length ? "" : error);
    },
    sample: (done) => {
      if (!address("")) {
        done("absent", []);
      } else {
        bus.write(CONVERT_T, parasite);
        let checks = CHECKS;
        const finish = (): void => {
          // Zeros, until the last probe is done (figure 14): its scratchpad holds the reading before.
          checks--;
          if (parasite || bus.read(1) === "\xff") {
            readAll(done);
          } else if (checks > 0) {
            after(finish, RECHECK_MS);
          } else {
            done("timeout", []);
          }
        };
        after(finish, convertMs);
      }
    },
  };
};

export const meta: DriverMeta = {
  title: "Maxim DS18B20: temperature, several probes on one wire",
  bus: "onewire",
  exclusive: "a conversion starts all probes of the bus at once: name them in `probes` of one sensor",
  options: ds18b20Options,
  fields: probeFields,
  conversionMs: conversionMs,
  constants: probeConstants,
  problems: romProblems,
};
