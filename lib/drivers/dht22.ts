/**
 * Aosong DHT22 (AM2302): relative humidity and temperature, on a single-wire bus of Aosong's own.
 * Source: Aosong AM2302 product manual, 7 "Single-bus communication" (start signal, response, bits, data format,
 * example, "the last measured value") and table 1 (0 to 99.9 %RH, -40 to 80 degC). Units: 0.1 %RH, 0.1 degC.
 * An answer holds what was measured the last time that the part was asked, which may be long ago, and begins a new
 * measurement. So it is asked twice, 2 s apart, as the manual says; an answer takes 5 ms.
 */
import { after } from "#platform/timer";
import type { DhtFrame } from "../platform/types.ts";
import type { Driver, DriverMeta, Field } from "./types.ts";

/** From one measurement to the next (7, table 3). */
const AGAIN_MS = 2000;

/** Checksum of the first four bytes: the last 8 bits of their sum. */
export const dhtSum = (frame: string): number =>
  (frame.charCodeAt(0) + frame.charCodeAt(1) + frame.charCodeAt(2) + frame.charCodeAt(3)) & 255;

/** Humidity (7, data format): 16 bits, tenths. */
export const dhtHumidity = (frame: string): number => frame.charCodeAt(0) * 256 + frame.charCodeAt(1);

/** Temperature (7, data format): the highest bit is the sign, the rest tenths. */
export const dhtTemperature = (frame: string): number => {
  const high = frame.charCodeAt(2);
  const tenths = (high & 127) * 256 + frame.charCodeAt(3);
  return high < 128 ? tenths : -tenths;
};

/**
 * Errors: "absent": nothing answered; "timeout": bits are missing; "checksum"; "range": beyond what the part measures.
 * @param lowMs the start signal (7): 1 ms at least for a DHT22
 * @param lowest temperature, in tenths
 * @param highest
 * @param mostHumidity
 * @param humidity,temperature what a frame means
 */
export const dhtDriver = (
  read: DhtFrame,
  lowMs: number,
  lowest: number,
  highest: number,
  mostHumidity: number,
  humidity: (this: void, frame: string) => number,
  temperature: (this: void, frame: string) => number,
): Driver => ({
  open: (done) => done(""),
  sample: (done) => {
    let isFirst = true;
    const take = (frame: string): void => {
      const error = frame === "" ? "absent" : frame.length < 5 ? "timeout"
        : dhtSum(frame) !== frame.charCodeAt(4) ? "checksum" : "";
      if (error !== "") {
        done(error, []);
        return;
      }
      const percent = humidity(frame);
      const celsius = temperature(frame);
      if (isFirst) {
        isFirst = false;
        after(() => read(lowMs, take), AGAIN_MS);
      } else if (percent > mostHumidity || celsius < lowest || celsius > highest) {
        done("range", []);
      } else {
        done("", [celsius, percent]);
      }
    };
    read(lowMs, take);
  },
});

export const create = (read: DhtFrame, lowMs: number): Driver =>
  dhtDriver(read, lowMs, -400, 800, 1000, dhtHumidity, dhtTemperature);

/** For `meta`, also that of the DHT11. */
export const dhtFields = (): Field[] => [
  { name: "temperature", unit: "°C", decimals: 1, deviceClass: "temperature", stateClass: "measurement" },
  { name: "humidity", unit: "%", decimals: 1, deviceClass: "humidity", stateClass: "measurement" },
];

export const meta: DriverMeta = {
  title: "Aosong DHT22 (AM2302): temperature, humidity",
  bus: "dht",
  options: {},
  fields: dhtFields,
  // Two answers with a measurement between, and another one before the next.
  conversionMs: () => 4200,
  constants: () => [2],
};
