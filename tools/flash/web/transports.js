/**
 * Ways to a board from a browser, in the shape that the protocol asks for (../protocol/transport.ts). Bytes go through
 * the UART connection of @espruino-tools/core; what it does not do, or does wrongly, is done here, in the shapes of
 * Web Serial and Web Bluetooth that it is given (docs/flashing.md says which).
 */
import { DeviceController } from "@espruino-tools/core/lib/device-controller.js";
import { connectBy } from "./uart-surroundings.js";

const OPEN_MS = 20_000;
/** A board that says "stop sending" and nothing more would be waited for without end. */
const WRITE_MS = 10_000;

/** Characters of the package's strings are bytes. */
const toText = (bytes) => String.fromCharCode(...bytes);
const toBytes = (text) => Uint8Array.from(text, (char) => char.charCodeAt(0));
/** With a buffer of their own: the package takes all of the buffer for the bytes. */
const exact = ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength));

/** A promise that ends with all others in `waiting` when something fails there, or by itself after a while. */
function within(waiting, ms, late, start) {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      waiting.delete(giveUp);
    };
    const giveUp = (reason) => {
      end();
      reject(new Error(reason));
    };
    const timer = setTimeout(() => giveUp(late), ms);
    waiting.add(giveUp);
    try {
      start(() => {
        end();
        resolve();
      });
    } catch (error) {
      giveUp(error.message);
    }
  });
}

/**
 * The transport over one kind of connection. `shape` makes what the package is given as the device of the user, and
 * says when that is closed; it tells `fail` what the package would not tell.
 */
async function openUart(kind, shape, extras) {
  const { UART } = new DeviceController();
  /** What waits for the connection: when something fails, the package would leave it waiting. */
  const waiting = new Set();
  let connection;
  let shaped;
  let isUp = false;
  const close = async () => {
    isUp = false;
    connection.close();
    await shaped.closed();
  };
  const open = async () => {
    const fail = (reason) => {
      const wasUp = isUp;
      isUp = false;
      for (const giveUp of [...waiting]) giveUp(reason);
      connection.close();
      if (wasUp) transport.onClose?.(reason);
    };
    shaped = shape(fail);
    await within(waiting, OPEN_MS, "the board does not answer", (done) => {
      connection = connectBy(UART, kind, shaped.device, (opened) => {
        isUp = true;
        opened.on("data", (text) => transport.onData?.(toBytes(text)));
        opened.on("close", () => fail("the board has ended the connection"));
        done();
      });
    });
  };
  const transport = {
    ...extras,
    write: (bytes) => within(waiting, WRITE_MS, "the board takes no more bytes", (done) => {
      if (!isUp) throw new Error("the connection is closed");
      connection.write(toText(bytes), done);
    }),
    close,
    async reopen() {
      await close();
      await open();
    },
  };
  try {
    await open();
  } catch (error) {
    await close();
    throw error;
  }
  return transport;
}

/** After these a port gives a new stream, and goes on. */
const TRANSIENT = new Set(["BufferOverrunError", "BreakError", "FramingError", "ParityError"]);

/** Web Serial, as the package is to see it: of any speed; it ends when it ends, and can be closed while it is read. */
function shapeSerial(port, baud, fail) {
  let reader;
  let closed = Promise.resolve();
  const read = async () => {
    let reason = "the port has vanished";
    while (port.readable) {
      reader ??= port.readable.getReader();
      try {
        const { value, done } = await reader.read();
        if (!done) return { value: exact(value), done };
        break;
      } catch (error) {
        reader.releaseLock();
        reader = undefined;
        reason = error.message;
        if (!TRANSIENT.has(error.name)) break;
      }
    }
    fail(reason);
    return { value: undefined, done: true };
  };
  const write = async (buffer) => {
    const writer = port.writable.getWriter();
    try {
      await writer.write(new Uint8Array(buffer));
    } catch (error) {
      fail(error.message);
      throw error;
    } finally {
      writer.releaseLock();
    }
  };
  const device = {
    open: () => port.open({ baudRate: baud, bufferSize: 4096 }).catch((error) => {
      fail(error.message);
      throw error;
    }),
    readable: { getReader: () => ({ read, releaseLock() {} }) },
    writable: { getWriter: () => ({ write, releaseLock() {} }) },
    close() {
      closed = (async () => {
        await reader?.cancel().catch(() => {});
        reader?.releaseLock();
        await port.close().catch(() => {});
      })();
    },
  };
  return { device, closed: () => closed };
}

/** Web Serial. */
export const openWebSerial = (port, baud) => openUart("Web Serial", (fail) => shapeSerial(port, baud, fail), {
  baud,
  setSignals: ({ dtr, rts }) => port.setSignals({
    ...(dtr === undefined ? {} : { dataTerminalReady: dtr }), ...(rts === undefined ? {} : { requestToSend: rts }),
  }),
});

/** The UART service of Nordic, which Espruino's Bluetooth boards have. */
export const NORDIC_UART = "6e400001-b5a3-f393-e0a9-e50e24dcca9e";

const XON = 17;
const XOFF = 19;
/** A board that has said "stop" is waited for so long. */
const XOFF_MS = 3000;

/**
 * Web Bluetooth, as the package is to see it: every packet is acknowledged by the board's radio, none is sent while the
 * board says "stop", and what fails on the way to a connection says so. The package would heed "stop", too, but then
 * look again by a timer that does not ask whether a packet is under way: two at once, and it loses count.
 */
function shapeBluetooth(device, fail) {
  const over = new AbortController();
  let pausedAt;
  const heard = (value) => {
    const bytes = exact(value);
    for (const byte of bytes) {
      if (byte === XON || byte === XOFF) pausedAt = byte === XOFF ? performance.now() : undefined;
    }
    return new DataView(bytes.filter((byte) => byte !== XON && byte !== XOFF).buffer);
  };
  const send = async (characteristic, buffer) => {
    while (performance.now() - pausedAt < XOFF_MS) await new Promise((next) => setTimeout(next, 10));
    await characteristic.writeValueWithResponse(buffer);
  };
  const told = (promise) => promise.catch((error) => {
    fail(error.message);
    throw error;
  });
  const characteristicOf = (real) => ({
    addEventListener: (type, listener) => real.addEventListener(type, () =>
      listener({ target: { value: heard(real.value) } }), { signal: over.signal }),
    startNotifications: () => told(real.startNotifications()),
    writeValue: (buffer) => told(send(real, buffer)),
  });
  const shaped = {
    name: device.name, id: device.id,
    addEventListener: (type, listener) => device.addEventListener(type, listener, { signal: over.signal }),
    gatt: {
      async connect() {
        const server = await told(device.gatt.connect());
        return {
          async getPrimaryService(name) {
            const service = await told(server.getPrimaryService(name));
            return { getCharacteristic: async (uuid) => characteristicOf(await told(service.getCharacteristic(uuid))) };
          },
          disconnect() {},
        };
      },
    },
  };
  return {
    device: shaped,
    async closed() {
      over.abort();
      device.gatt.disconnect();
    },
  };
}

/** Web Bluetooth. */
export const openWebBluetooth = (device) => openUart("Web Bluetooth", (fail) => shapeBluetooth(device, fail), {});
