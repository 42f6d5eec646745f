/** Echoes, on the ESP8266: both edges are stamped by an interrupt. Firmware modules: gpio, tmr. */
import type { Echo, Pin } from "../../types.ts";
import { gpio, tmr } from "../api.ts";
import { after } from "../timer.ts";
import { setInput } from "./edges.ts";

/** The trigger wants 10 us at least. */
const TRIGGER_US = 20;
/** Stamps have 31 bits. */
const TURN_US = 2147483648;

/** A part on two pins. */
export const echo = (trigger: Pin, pin: Pin): Echo => {
  const out = trigger as unknown as number;
  const at = pin as unknown as number;
  gpio.mode(out, gpio.OUTPUT, gpio.FLOAT);
  gpio.write(out, 0);
  setInput(at, false);
  return (timeoutMs, done) => {
    let rise: number | undefined;
    let us: number | undefined;
    gpio.trig(at, "both", (level, when) => {
      if (level > 0) {
        rise = when;
      } else if (rise !== undefined) {
        us = when < rise ? when - rise + TURN_US : when - rise;
      }
    });
    gpio.write(out, 1);
    tmr.delay(TRIGGER_US);
    gpio.write(out, 0);
    after(() => {
      gpio.trig(at, "none");
      done(us);
    }, timeoutMs);
  };
};
