/**
 * A GPS receiver as a u-blox NEO-M8N is delivered: NMEA 0183 4.0 at 9600 bits a second (receiver description R28, 31):
 * every second RMC, VTG, GGA and GSV, each "$", talker, name, fields, "*", the exclusive or of what is between as two
 * hexadecimal digits, CR LF. Minutes have five decimals; speed in knots and course have three and two (31.2.13);
 * altitude has one, HDOP two (31.2.4). Without a fix RMC says V, GGA 0, and what is not known is empty.
 */
import type { PartContext, PartDefinition, UartPart } from "../types.ts";

const PERIOD_MS = 1000;
const KNOT_KMH = 1.852;
/** The simulated day: 2025-06-01. */
const DATE = "010625";

const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, "0");

/** A sentence with its check digits. */
export function sentence(body: string, isBad = false): string {
  const sum = Array.from(body, (char) => char.charCodeAt(0)).reduce((all, code) => all ^ code, 0);
  return `$${body}*${hex(isBad ? sum ^ 1 : sum)}\r\n`;
}

/** ddmm.mmmmm of degrees, with as many digits of degrees as told. */
export function angle(degrees: number, digits: number): string {
  // In 0.00001 minutes, so that 59.999999 minutes become the next degree.
  const units = Math.round(Math.abs(degrees) * 60 * 1e5);
  const whole = Math.floor(units / 60e5);
  return `${String(whole).padStart(digits, "0")}${((units - whole * 60e5) / 1e5).toFixed(5).padStart(8, "0")}`;
}

function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${[seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map((n) => String(Math.floor(n)).padStart(2, "0")).join("")}.00`;
}

class Gps implements UartPart {
  readonly baud = 9600;
  private send: (bytes: Uint8Array) => void = () => {};

  constructor(private readonly context: PartContext) {}

  attach(send: (bytes: Uint8Array) => void): void {
    this.send = send;
    const tick = (): void => {
      this.context.clock.after(PERIOD_MS, tick);
      for (const line of this.sentences()) this.send(Buffer.from(line, "latin1"));
    };
    this.context.clock.after(PERIOD_MS, tick);
  }

  write(): void {
    // Commands (UBX, PMTK) are not simulated: the driver needs none.
  }

  private sentences(): string[] {
    const { faults, clock } = this.context;
    const signal = (name: string): number => this.context.signal(name);
    const time = clockText(clock.now());
    const bad = faults.has("checksum");
    const gsv = sentence("GPGSV,1,1,04,05,61,205,39,12,33,282,31,20,17,045,28,25,72,099,42");
    if (faults.has("nofix")) {
      return [sentence(`GNRMC,${time},V,,,,,,,,,,N`, bad), sentence("GNVTG,,,,,,,,,N", bad),
        sentence(`GNGGA,${time},,,,,0,00,99.99,,,,,,`, bad), gsv];
    }
    const [latitude, longitude] = [signal("latitude"), signal("longitude")];
    const place = `${angle(latitude, 2)},${latitude < 0 ? "S" : "N"},${angle(longitude, 3)},${longitude < 0 ? "W" : "E"}`;
    const knots = (signal("speed") / KNOT_KMH).toFixed(3);
    const course = signal("course").toFixed(2);
    const satellites = String(Math.round(signal("satellites"))).padStart(2, "0");
    return [
      sentence(`GNRMC,${time},A,${place},${knots},${course},${DATE},,,A`, bad),
      sentence(`GNVTG,${course},T,,M,${knots},N,${signal("speed").toFixed(3)},K,A`, bad),
      sentence(`GNGGA,${time},${place},1,${satellites},${signal("hdop").toFixed(2)},${signal("altitude").toFixed(1)},M,46.9,M,,`, bad),
      gsv,
    ];
  }
}

export const part: PartDefinition = {
  title: "GPS receiver (u-blox NEO-M8N)",
  bus: "uart",
  signals: () => [
    { name: "latitude", unit: "°", mean: 48.1173, swing: 0.001, min: -90, max: 90 },
    { name: "longitude", unit: "°", mean: 11.5167, swing: 0.001, min: -180, max: 180 },
    { name: "altitude", unit: "m", mean: 545.4, swing: 3, min: -500, max: 18_000 },
    { name: "speed", unit: "km/h", mean: 2, swing: 2, min: 0, max: 1800 },
    { name: "course", unit: "°", mean: 90, swing: 45, min: 0, max: 359.99 },
    { name: "satellites", unit: "", mean: 9, swing: 3, min: 3, max: 12 },
    { name: "hdop", unit: "", mean: 1.1, swing: 0.4, min: 0.5, max: 20 },
  ],
  faults: {
    nofix: "does not see enough of the sky to know where it is",
    checksum: "the check digits of its sentences are wrong",
  },
  create: (context) => new Gps(context),
};
