/** The link to the broker, and what the system says about it. */
import type { TLSSocket } from "node:tls";
import type { Socket, Stream } from "../../lib/platform/node/net.ts";
import type { Open } from "../../lib/platform/types.ts";
import type { Address } from "./address.ts";
import type { Compiled } from "./compiled.ts";

export class Link {
  /** Of the newest connection. */
  stream: Stream | undefined;
  /** What the system said about why the newest connection failed. */
  failure: string | undefined;
  /** Why the broker's certificate was not accepted, where that is why. */
  distrust: string | undefined;
  private readonly address: Address;
  private readonly below: Open<Socket>;

  constructor(api: Compiled, address: Address) {
    const { host, port, tls, webSocket } = address;
    this.address = address;
    const transport = tls ? api.tls.tls(host, port, tls) : api.tcp.tcp(host, port);
    this.below = webSocket
      ? api.websocket.websocket(transport, api.websocket.upgradeRequest(webSocket.authority, webSocket.path))
      : transport;
  }

  readonly open: Open<Socket> = (onOpen, onData, onClose, onDrain) => {
    const { tls, webSocket } = this.address;
    this.failure = this.distrust = undefined;
    const socket = this.below(() => {
      this.failure = undefined;
      onOpen();
    }, onData, onClose, onDrain)!;
    this.stream = socket.stream;
    this.stream.on(tls ? "secureConnect" : "connect", () => {
      if (webSocket) this.failure = `the server does not speak MQTT over a WebSocket at ${webSocket.path}`;
    });
    this.stream.on("error", (error) => {
      this.failure = error.message;
      // Set where the certificate was looked at.
      const problem = (this.stream as TLSSocket).authorizationError as unknown;
      if (tls?.verify === true && problem !== null && problem !== undefined) this.distrust = error.message;
    });
    return socket;
  };

  /** Resolves when the newest connection is closed. */
  closed(): Promise<void> {
    const { stream } = this;
    return new Promise((resolve) => {
      if (!stream || stream.closed) resolve();
      else stream.once("close", () => resolve());
    });
  }
}
