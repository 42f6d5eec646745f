/** 1-Wire of Espruino (reference: OneWire). */
import type { OneWireBus, Pin } from "../types.ts";

declare const OneWire: new (pin: Pin) => {
  reset: () => boolean;
  select: (rom: string) => void;
  skip: () => void;
  write: (bytes: string, power: boolean) => void;
  read: (count: number) => number[];
  search: () => string[];
};
declare const E: { toString: (bytes: number[]) => string };

/** A bus on a pin. */
export const oneWire = (pin: Pin): OneWireBus => {
  const wire = new OneWire(pin);
  return {
    reset: () => wire.reset(),
    select: (rom) => wire.select(rom),
    skip: () => wire.skip(),
    write: (bytes, power) => wire.write(bytes, power === true),
    read: (count) => E.toString(wire.read(count)),
    search: () => wire.search(),
  };
};
