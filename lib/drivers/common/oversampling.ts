/** For the `meta` of drivers: nothing of this file reaches a board. */
import type { DriverOptions } from "../types.ts";

/** How many readings of a quantity the option `oversampling` asks for. */
export const readingsOf = (options: DriverOptions, quantity: string): number =>
  (options["oversampling"] as Partial<Record<string, number>> | undefined ?? {})[quantity] ?? 1;
