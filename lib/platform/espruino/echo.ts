/** Echoes, on Espruino (reference: digitalPulse, setWatch): both edges are stamped by an interrupt. */
import type { Echo, Pin } from "../types.ts";
import { after } from "./timer.ts";
import { watch } from "./watch.ts";

declare const digitalPulse: (pin: Pin, value: number, ms: number) => void;
declare const clearWatch: (id: number) => void;

/** The trigger wants 10 us at least. */
const TRIGGER_MS = 0.02;

/** A part on two pins. */
export const echo = (trigger: Pin, pin: Pin): Echo => (timeoutMs, done) => {
  let us: number | undefined;
  const id = watch(pin, false, { repeat: true, edge: "falling" }, (edge) => {
    // Without a rising edge there is no time of one.
    us = edge.lastTime > 0 ? (edge.time - edge.lastTime) * 1000000 : us;
  });
  digitalPulse(trigger, 1, TRIGGER_MS);
  after(() => {
    clearWatch(id);
    done(us);
  }, timeoutMs);
};
