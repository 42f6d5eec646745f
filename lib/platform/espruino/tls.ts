/**
 * TLS sockets of Espruino (module "tls"). What 2v29 does, by libs/network/network.c: `ssl_newSocketData` sets
 * MBEDTLS_SSL_VERIFY_NONE, so no certificate of a broker is ever verified, whatever `ca` says; the server name is the
 * constant "mbed TLS Server 1", and is not sent at all by builds without MBEDTLS_SSL_SERVER_NAME_INDICATION. So this
 * link exists for those who have said that nothing is to be verified, and for nobody else.
 */
import type { Open, TlsOptions } from "../types.ts";
import type { Socket } from "./net.ts";

declare const atob: (text: string) => string;
declare const require: (module: "tls") => {
  connect: (options: object, onOpen: (this: void) => void) => Socket;
};

/** Decoded for as long as the handshake needs it. */
const der = (text: string | undefined): (() => string) | undefined =>
  text === undefined ? undefined : () => atob(text);

/**
 * Returns how to open a TLS connection to `host`:`port`; see `connector` of `#platform/net`. `cert` and `key` are
 * DER in base64: PEM without its first and last line, and without line ends. Throws where a broker is to be verified,
 * which this platform cannot.
 */
export const tlsConnector = (host: string, port: number, options: TlsOptions): Open<Socket> => {
  if (options.verify !== false) {
    // eslint-disable-next-line portable/throw -- at boot, on the console: nothing may run as if this were settled
    throw new Error("TLS: Espruino cannot verify a broker");
  }
  return (onOpen, onData, onClose, onDrain) => {
    try {
      const socket = require("tls")
        .connect({ host: host, port: port, cert: der(options.cert), key: der(options.key) }, onOpen);
      socket.on("data", onData);
      socket.on("close", onClose);
      socket.on("drain", onDrain);
      return socket;
    } catch {}
    return undefined;
  };
};
