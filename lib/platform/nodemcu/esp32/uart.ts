/** Serial ports of the ESP32, on any pins. Firmware module: uart. */
import type { Pin, UartPort } from "../../types.ts";
import { uart as port } from "../api.ts";

/** UART1 or UART2 on two pins. */
export const uart = (id: number, rx: Pin, tx: Pin, baud: number): UartPort => {
  port.setup(id, baud, 8, port.PARITY_NONE, port.STOPBITS_1, { rx: rx, tx: tx });
  port.start(id);
  return {
    write: (bytes) => port.write(id, bytes),
    onData: (fn) => port.on(id, "data", 0, fn),
  };
};
