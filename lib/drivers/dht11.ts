/**
 * Aosong DHT11: relative humidity and temperature, on the bus of the DHT22.
 * Source: Aosong DHT11 data sheet, 7 "Serial communication" (data format, examples, start signal of 18 ms at least) and
 * 3 "Product parameters"; parts made since about 2018 (V1.3) measure -20 to 60 degC, 5 to 95 %RH and give tenths of
 * a degree, of which the highest bit is the sign. Older ones give whole degrees, 0 to 50. Units: 0.1 %RH, 0.1 degC.
 */
import type { DhtFrame } from "../platform/types.ts";
import { dhtDriver, dhtFields } from "./dht22.ts";
import type { Driver, DriverMeta } from "./types.ts";

/** Humidity (7, data format): a byte of whole percents and one of tenths. */
export const dht11Humidity = (frame: string): number => frame.charCodeAt(0) * 10 + frame.charCodeAt(1);

/** Temperature (7, data format): a byte of whole degrees; one of tenths, whose highest bit is the sign. */
export const dht11Temperature = (frame: string): number => {
  const low = frame.charCodeAt(3);
  const tenths = frame.charCodeAt(2) * 10 + (low & 127);
  return low < 128 ? tenths : -tenths;
};

export const create = (read: DhtFrame, lowMs: number): Driver =>
  dhtDriver(read, lowMs, -200, 600, 1000, dht11Humidity, dht11Temperature);

export const meta: DriverMeta = {
  title: "Aosong DHT11: temperature, humidity",
  bus: "dht",
  options: {},
  fields: dhtFields,
  conversionMs: () => 4200,
  // 18 to 30 ms (7, start signal).
  constants: () => [20],
};
