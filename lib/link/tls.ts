/** The TLS link: `mqtts://`. Verifies the broker, or does not connect, unless `verify: false` says otherwise. */
export { tlsConnector as tls } from "#platform/tls";
