/** For the `meta` of drivers of Bosch parts: nothing of this file reaches a board. */
import type { DriverOptions } from "../types.ts";

/** How many readings of a quantity the option `oversampling` asks for. */
export const readingsOf = (options: DriverOptions, quantity: string): number =>
  (options["oversampling"] as Partial<Record<string, number>> | undefined ?? {})[quantity] ?? 1;

/** osrs of a quantity: 1 to 5 for 1 to 16 readings (BME280: 5.4.3, 5.4.5; BMP280: tables 21, 22; BME680: 5.3.1). */
export const osrsOf = (options: DriverOptions, quantity: string): number =>
  Math.log2(readingsOf(options, quantity)) + 1;

/** ctrl_meas, alike in all of them: osrs of temperature and pressure, and forced mode. */
export const controlOf = (options: DriverOptions): number =>
  osrsOf(options, "temperature") * 32 + osrsOf(options, "pressure") * 4 + 1;

/** config with the option `filter`: 0 for off, 1 to 4 for 2 to 16 (BME280: 5.4.6; BMP280: 3.3.3). */
export const filterOf = (options: DriverOptions): number =>
  (typeof options["filter"] === "number" ? Math.log2(options["filter"]) : 0) * 4;
