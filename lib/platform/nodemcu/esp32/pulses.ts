/** Counted pulses of the ESP32: hardware counts them. Firmware modules: pulsecnt, gpio. */
import type { PulseCount } from "../../types.ts";
import { pulsecnt } from "../api.ts";
import { setInput } from "./edges.ts";

/** The counter begins anew at this, at most 32767. */
const TURN = 32000;
/** Of 8 there are. */
let units = 0;

/** Counts the edges of one direction. Between two calls there may be TURN - 1 of them. */
export const pulses = (pin: number, pullUp: boolean, rising: boolean): PulseCount => {
  const unit = pulsecnt.create(units);
  let count = 0;
  let last = 0;
  units++;
  setInput(pin, pullUp);
  unit.chan0Config(
    pin, pulsecnt.PCNT_PIN_NOT_USED,
    rising ? pulsecnt.PCNT_COUNT_INC : pulsecnt.PCNT_COUNT_DIS,
    rising ? pulsecnt.PCNT_COUNT_DIS : pulsecnt.PCNT_COUNT_INC,
    pulsecnt.PCNT_MODE_KEEP, pulsecnt.PCNT_MODE_KEEP, -TURN, TURN,
  );
  unit.clear();
  return () => {
    const now = unit.getCnt();
    count += now < last ? now - last + TURN : now - last;
    last = now;
    return count;
  };
};
