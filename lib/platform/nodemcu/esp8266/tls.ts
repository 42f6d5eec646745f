/**
 * TLS sockets of the ESP8266. Firmware modules: tls, net, in a build with CLIENT_SSL_ENABLE.
 * Certificates are settings of the firmware and not of a connection: a board has one broker. The firmware believes
 * whoever has a certificate by `ca`, whatever its name and its date, and says no name itself (espconn_mbedtls.c calls
 * no mbedtls_ssl_set_hostname, MBEDTLS_HAVE_TIME_DATE is not defined): `ca` has to be an authority of one's own.
 */
import type { Open, TlsOptions } from "../../types.ts";
import { tls } from "../api.ts";
import { linkOf, type Socket } from "../net.ts";

/** Returns how to open a TLS connection to `host`:`port`. `ca`, `cert` and `key` are PEM. */
export const tlsConnector = (host: string, port: number, options: TlsOptions): Open<Socket> => {
  // With a function that gives none, nobody would be believed.
  if (options.verify !== false) {
    tls.cert.verify((n) => (n === 1 ? options.ca : undefined));
  }
  if (options.cert !== undefined) {
    tls.cert.auth((n) => (n === 0 ? options.key : n === 1 ? options.cert : undefined));
  }
  return (onOpen, onData, onClose, onDrain) =>
    linkOf(tls.createConnection(), host, port, onOpen, onData, onClose, onDrain);
};
