/** Analog inputs of Espruino (reference: analogRead). */
import type { AnalogRead, Pin } from "../types.ts";

declare const analogRead: (pin: Pin) => number;

/** The reading function of an analog pin. */
export const adc = (pin: Pin): AnalogRead => () => analogRead(pin);
