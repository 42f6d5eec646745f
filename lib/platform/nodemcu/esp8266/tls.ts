/**
 * TLS sockets of the ESP8266. Firmware module: tls, in a build with CLIENT_SSL_ENABLE.
 * The certificates are settings of the firmware and not of a connection: a board has one broker. The firmware verifies
 * a chain of certificates, and neither their names nor their dates: with `ca` of an authority of one's own nobody else
 * is believed.
 */
import type { Open, TlsOptions } from "../../types.ts";
import { tls } from "../api.ts";
import { linkOf, type Socket } from "../net.ts";

/** Returns how to open a TLS connection to `host`:`port`. `ca`, `cert` and `key` are PEM. */
export const tlsConnector = (host: string, port: number, options: TlsOptions): Open<Socket> => {
  tls.cert.verify((n) => (n === 1 ? options.ca : undefined));
  tls.cert.auth((n) => (n === 0 ? options.key : n === 1 ? options.cert : undefined));
  return (onOpen, onData, onClose, onDrain) =>
    linkOf(tls.createConnection(), host, port, onOpen, onData, onClose, onDrain);
};
