/** Digital inputs. Firmware modules: gpio, tmr. */
import { onEdges, setInput } from "#platform/edges";
import type { Input, Pin } from "../types.ts";
import { gpio } from "./api.ts";
import { after, cancel, noTimer } from "./timer.ts";

/** An input, with or without the chip's pull-up resistor. */
export const input = (pin: Pin, pullUp: boolean): Input => {
  const at = pin as unknown as number;
  const read = (): boolean => gpio.read(at) > 0;
  setInput(at, pullUp);
  return {
    read: read,
    watch: (debounceMs, fn) => {
      let last = read();
      let timer = noTimer;
      const look = (): void => {
        const now = read();
        if (now !== last) {
          last = now;
          fn(now);
        }
      };
      // What the level was when the edge came is of no interest: it may have changed since.
      onEdges(at, () => {
        if (debounceMs > 0) {
          cancel(timer);
          timer = after(look, debounceMs);
        } else {
          look();
        }
      });
    },
  };
};
