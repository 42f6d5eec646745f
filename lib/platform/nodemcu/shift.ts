/**
 * Clocked bits. Firmware module: gpio. A pulse is as long as a call from Lua takes, if no interrupt of Wi-Fi comes
 * between: not measured on a chip. A part that a longer pulse puts to sleep shows that by its next value.
 */
import { setInput, setOutput } from "#platform/edges";
import type { Pin, ShiftIn } from "../types.ts";
import { gpio } from "./api.ts";

/** A part on two pins. */
export const shift = (clock: Pin, data: Pin): ShiftIn => {
  const out = clock as unknown as number;
  const at = data as unknown as number;
  setOutput(out);
  gpio.write(out, 0);
  setInput(at, false);
  return {
    data: () => gpio.read(at) > 0,
    pulse: (count) => {
      const write = gpio.write;
      let value = 0;
      let left = count;
      while (left > 0) {
        write(out, 1);
        write(out, 0);
        // It stays until the clock goes up again.
        value = value * 2 + gpio.read(at);
        left--;
      }
      return value;
    },
  };
};
