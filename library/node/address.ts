/** Where the broker is, and how bytes get there: what a URL, `host` and `tls` say, checked. */
import { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { ConnectOptions, Payload, TlsOptions } from "../mqtt.d.ts";
import { knownKeys, whole } from "./check.ts";
import { stringBytes } from "./text.ts";

export interface Address {
  host: string;
  port: number;
  /** Where it is there: TLS, and whom it trusts. */
  tls: { ca?: string; cert?: string; key?: string; serverName?: string; verify?: boolean } | undefined;
  /** Where it is there: a WebSocket, its path, and what is asked for: host, or host:port. */
  webSocket: { path: string; authority: string } | undefined;
  username: string | undefined;
  password: Payload | undefined;
}

/** By the protocol of a URL. */
const SCHEMES: Record<string, { port: number; tls: boolean; webSocket: boolean }> = {
  "mqtt:": { port: 1883, tls: false, webSocket: false },
  "mqtts:": { port: 8883, tls: true, webSocket: false },
  "ws:": { port: 80, tls: false, webSocket: true },
  "wss:": { port: 443, tls: true, webSocket: true },
};
const STANDARD_PATH = "/mqtt";

/** PEM as text; several certificates may stand in a list. Throws where it is none, as a path of a file is not. */
const pem = (value: NonNullable<TlsOptions["ca"]>, what: string): string => {
  const text = [value].flat().map((part) => (typeof part === "string" ? part : Buffer.from(part).toString("latin1"))).join("\n");
  if (!text.includes("-----BEGIN ")) {
    throw new TypeError(`${what} is no PEM ("-----BEGIN ..."): give what is in the file, as readFileSync reads it`);
  }
  return text;
};

/** What is no certificate, Node passes over; then it would trust other authorities than these, or none. */
const checkCertificates = (text: string): string => {
  for (const [certificate] of text.matchAll(/-----BEGIN [^]*?(-----END [^\n]*|$)/g)) {
    try {
      new X509Certificate(certificate);
    } catch {
      throw new TypeError("tls.ca holds something that is no certificate");
    }
  }
  return text;
};

const tlsOf = (given: TlsOptions): NonNullable<Address["tls"]> => {
  knownKeys(given, ["ca", "cert", "key", "serverName", "verify"], "tls");
  if ((given.cert === undefined) !== (given.key === undefined)) {
    throw new TypeError("tls.cert and tls.key go together: the client's certificate, and its private key");
  }
  const tls: NonNullable<Address["tls"]> = {
    ...(given.ca === undefined ? {} : { ca: checkCertificates(pem(given.ca, "tls.ca")) }),
    ...(given.cert === undefined ? {} : { cert: pem(given.cert, "tls.cert") }),
    ...(given.key === undefined ? {} : { key: pem(given.key, "tls.key") }),
    ...(given.serverName === undefined ? {} : { serverName: given.serverName }),
    verify: given.verify !== false,
  };
  try {
    createSecureContext(tls);
  } catch (error) {
    throw new TypeError(`tls: ${(error as Error).message}: see whether cert and key are PEM without a passphrase, and belong together`, {
      cause: error,
    });
  }
  return tls;
};

const fromUrl = (text: string): Omit<Address, "tls"> & { secure: boolean } => {
  if (!URL.canParse(text)) {
    throw new TypeError(`url ${JSON.stringify(text)} is no URL: write mqtt://host:1883`);
  }
  const url = new URL(text);
  const scheme = SCHEMES[url.protocol];
  if (!scheme || url.hostname === "" || url.hash !== "") {
    throw new TypeError("url: write mqtt://, mqtts://, ws:// or wss://, then host:port or user:password@host:port");
  }
  if (!scheme.webSocket && (url.search !== "" || !["", "/"].includes(url.pathname))) {
    throw new TypeError(`url: ${url.protocol}// ends after the port; only a WebSocket has a path`);
  }
  const part = (value: string): string | undefined => (value === "" ? undefined : decodeURIComponent(value));
  const path = `${url.pathname === "/" ? STANDARD_PATH : url.pathname}${url.search}`;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    // A URL leaves out the port that is its scheme's own.
    port: url.port === "" ? scheme.port : Number(url.port),
    webSocket: scheme.webSocket ? { path, authority: url.host } : undefined,
    username: part(url.username),
    password: part(url.password),
    secure: scheme.tls,
  };
};

const fromHost = (host: string, secure: boolean): ReturnType<typeof fromUrl> => {
  stringBytes(host, "host");
  const { port } = SCHEMES[secure ? "mqtts:" : "mqtt:"]!;
  return { host, port, webSocket: undefined, username: undefined, password: undefined, secure };
};

/** What of the options says where the broker is. Throws TypeError or RangeError. */
export const addressOf = (options: ConnectOptions): Address => {
  if (options.url === undefined && options.host === undefined) {
    throw new TypeError('connect needs a url ("mqtt://host:1883") or a host');
  }
  if (options.url !== undefined && options.host !== undefined) {
    throw new TypeError("connect takes a url or a host, not both");
  }
  const { secure, ...address } = options.url === undefined
    ? fromHost(options.host!, options.tls !== undefined)
    : fromUrl(options.url);
  if (options.tls && !secure) {
    throw new TypeError("tls is for mqtts:// and wss://, which encrypt: this url does not");
  }
  const port = whole(options.port, address.port, 1, 65_535, "port");
  return {
    ...address,
    port,
    webSocket: address.webSocket && (options.port === undefined
      ? address.webSocket
      : { ...address.webSocket, authority: `${new URL(options.url!).hostname}:${port}` }),
    tls: secure ? tlsOf(options.tls ?? {}) : undefined,
    username: options.username ?? address.username,
    password: options.password ?? address.password,
  };
};
