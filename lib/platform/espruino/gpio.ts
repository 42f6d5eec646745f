/** Digital pins of Espruino (reference: digitalRead, digitalWrite, setWatch). */
import type { Pin } from "../types.ts";

declare const digitalRead: (pin: Pin) => number;
declare const digitalWrite: (pin: Pin, value: number) => void;
declare const pinMode: (pin: Pin, mode: string) => void;
declare const setWatch: (
  fn: (this: void, event: { state: boolean }) => void,
  pin: Pin,
  options: { repeat: boolean; edge: "both"; debounce: number },
) => void;

export interface GpioPin {
  read(this: void): boolean;
  write(this: void, high: boolean): void;
  /** Calls `fn` with the new level whenever it changed and then held for `debounceMs`. */
  watch(this: void, debounceMs: number, fn: (this: void, high: boolean) => void): void;
}

/** A pin with its mode as Espruino names them: "input", "input_pullup", "output", "opendrain". */
export const gpio = (pin: Pin, mode: string): GpioPin => {
  pinMode(pin, mode);
  return {
    read: () => digitalRead(pin) > 0,
    write: (high) => digitalWrite(pin, high ? 1 : 0),
    watch: (debounceMs, fn) =>
      setWatch((event) => fn(event.state), pin, { repeat: true, edge: "both", debounce: debounceMs }),
  };
};
