/**
 * GPS receivers that speak NMEA 0183 (u-blox NEO-6M to NEO-M9N, Quectel L80, MTK3339, ...): where, how high, how fast.
 * Source: NMEA 0183 version 4.1, as u-blox M8 receiver description R28 gives it: 31.1 (frame, checksum), 31.2.4 (GGA),
 * 31.2.13 (RMC). Units: 0.000001 degrees, north and east positive; 0.1 m; 0.1 km/h; 0.1 degrees; 0.01.
 * A receiver sends both sentences once a second; at 9600 bits a second, both within 0.2 s.
 */
import { after, cancel, noTimer } from "#platform/timer";
import type { UartPort } from "../platform/types.ts";
import type { Driver, DriverMeta, DriverOptions, ReadError, Values } from "./types.ts";

/** The longest sentence of the standard has 82 characters; what is longer is none. */
const LONGEST = 100;
/** Two seconds of sentences. */
const FRESH_MS = 2500;

/** Whether the two digits after "*" are the exclusive or of what is between "$" and "*" (31.1.3). */
export const isNmea = (line: string): boolean => {
  const star = line.indexOf("*");
  let sum = 0;
  let i = 1;
  while (i < star) {
    sum ^= line.charCodeAt(i);
    i++;
  }
  const digits = "0123456789ABCDEF";
  return star > 0 && line.charAt(0) === "$" && line.charAt(star + 1) === digits.charAt(sum >>> 4)
    && line.charAt(star + 2) === digits.charAt(sum & 15);
};

/** The fields of a sentence: what is between its commas; the name is 0. */
export const nmeaFields = (line: string): string[] => {
  const fields: string[] = [];
  let from = 0;
  let comma = line.indexOf(",");
  while (comma >= 0) {
    fields.push(line.substring(from, comma));
    from = comma + 1;
    comma = line.indexOf(",", from);
  }
  fields.push(line.substring(from, line.indexOf("*")));
  return fields;
};

/** A decimal number as an integer in units of 10^-decimals, cut off; undefined for a field that is empty or missing. */
export const nmeaNumber = (text: string | undefined, decimals: number): number | undefined => {
  if (text === undefined || text === "") {
    return undefined;
  }
  const sign = text.charCodeAt(0) === 45 ? -1 : 1;
  let value = 0;
  let left = -1;
  let i = sign < 0 ? 1 : 0;
  while (i < text.length && left !== 0) {
    const code = text.charCodeAt(i);
    if (code === 46) {
      left = decimals;
    } else {
      value = value * 10 + code - 48;
      left = left > 0 ? left - 1 : left;
    }
    i++;
  }
  left = left < 0 ? decimals : left;
  // A power is a fraction in Lua 5.3, whose text has a point.
  return sign * Math.floor(value * Math.pow(10, left) + 0.5);
};

/** (d)ddmm.mmmmm and N, S, E or W as 0.000001 degrees (31.2.4, "Latitude and longitude format"). */
export const nmeaAngle = (text: string | undefined, side: string | undefined, most: number): number | undefined => {
  const number = nmeaNumber(text, 5);
  if (number === undefined) {
    return undefined;
  }
  const degrees = Math.floor(number / 10000000);
  const micro = degrees * 1000000 + Math.floor((number - degrees * 10000000) / 6 + 0.5);
  return micro < 0 || micro > most * 1000000 ? undefined : side === "S" || side === "W" ? -micro : micro;
};

/** Errors: "timeout": no sentence; "checksum": none is right; "nofix": it is lost; "range": no place on earth. */
export const create = (port: UartPort): Driver => {
  let buffer = "";
  let problem: ReadError = "";
  let timer = noTimer;
  let values: Values = [];
  let hasRmc = false;
  let hasGga = false;
  let end: ((this: void, error: ReadError, values: Values) => void) | undefined;
  const finish = (error: ReadError): void => {
    const done = end!;
    cancel(timer);
    end = undefined;
    done(error, error === "" ? values : []);
  };
  const take = (line: string): void => {
    const type = line.substring(3, 6);
    const fields = nmeaFields(line);
    if (!isNmea(line)) {
      problem = problem === "timeout" ? "checksum" : problem;
    } else if (type === "RMC") {
      const knots = nmeaNumber(fields[7], 3);
      hasRmc = fields[2] === "A";
      problem = hasRmc ? problem : "nofix";
      values[3] = knots === undefined ? undefined : Math.floor(knots * 0.01852 + 0.5);
      values[4] = nmeaNumber(fields[8], 1);
    } else if (type === "GGA") {
      values[0] = nmeaAngle(fields[2], fields[3], 90);
      values[1] = nmeaAngle(fields[4], fields[5], 180);
      hasGga = fields[6] !== "0" && values[0] !== undefined && values[1] !== undefined;
      problem = hasGga ? problem : fields[6] === "0" ? "nofix" : "range";
      values[2] = nmeaNumber(fields[9], 1);
      values[5] = nmeaNumber(fields[7], 0);
      values[6] = nmeaNumber(fields[8], 2);
    }
    if (hasRmc && hasGga) {
      finish("");
    }
  };
  port.onData((bytes) => {
    buffer = end === undefined ? "" : buffer + bytes;
    let line = buffer.indexOf("\r");
    while (line >= 0 && end !== undefined) {
      const dollar = buffer.indexOf("$");
      const text = buffer.substring(dollar < 0 ? 0 : dollar, line);
      buffer = buffer.substring(line + 1);
      take(text);
      line = buffer.indexOf("\r");
    }
    buffer = buffer.length > LONGEST ? "" : buffer;
  });
  return {
    open: (done) => done(""),
    sample: (done) => {
      end = done;
      problem = "timeout";
      values = [];
      buffer = "";
      hasRmc = false;
      hasGga = false;
      timer = after(() => finish(problem), FRESH_MS);
    },
  };
};

export const meta: DriverMeta = {
  title: "GPS receiver (NMEA 0183): position, altitude, speed",
  bus: "uart",
  bauds: [9600, 4800, 19200, 38400, 57600, 115200],
  options: {},
  fields: (_options: DriverOptions) => [
    { name: "latitude", unit: "°", decimals: 6, stateClass: "measurement" },
    { name: "longitude", unit: "°", decimals: 6, stateClass: "measurement" },
    { name: "altitude", unit: "m", decimals: 1, deviceClass: "distance", stateClass: "measurement" },
    { name: "speed", unit: "km/h", decimals: 1, deviceClass: "speed", stateClass: "measurement" },
    { name: "course", unit: "°", decimals: 1 },
    { name: "satellites", unit: "", decimals: 0, stateClass: "measurement" },
    { name: "hdop", unit: "", decimals: 2, stateClass: "measurement" },
  ],
  conversionMs: () => FRESH_MS,
  constants: () => [],
};
