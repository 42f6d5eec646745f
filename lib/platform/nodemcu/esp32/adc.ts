/** Analog inputs of the ESP32: ADC1, as ADC2 is Wi-Fi's. Firmware module: adc. */
import type { AnalogRead, Pin } from "../../types.ts";
import { adc as converter } from "../api.ts";

/** The reading function of a channel of ADC1: 12 bits, the widest range. */
export const adc = (pin: Pin): AnalogRead => {
  const channel = pin as unknown as number;
  converter.setwidth(converter.ADC1, 12);
  converter.setup(converter.ADC1, channel, converter.ATTEN_11db);
  return () => converter.read(converter.ADC1, channel) / 4096;
};
