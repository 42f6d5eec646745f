/** A serial port of this computer as a transport, by the package serialport, which is loaded only here. */
import type { SerialPort } from "serialport";
import { statSync } from "node:fs";
import { describePort, listPorts } from "./ports.ts";
import { Failure } from "./protocol/failure.ts";
import type { Transport } from "./protocol/transport.ts";

async function load(): Promise<typeof SerialPort> {
  try {
    return (await import("serialport")).SerialPort;
  } catch (error) {
    throw new Failure("serialport-missing", { reason: (error as Error).message });
  }
}

/** A call that ends in a callback. */
const call = (fn: (done: (error?: Error | null) => void) => void): Promise<void> => new Promise((resolve, reject) => {
  fn((error) => (error ? reject(error) : resolve()));
});

/** Control lines and draining fail on pseudo-terminals and some drivers: one does without. */
const attempt = async (fn: (done: (error?: Error | null) => void) => void): Promise<void> => {
  await call(fn).catch(() => {});
};

export interface OpenOptions { baud: number }

/** Opens a port. What keeps it from opening is a Failure with advice. */
export async function openSerial(path: string, { baud }: OpenOptions): Promise<Transport> {
  const Port = await load();
  let closing = false;
  let port: SerialPort;
  let speed = baud;
  const open = async (): Promise<void> => {
    // Without hupcl: a board whose reset hangs on DTR need not restart when the tool leaves.
    port = new Port({ path, baudRate: speed, autoOpen: false, hupcl: false });
    await call((done) => port.open(done));
    port.on("data", (data: Buffer) => transport.onData?.(data));
    port.on("error", () => {});
    port.on("close", (error: (Error & { disconnected?: boolean }) | null) => {
      if (!closing) transport.onClose?.(error ? "the port has vanished" : "");
    });
  };
  const transport: Transport = {
    get baud() {
      return speed;
    },
    async write(bytes) {
      await call((done) => void port.write(bytes, done));
      await attempt((done) => port.drain(done));
    },
    async close() {
      closing = true;
      if (port.isOpen) await attempt((done) => port.close(done));
    },
    setSignals: (signals) => attempt((done) => port.set(signals, done)),
    async setBaud(wanted) {
      await call((done) => port.update({ baudRate: wanted }, done));
      speed = wanted;
    },
    reopen: open,
  };
  try {
    await open();
  } catch (error) {
    throw await explain(path, error as NodeJS.ErrnoException);
  }
  return transport;
}

/** Why a port does not open. */
export async function explain(path: string, error: NodeJS.ErrnoException): Promise<Failure> {
  const reason = error.message.replace(/^Error:? ?/, "");
  // Windows denies access to a port that another program has open.
  if (/lock|busy|temporarily unavailable|EBUSY/i.test(reason) || (process.platform === "win32" && /denied/i.test(reason))) {
    return new Failure("port-busy", { port: path });
  }
  if (/permission|access denied|EACCES/i.test(reason)) return new Failure("port-denied", { port: path, group: groupOf(path) });
  if (/no such file|not found|ENOENT|cannot open/i.test(reason)) {
    const ports = await listPorts().catch(() => []);
    return new Failure("port-unknown", { port: path, ports: ports.map(describePort).join("; ") || "none" });
  }
  return new Failure("port-failed", { port: path, reason });
}

/** The group that may open ports here; distributions name it differently. */
function groupOf(path: string): string {
  try {
    // 20 is dialout on Debian; Arch has uucp.
    return statSync(path).gid === 20 ? "dialout" : "dialout (or uucp)";
  } catch {
    return "dialout";
  }
}
