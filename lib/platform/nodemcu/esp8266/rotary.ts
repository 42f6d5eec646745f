/** The rotary encoders of the ESP8266's firmware: channels. Firmware module: rotary. */
import { rotary } from "../api.ts";

let channels = 0;

/** Opens one of three. */
export const openSwitch = (
  a: number, b: number,
): { read: (this: void) => number; watch: (this: void, fn: (this: void) => void) => void } => {
  const channel = channels;
  channels++;
  rotary.setup(channel, a, b);
  return {
    read: () => rotary.getpos(channel) ?? -1,
    watch: (fn) => rotary.on(channel, rotary.TURN, fn),
  };
};
