/** The way to a port, whatever kind it is of. */
import { openSerial } from "./serial.ts";
import { openTcp } from "./tcp.ts";
import type { Transport } from "./protocol/transport.ts";

export const openPort = (port: string, baud: number): Promise<Transport> =>
  (port.startsWith("tcp:") ? openTcp(port) : openSerial(port, { baud }));
