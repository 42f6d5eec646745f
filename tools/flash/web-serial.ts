/** A transport in the shape of Web Serial, which is what esptool-js talks to. */
import type { Transport } from "./protocol/transport.ts";

/** What of Web Serial's SerialPort esptool-js uses. */
export interface WebSerialPort {
  readable: ReadableStream<Uint8Array> | null;
  writable: WritableStream<Uint8Array> | null;
  open(options: { baudRate: number }): Promise<void>;
  close(): Promise<void>;
  setSignals(signals: { dataTerminalReady?: boolean; requestToSend?: boolean }): Promise<void>;
  setBaudRate(baud: number): Promise<void>;
  getInfo(): { usbVendorId?: number; usbProductId?: number };
}

/** The transport is open already, and stays so: whoever opened it closes it. */
export function webSerialOf(transport: Transport, usb: { vendorId?: string; productId?: string } = {}): WebSerialPort {
  const port: WebSerialPort = {
    readable: null,
    writable: null,
    async open({ baudRate }) {
      await port.setBaudRate(baudRate);
      port.readable = new ReadableStream<Uint8Array>({
        start(controller) {
          transport.onData = (bytes) => controller.enqueue(bytes);
          transport.onClose = (reason) => controller.error(new Error(reason === "" ? "the port is gone" : reason));
        },
        cancel() {
          transport.onData = undefined;
          transport.onClose = undefined;
        },
      });
      port.writable = new WritableStream<Uint8Array>({ write: (bytes) => transport.write(bytes) });
    },
    async close() {
      transport.onData = undefined;
      transport.onClose = undefined;
      port.readable = null;
      port.writable = null;
    },
    async setSignals({ dataTerminalReady, requestToSend }) {
      await transport.setSignals?.({
        ...(dataTerminalReady === undefined ? {} : { dtr: dataTerminalReady }),
        ...(requestToSend === undefined ? {} : { rts: requestToSend }),
      });
    },
    setBaudRate: async (baud) => {
      await transport.setBaud?.(baud);
    },
    getInfo: () => ({
      ...(usb.vendorId === undefined ? {} : { usbVendorId: parseInt(usb.vendorId, 16) }),
      ...(usb.productId === undefined ? {} : { usbProductId: parseInt(usb.productId, 16) }),
    }),
  };
  return port;
}
