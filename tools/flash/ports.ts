/** Which serial ports there are, and which of them the board is on. */
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { Failure } from "./protocol/failure.ts";

export interface PortInfo {
  path: string;
  /** Hexadecimal, four digits in small letters. */
  vendorId?: string;
  productId?: string;
  /** What it calls itself. */
  title?: string;
  serialNumber?: string;
}

/** All serial ports of this computer. */
export async function listPorts(): Promise<PortInfo[]> {
  // serialport asks udevadm on Linux, and where that is missing the process may end with an error nobody can catch.
  if (process.platform === "linux" && !isOnPath("udevadm")) return portsOfSys("/sys/class/tty", "/dev");
  try {
    const { SerialPort } = await import("serialport");
    const ports = await SerialPort.list();
    return ports.map(({ path, vendorId, productId, manufacturer, serialNumber }) => ({
      path,
      ...(vendorId ? { vendorId: vendorId.toLowerCase() } : {}),
      ...(productId ? { productId: productId.toLowerCase() } : {}),
      ...(manufacturer ? { title: manufacturer } : {}),
      ...(serialNumber ? { serialNumber } : {}),
    })).filter((port) => process.platform !== "linux" || isReal(port));
  } catch (error) {
    if (process.platform === "linux") return portsOfSys("/sys/class/tty", "/dev");
    throw new Failure("serialport-missing", { reason: (error as Error).message });
  }
}

const isOnPath = (program: string): boolean =>
  (process.env["PATH"] ?? "").split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, program)));

/** /dev/ttyS0 and its like are there whether or not there is a socket. */
const isReal = ({ path, vendorId }: PortInfo): boolean => vendorId !== undefined || !/\/ttyS\d+$/.test(path);

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
};

/** What the Linux kernel says: USB serial ports, and those of a chip's own USB. */
export function portsOfSys(classFolder: string, devFolder: string): PortInfo[] {
  if (!existsSync(classFolder)) return [];
  return readdirSync(classFolder).filter((name) => /^tty(USB|ACM|AMA)\d+$/.test(name)).sort().map((name) => {
    const port: PortInfo = { path: join(devFolder, name) };
    try {
      // The interface is some folders below the USB device, which has the ids.
      for (let folder = realpathSync(join(classFolder, name, "device")); folder !== dirname(folder); folder = dirname(folder)) {
        const vendorId = read(join(folder, "idVendor"));
        if (vendorId === undefined) continue;
        const [productId, title, serialNumber] = ["idProduct", "product", "serial"].map((file) => read(join(folder, file)));
        return {
          ...port, vendorId, ...(productId === undefined ? {} : { productId }),
          ...(title === undefined ? {} : { title }), ...(serialNumber === undefined ? {} : { serialNumber }),
        };
      }
    } catch {
      // A port that has gone in the meantime.
    }
    return port;
  });
}

const fits = ({ vendorId, productId }: PortInfo, match: string[]): boolean => match.some((pattern) =>
  vendorId !== undefined && (pattern === `${vendorId}:${productId}` || pattern === `${vendorId}:*`));

/** "/dev/ttyUSB0 (10c4:ea60, CP2102)" */
export function describePort({ path, vendorId, productId, title }: PortInfo): string {
  const details = [vendorId === undefined ? undefined : `${vendorId}:${productId ?? "?"}`, title].filter((x) => x !== undefined);
  return details.length === 0 ? path : `${path} (${details.join(", ")})`;
}

/** The one port that the board is on; none, or several, is a Failure that says which there are. */
export function choosePort(ports: PortInfo[], match: string[], taken: ReadonlySet<string> = new Set()): string {
  const free = ports.filter(({ path }) => !taken.has(path));
  if (free.length === 0) throw new Failure("port-none");
  const fitting = free.filter((port) => fits(port, match));
  const candidates = fitting.length > 0 ? fitting : free;
  if (candidates.length > 1) throw new Failure("port-several", { ports: candidates.map(describePort).join("; ") });
  return candidates[0]!.path;
}
