/** Digital inputs of Espruino (reference: digitalRead). */
import type { Input, Pin } from "../types.ts";
import { watch } from "./watch.ts";

declare const digitalRead: (pin: Pin) => number;
declare const pinMode: (pin: Pin, mode: string) => void;

/** An input, with or without the chip's pull-up resistor. */
export const input = (pin: Pin, pullUp: boolean): Input => {
  pinMode(pin, pullUp ? "input_pullup" : "input");
  return {
    read: () => digitalRead(pin) > 0,
    watch: (debounceMs, fn) => {
      watch(pin, pullUp, { repeat: true, edge: "both", debounce: debounceMs }, (edge) => fn(edge.state));
    },
  };
};
