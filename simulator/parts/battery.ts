/**
 * A battery behind a divider of two resistors on an analog pin: `upperOhms` from the battery to the pin, `lowerOhms`
 * from there to ground. The signal is its voltage, up to a tenth above what the options call full.
 */
import type { PartDefinition } from "../types.ts";

const FULL_VOLTS = 4.2;
const HEADROOM = 1.1;

const fullOf = (options: Record<string, unknown>): number => {
  const levels = options.levels as [volts: number, percent: number][] | undefined;
  if (levels !== undefined) return Math.max(...levels.map(([volts]) => volts));
  return (options.full as number | undefined) ?? FULL_VOLTS;
};

export const part: PartDefinition = {
  title: "Battery behind a divider",
  bus: "adc",
  signals(options) {
    const full = fullOf(options);
    return [{ name: "voltage", unit: "V", mean: full * 0.92, swing: full * 0.06, min: 0, max: full * HEADROOM }];
  },
  faults: {
    open: "the wire to the battery is broken: the lower resistor pulls the pin to ground",
    lower: "the lower resistor is broken: the pin has the battery's voltage",
  },
  create: (context) => ({
    ratio() {
      if (context.faults.has("open")) return 0;
      const { upperOhms, lowerOhms } = context.options as { upperOhms: number; lowerOhms: number };
      const share = context.faults.has("lower") ? 1 : lowerOhms / (upperOhms + lowerOhms);
      return context.signal("voltage") * share / context.referenceVolts;
    },
  }),
};
