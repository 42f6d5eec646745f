/**
 * The serial port of the ESP8266, which is its console: UART1 cannot receive. The console lets go of it, and what is
 * printed is lost. Firmware modules: uart, node.
 */
import type { Pin, UartPort } from "../../types.ts";
import { node, uart as port } from "../api.ts";

/** UART0 on its own pins. */
export const consoleUart = (id: number, _rx: Pin, _tx: Pin, baud: number): UartPort => {
  node.output(() => {}, 0);
  port.setup(id, baud, 8, port.PARITY_NONE, port.STOPBITS_1, 0);
  return {
    write: (bytes) => port.write(id, bytes),
    onData: (fn) => port.on("data", 0, fn, 0),
  };
};

/** The same: there is no other. */
export const uart = consoleUart;
