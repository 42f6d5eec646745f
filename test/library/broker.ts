/** A broker that says what a test wants, byte by byte. */
import { connect, type Client, type ConnectOptions } from "motelet/mqtt";
import { createServer, type AddressInfo, type Socket } from "node:net";

export interface Script {
  port: number;
  /** What the newest connection has sent, as a binary string. */
  sent(): string;
  /** Sends bytes on the newest connection. */
  send(bytes: string): void;
  connections(): number;
  socket(): Socket;
  close(): Promise<void>;
}

const CONNACK = "\x20\x02\0\0";

/** Answers CONNECT with `answer`; the rest is the test's. */
export const scripted = async (answer = CONNACK): Promise<Script> => {
  const sockets: Socket[] = [];
  let sent = "";
  const server = createServer((socket) => {
    sockets.push(socket);
    sent = "";
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      if (sent === "") socket.write(answer, "latin1");
      sent += bytes.toString("latin1");
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    port: (server.address() as AddressInfo).port,
    sent: () => sent,
    send: (bytes) => void sockets.at(-1)!.write(bytes, "latin1"),
    connections: () => sockets.length,
    socket: () => sockets.at(-1)!,
    async close() {
      sockets.forEach((socket) => socket.destroy());
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
};

/** Resolves when `test` is true; fails after 5 s. */
export const until = async (test: () => boolean, what: string): Promise<void> => {
  for (let waited = 0; !test(); waited += 5) {
    if (waited > 5000) throw new Error(`it did not happen: ${what}`);
    await new Promise((done) => setTimeout(done, 5));
  }
};

/** Runs `body` with a client that is connected to a scripted broker, and closes both whatever happens. */
export const withClient = async (
  options: ConnectOptions, body: (client: Client, broker: Script) => Promise<void>, answer?: string,
): Promise<void> => {
  const broker = await scripted(answer);
  const client = connect({ host: "127.0.0.1", port: broker.port, clientId: "c", ...options });
  try {
    if (answer === undefined) await until(() => client.connected, "connected");
    await body(client, broker);
  } finally {
    await client.end(0);
    await broker.close();
  }
};
