/** TLS sockets of Node: the system's certificate authorities, or those of `ca` alone. TLS 1.2 or newer. */
import { isIP } from "node:net";
import { connect } from "node:tls";
import type { Open, TlsOptions } from "../types.ts";
import { linkOf, type Socket } from "./net.ts";

/**
 * Returns how to open a TLS connection to `host`:`port`; see `connector` of `#platform/net`. `ca`, `cert` and `key`
 * are PEM. The broker's certificate has to be for `serverName`, or else for `host`. A broker that is not who it
 * should be is a connection that fails.
 */
export const tlsConnector = (host: string, port: number, options: TlsOptions): Open<Socket> =>
  (onOpen, onData, onClose, onDrain) => {
    // An address is no server name (RFC 6066, 3).
    const serverName = options.serverName ?? (isIP(host) === 0 ? host : undefined);
    const stream = connect({
      host, port, minVersion: "TLSv1.2",
      rejectUnauthorized: options.verify ?? true,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
      ...(options.cert === undefined ? {} : { cert: options.cert }),
      ...(options.key === undefined ? {} : { key: options.key }),
      ...(serverName === undefined ? {} : { servername: serverName }),
    });
    stream.setNoDelay(true);
    return linkOf(stream, "secureConnect", onOpen, onData, onClose, onDrain);
  };
