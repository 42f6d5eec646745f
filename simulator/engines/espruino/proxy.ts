/** The simulated network on a loopback port, for an interpreter that has real sockets. */
import { createServer, type AddressInfo, type Socket } from "node:net";
import type { Link } from "../../link.ts";

export interface Proxy {
  port: number;
  /** The next connection to the port is for this link: the interpreter connects at once and waits for it. */
  expect(link: Link): void;
  close(): Promise<void>;
}

export async function openProxy(): Promise<Proxy> {
  const expected: Link[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const link = expected.shift();
    if (link === undefined) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    join(socket, link);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    port: (server.address() as AddressInfo).port,
    expect: (link) => void expected.push(link),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

/** Carries bytes both ways, no faster than the link takes them. */
function join(socket: Socket, link: Link): void {
  let waiting: Buffer[] = [];
  let over = false;
  let sending = false;
  const send = (): void => {
    // A link without latency says at once that there is room again.
    if (sending) return;
    sending = true;
    while (waiting.length > 0) {
      const count = link.send(waiting[0]!);
      if (count < 0) waiting = [];
      if (count <= 0) break;
      if (count < waiting[0]!.length) waiting[0] = waiting[0]!.subarray(count);
      else waiting.shift();
    }
    sending = false;
    if (waiting.length === 0) socket.resume();
    else socket.pause();
  };
  const receive = (): void => {
    for (let bytes = link.take(65_536); ; bytes = link.take(65_536)) {
      if (bytes === null) {
        if (over) return;
        over = true;
        if (link.reset) socket.resetAndDestroy();
        else socket.end();
        return;
      }
      if (bytes.length === 0) return;
      if (!over) socket.write(bytes);
    }
  };
  const leave = (): void => {
    send();
    link.close();
  };
  link.onChange = () => {
    send();
    receive();
  };
  socket.on("data", (data: Buffer) => {
    waiting.push(data);
    send();
  });
  socket.on("end", () => {
    leave();
    socket.end();
  });
  socket.on("error", () => {});
  socket.on("close", leave);
  link.onChange();
}
