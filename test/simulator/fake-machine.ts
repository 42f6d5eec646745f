/** A board for tests of the engines: registers on an I2C bus, one 1-Wire device, pins. */
import type { Machine } from "../../simulator/types.ts";

export interface FakeMachine extends Machine {
  log: string[];
  pins: Map<string, number>;
}

export const ROM = "28ff4a1c9316035d";

/**
 * I2C 0x76: a write of [register, ...values] stores, a read continues at the last register. Others do not
 * acknowledge.
 */
export function fakeMachine(): FakeMachine {
  const registers = Array.from({ length: 256 }, (_, i) => i);
  let at = 0;
  let scratch = "";
  const pins = new Map<string, number>();
  const log: string[] = [];
  return {
    log, pins,
    i2cSetup: (bus, { sda, scl, bitrate }) => void log.push(`setup ${bus} ${sda} ${scl} ${bitrate}`),
    i2cWrite(bus, address, bytes) {
      if (bus !== "I2C1" || address !== 0x76) return false;
      at = bytes.charCodeAt(0);
      for (const char of bytes.slice(1)) registers[at++ & 255] = char.charCodeAt(0);
      return true;
    },
    i2cRead(bus, address, count) {
      if (bus !== "I2C1" || address !== 0x76) return undefined;
      let bytes = "";
      for (let i = 0; i < count; i++) bytes += String.fromCharCode(registers[at++ & 255]!);
      return bytes;
    },
    oneWireReset: (pin) => pin === "D4",
    oneWireWrite: (_pin, bytes) => {
      scratch = bytes;
    },
    oneWireRead: (_pin, count) => scratch.slice(0, count).padEnd(count, "\xff"),
    oneWireSearch: (pin) => (pin === "D4" ? [ROM] : []),
    analogRead: (pin) => (pin === "D32" ? 0.25 : NaN),
    digitalRead: (pin) => pins.get(pin) ?? 0,
    digitalWrite: (pin, value) => void pins.set(pin, value),
  };
}
