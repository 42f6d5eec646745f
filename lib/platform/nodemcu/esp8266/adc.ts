/** The analog input of the ESP8266. Firmware module: adc. */
import type { AnalogRead, Pin } from "../../types.ts";
import { adc as converter } from "../api.ts";

/** The reading function of an analog pin, of which there is one: channel 0, 10 bits. */
export const adc = (pin: Pin): AnalogRead => () => converter.read(pin as unknown as number) / 1024;
