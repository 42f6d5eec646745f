/** A board for tests of the engines: registers on an I2C bus, one 1-Wire device, pins. */
import { createPins, type Pins } from "../../simulator/buses/pins.ts";
import type { Clock, Machine } from "../../simulator/types.ts";

export interface FakeMachine extends Machine {
  log: string[];
  pins: Map<string, number>;
  /** The pins as the simulator has them, for tests that put a part on one. */
  lines: Pins;
  /** What the next `uartTake` gives. */
  received: [string, string][];
}

export const ROM = "28ff4a1c9316035d";

/**
 * I2C 0x76: a write of [register, ...values] stores, a read continues at the last register. Others do not
 * acknowledge.
 */
export function fakeMachine(clock: Clock): FakeMachine {
  const registers = Array.from({ length: 256 }, (_, i) => i);
  let at = 0;
  let scratch = "";
  const lines = createPins(clock, (message) => void log.push(message), () => machine.onInput?.());
  const log: string[] = [];
  const machine: FakeMachine = {
    log, lines, pins: lines.outside, received: [], self: {}, onInput: undefined,
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
    digitalRead: (pin) => lines.read(pin),
    digitalWrite: (pin, value, tookMs) => lines.write(pin, value === 0 ? 0 : 1, tookMs),
    pinMode: (pin, mode) => lines.mode(pin, mode),
    digitalPulse: (pin, level, timesMs) => lines.pulse(pin, level, timesMs),
    shift: (out, input, bytes, baud) =>
      Buffer.from(lines.shift(out, input, Buffer.from(bytes, "latin1"), baud)).toString("latin1"),
    watch: (pin, on, data) => lines.watch(pin, on, data),
    capture: (pin, forMs) => lines.capture(pin, forMs),
    takeEdges: () => lines.takeEdges(),
    uartSetup: (rx, tx, baud) => void log.push(`uart ${rx} ${tx} ${baud}`),
    uartWrite: (rx, bytes) => void log.push(`uart ${rx} < ${bytes}`),
    uartTake: () => machine.received.splice(0),
  };
  return machine;
}
