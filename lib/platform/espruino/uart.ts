/** Serial ports of Espruino (reference: Serial.setup, write, on data). */
import type { Pin, UartPort } from "../types.ts";

declare const E: { setConsole: (device: undefined, options: { force: boolean }) => void };

/** Espruino's Serial1, Serial2, Serial3. */
export interface SerialPort {
  setup: (baud: number, options: { rx: Pin; tx: Pin }) => void;
  write: (bytes: string) => void;
  on: (event: "data", fn: (this: void, bytes: string) => void) => void;
}

/** A port on two pins. */
export const uart = (port: SerialPort, rx: Pin, tx: Pin, baud: number): UartPort => {
  port.setup(baud, { rx: rx, tx: tx });
  return {
    write: (bytes) => port.write(bytes),
    onData: (fn) => port.on("data", fn),
  };
};

/** The port that the console is on: it lets go of it, and what it prints is lost. */
export const consoleUart = (port: SerialPort, rx: Pin, tx: Pin, baud: number): UartPort => {
  E.setConsole(undefined, { force: true });
  return uart(port, rx, tx, baud);
};
