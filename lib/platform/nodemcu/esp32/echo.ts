/**
 * Echoes, on the ESP32: the peripheral for remote controls measures the pulse; an interrupt of this firmware is not
 * exact enough. Firmware modules: rmt, gpio, tmr, node; bit with Lua 5.1.
 */
import type { Echo, Pin } from "../../types.ts";
import { gpio, rmt, string } from "../api.ts";
import { after } from "../timer.ts";

/** Of a bit: 1 us. */
const BIT_PS = 1000000;
/** A level that lasts for longer ends what is measured: widths have 15 bits. That is 4.4 m of sound. */
const IDLE_US = 26000;

/** A part on two pins. */
export const echo = (trigger: Pin, pin: Pin): Echo => {
  const out = trigger as unknown as number;
  gpio.config({ gpio: out, dir: gpio.OUT });
  gpio.write(out, 0);
  return (timeoutMs, done) => {
    let us: number | undefined;
    const channel = rmt.rxsetup(pin as unknown as number, BIT_PS, { idle_threshold: IDLE_US });
    channel.on("data", (items) => {
      // The first of them: 16 bits, low byte first, of which the highest is the level.
      const high = string.byte(items, 2);
      const width = (high & 127) * 256 + string.byte(items, 1);
      // A width of 0 is a level that stayed.
      us = high < 128 ? us : width > 0 ? width : IDLE_US;
    });
    // Each of these takes some us: together more than the 10 that the trigger wants.
    gpio.write(out, 1);
    gpio.write(out, 1);
    gpio.write(out, 1);
    gpio.write(out, 0);
    after(() => {
      channel.close();
      done(us);
    }, timeoutMs);
  };
};
