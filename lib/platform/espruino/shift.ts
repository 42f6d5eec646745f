/**
 * Clocked bits, on Espruino. `digitalWrite` in JavaScript would hold the clock high for longer than a part allows; the
 * software SPI is C (src/jsspi.c): the clock of the part is its MOSI, which sends 1 and 0 in turn, and MISO is read
 * after each of them.
 */
import type { Pin, ShiftIn } from "../types.ts";

declare const SPI: new () => {
  setup: (options: { mosi: Pin; miso: Pin; baud: number }) => void;
  send: (bytes: string) => string;
};
declare const digitalRead: (pin: Pin) => number;
declare const digitalWrite: (pin: Pin, value: number) => void;

/** A part on two pins. */
export const shift = (clock: Pin, data: Pin): ShiftIn => {
  const spi = new SPI();
  digitalWrite(clock, 0);
  spi.setup({ mosi: clock, miso: data, baud: 1000000 });
  return {
    data: () => digitalRead(data) > 0,
    pulse: (count) => {
      let left = count;
      let out = "";
      while (left > 0) {
        out += left > 3 ? "\xaa" : left > 2 ? "\xa8" : left > 1 ? "\xa0" : "\x80";
        left -= 4;
      }
      const read = spi.send(out);
      let value = 0;
      let at = 0;
      while (at < count) {
        // The bit of a pulse is that of its high half.
        value = value * 2 + ((read.charCodeAt(at >>> 2) >>> (7 - 2 * (at & 3))) & 1);
        at++;
      }
      return value;
    },
  };
};
