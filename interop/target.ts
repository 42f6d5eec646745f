/** Where a broker is. */
import { readFileSync } from "node:fs";

export const LINKS = ["mqtt", "mqtts", "ws", "wss"] as const;
export type Link = (typeof LINKS)[number];

/** As people call them. */
export const LINK_NAMES: Record<Link, string> = {
  mqtt: "TCP", mqtts: "TLS", ws: "WebSocket", wss: "WebSocket over TLS",
};

export interface Target {
  link: Link;
  host: string;
  port: number;
  /** Of a WebSocket. */
  path?: string;
  username?: string;
  password?: string;
  /** PEM of the authority that vouches for it, and who the certificate has to be for where that is not the host. */
  ca?: string;
  serverName?: string;
  /** The client's own certificate, and its key. */
  cert?: string;
  key?: string;
}

const PORTS: Record<Link, number> = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 };

export const isSecure = (link: Link): boolean => link === "mqtts" || link === "wss";
export const isWebSocket = (link: Link): boolean => link === "ws" || link === "wss";

/** Where the suite goes, from a URL. Throws an Error for people. */
export const targetOf = (text: string, caFile?: string): Target => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const link = LINKS.find((name) => url?.protocol === `${name}:`);
  if (!url || !link || url.hostname === "") {
    throw new Error(`${text}: write mqtt://host:1883 or mqtt://user:password@host:1883; mqtts://, ws:// and wss:// likewise`);
  }
  const login = url.username === ""
    ? {}
    : { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  return {
    link, host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || PORTS[link]), ...login,
    ...(isWebSocket(link) ? { path: `${url.pathname === "/" ? "/mqtt" : url.pathname}${url.search}` } : {}),
    ...(caFile !== undefined && isSecure(link) ? { ca: readFileSync(caFile, "latin1") } : {}),
  };
};

/** The URL of a target, without its login. */
export const urlOf = ({ link, host, port, path }: Target): string =>
  `${link}://${host.includes(":") ? `[${host}]` : host}:${port}${path ?? ""}`;
