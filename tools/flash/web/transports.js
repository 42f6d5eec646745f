/** Ways to a board from a browser, in the shape that the protocol asks for (../protocol/transport.ts). */

/** Web Serial. */
export async function openWebSerial(port, baud) {
  let reader;
  let closing = false;
  const transport = {
    get baud() {
      return baud;
    },
    async write(bytes) {
      const writer = port.writable.getWriter();
      try {
        await writer.write(bytes);
      } finally {
        writer.releaseLock();
      }
    },
    async close() {
      closing = true;
      await reader?.cancel().catch(() => {});
      await port.close().catch(() => {});
    },
    setSignals: ({ dtr, rts }) => port.setSignals({
      ...(dtr === undefined ? {} : { dataTerminalReady: dtr }), ...(rts === undefined ? {} : { requestToSend: rts }),
    }),
    // A chip with a USB of its own vanishes while it restarts, and is the same port when it comes back.
    async reopen() {
      await port.close().catch(() => {});
      await open();
    },
  };
  const listen = async () => {
    let reason = "the port has vanished";
    reader = port.readable.getReader();
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        transport.onData?.(value);
      }
    } catch (error) {
      reason = error.message;
    } finally {
      reader.releaseLock();
    }
    if (!closing) transport.onClose?.(reason);
  };
  const open = async () => {
    await port.open({ baudRate: baud, bufferSize: 4096 });
    void listen();
  };
  await open();
  return transport;
}

/** The UART service of Nordic, which Espruino's Bluetooth boards have. */
export const NORDIC_UART = "6e400001-b5a3-f393-e0a9-e50e24dcca9e";
const TO_BOARD = "6e400002-b5a3-f393-e0a9-e50e24dcca9e";
const FROM_BOARD = "6e400003-b5a3-f393-e0a9-e50e24dcca9e";
/** What fits into the smallest packet: ATT_MTU 23 less a header of 3 (Bluetooth Core, Vol 3, Part F, 3.2.8). */
const PACKET_BYTES = 20;

/** Web Bluetooth. Every packet is acknowledged by the radio, so that what comes out is what went in, or nothing. */
export async function openWebBluetooth(device) {
  let closing = false;
  let toBoard;
  const transport = {
    async write(bytes) {
      for (let at = 0; at < bytes.length; at += PACKET_BYTES) {
        await toBoard.writeValueWithResponse(bytes.subarray(at, at + PACKET_BYTES));
      }
    },
    async close() {
      closing = true;
      device.gatt.disconnect();
    },
    reopen: () => open(),
  };
  const open = async () => {
    const server = await device.gatt.connect();
    const service = await server.getPrimaryService(NORDIC_UART);
    toBoard = await service.getCharacteristic(TO_BOARD);
    const fromBoard = await service.getCharacteristic(FROM_BOARD);
    fromBoard.addEventListener("characteristicvaluechanged", ({ target: { value } }) =>
      transport.onData?.(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)));
    await fromBoard.startNotifications();
  };
  device.addEventListener("gattserverdisconnected", () => {
    if (!closing) transport.onClose?.("the board has ended the connection");
  });
  await open();
  return transport;
}
