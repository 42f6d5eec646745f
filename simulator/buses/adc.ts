/** The chip's converter and its pins. */
import type { SeededRng } from "../rng.ts";
import type { AnalogPart } from "../types.ts";

/** An open pin picks up this much of the reference voltage, at most. */
const FLOATING = 0.02;

export interface Adc {
  attach(pin: string, part: AnalogPart): void;
  /**
   * The value of a pin after the converter: a whole number of steps of 2^-bits, at least 0 and below 1 (the
   * largest is 1 - 2^-bits, as Espruino divides by 2^bits). A pin without a part floats: noise near 0.
   */
  read(pin: string): number;
}

export function createAdc(bits: number, rng: SeededRng): Adc {
  if (!Number.isInteger(bits) || bits < 1 || bits > 24) throw new Error(`a converter has 1 to 24 bits, not ${bits}`);
  const steps = 2 ** bits;
  const parts = new Map<string, AnalogPart>();
  const noise = new Map<string, SeededRng>();

  const floating = (pin: string): number => {
    let source = noise.get(pin);
    if (source === undefined) noise.set(pin, source = rng.fork(`floating ${pin}`));
    return source.next() * FLOATING;
  };
  return {
    attach(pin, part) {
      if (parts.has(pin)) throw new Error(`two parts on the analog pin ${pin}`);
      parts.set(pin, part);
    },
    read(pin) {
      const ratio = parts.get(pin)?.ratio() ?? floating(pin);
      return Math.min(steps - 1, Math.max(0, Math.floor(ratio * steps))) / steps;
    },
  };
}
