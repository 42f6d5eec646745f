/** Rules of how the broker is reached: its URL, TLS with its files, and what the hardware has for them. */
import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Draft } from "../draft.ts";
import type { Report } from "../report.ts";
import type { Board, LinkKind } from "../types.ts";
import type { Segment } from "../words.ts";

/** Link and default port by the scheme of a URL. */
const SCHEMES: Record<string, { link: LinkKind; port: number }> = {
  mqtt: { link: "tcp", port: 1883 },
  mqtts: { link: "tls", port: 8883 },
  ws: { link: "ws", port: 80 },
  wss: { link: "wss", port: 443 },
};
const OTHER_NAMES: Record<string, string> = { tcp: "mqtt", ssl: "mqtts", tls: "mqtts", http: "ws", https: "wss" };

/** Where brokers take WebSockets, by custom. */
export const DEFAULT_PATH = "/mqtt";

export interface BrokerUrl {
  link: LinkKind;
  host: string;
  port: number;
  /** Of a WebSocket. */
  path?: string;
}

/** What a broker's URL says, or what is wrong with it. The URL itself is never quoted: it may be a secret. */
export function parseUrl(url: string): BrokerUrl | { problem: string; suggestion: string } {
  const write = "write mqtt://host or mqtt://host:port, or the same with mqtts, ws or wss";
  const parts = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)(.*)$/s.exec(url);
  if (!parts) return { problem: "this is not the URL of a broker", suggestion: write };
  const [, name, authority, rest] = parts as unknown as [string, string, string, string];
  const scheme = Object.hasOwn(SCHEMES, name.toLowerCase()) ? SCHEMES[name.toLowerCase()] : undefined;
  if (scheme === undefined) {
    const other = Object.hasOwn(OTHER_NAMES, name.toLowerCase()) ? OTHER_NAMES[name.toLowerCase()]! : undefined;
    return {
      problem: `a broker's URL begins with mqtt://, mqtts://, ws:// or wss://${other ? `, not ${name.toLowerCase()}://` : ""}`,
      suggestion: other ? `did you mean ${other}://?` : write,
    };
  }
  const isWebSocket = scheme.link === "ws" || scheme.link === "wss";
  if (authority.includes("@") || rest.includes("@")) {
    return {
      problem: "user name and password do not belong in the URL",
      suggestion: "move them to mqtt.username and mqtt.password",
    };
  }
  if (authority.startsWith("[")) {
    return { problem: "IPv6 addresses are not supported: the firmwares have IPv4 alone", suggestion: write };
  }
  if (!isWebSocket && rest.replace(/^\/$/, "") !== "") {
    return { problem: "the URL of an MQTT broker has no path", suggestion: "only ws:// and wss:// have one" };
  }
  if (isWebSocket && !/^(\/[\x21\x24-\x7e]*)?$/.test(rest)) {
    return { problem: "the path of the URL has characters that a path has not", suggestion: "write them as %XX; a # has no place there" };
  }
  const address = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,252}))(?::([0-9]*))?$/.exec(authority);
  if (!address) return { problem: "the URL names no valid host", suggestion: write };
  const port = address[3] === undefined ? scheme.port : Number(address[3]);
  if (address[3] === "" || port < 1 || port > 65535) {
    return { problem: "the port is not a number from 1 to 65535", suggestion: `the port of ${name.toLowerCase()}:// is ${scheme.port}` };
  }
  const path = rest === "" || rest === "/" ? DEFAULT_PATH : rest;
  return { link: scheme.link, host: address[1]!, port, ...(isWebSocket ? { path } : {}) };
}

/** Host and port as a URL of this link writes them: without the port that is its own. */
export function authorityOf({ link, host, port }: BrokerUrl): string {
  return Object.values(SCHEMES).some((scheme) => scheme.link === link && scheme.port === port) ? host : `${host}:${port}`;
}

type Files = "ca" | "cert" | "key";
type Tls = NonNullable<Board["mqtt"]["tls"]>;

/**
 * Reports what is wrong with the link, and gives what TLS needs of a board without mistakes.
 * @param known false for a path whose secret is missing or simulated
 */
export function checkLink(draft: Draft, report: Report, known: (path: string) => boolean): Tls | undefined {
  const { mqtt, hardware } = draft;
  const url = mqtt.url === undefined || !known("mqtt.url") ? undefined : parseUrl(mqtt.url);
  if (url === undefined) return undefined;
  if ("problem" in url) {
    report.error(["mqtt", "url"], url.problem, url.suggestion);
    return undefined;
  }
  const secure = url.link === "tls" || url.link === "wss";
  if (hardware && url.path !== undefined && !hardware.crypto.sha1) {
    report.error(["mqtt", "url"], `${hardware.name} has no SHA-1, which a WebSocket needs`, "use mqtt://");
  }
  if (!secure) {
    if (mqtt.tls.given) {
      report.error(["mqtt", "tls"], "this URL has no TLS", `use ${url.path === undefined ? "mqtts" : "wss"}://, or remove "tls"`);
    }
    return undefined;
  }
  if (hardware) checkTrust(draft, report, hardware);
  return filesOf(draft, report, known);
}

/** Nothing is left unverified without a word. */
function checkTrust(
  { mqtt: { tls }, target }: Draft, report: Report, { name, crypto }: NonNullable<Draft["hardware"]>,
): void {
  const at = ["mqtt", ...(tls.given ? ["tls"] : ["url"])];
  if (crypto.tls === "none") {
    report.error(["mqtt", "url"], `${name} has no TLS${target === "nodemcu" ? " with NodeMCU" : ""}`,
      "use mqtt:// or ws:// in a network that you trust");
  } else if (crypto.tls === "unverified" && tls.verify) {
    report.error(at, `the firmware of ${name} cannot verify a broker: anybody who answers would be believed`,
      "set mqtt.tls.verify to false to say that this is known, or use mqtt:// in a network that you trust");
  } else if (crypto.tls === "authority" && tls.verify) {
    checkAuthority(tls.ca, at, report);
  } else if (!tls.verify) {
    report.warning(["mqtt", "tls", "verify"], "the broker is not verified: what is sent is encrypted, but anybody "
      + "between can pose as the broker and read it");
  }
  if (crypto.tls !== "unverified" && crypto.tls !== "authority") return;
  if (tls.serverName !== undefined) {
    report.error(["mqtt", "tls", "serverName"], `the firmware of ${name} cannot say a server name: it has a fixed one`,
      "remove it; a broker that needs it cannot be used");
  }
  if (tls.ca !== undefined && !tls.verify) {
    report.warning(["mqtt", "tls", "ca"], crypto.tls === "authority" ? "nothing is verified: it is left out"
      : `the firmware of ${name} cannot use it, and it is left out`);
  }
}

/** A firmware that asks who has signed a certificate, and not whose it is. */
function checkAuthority(ca: string | undefined, at: Segment[], report: Report): void {
  if (ca === undefined) {
    report.error(at, "this firmware knows no authorities by itself: it would believe nobody",
      "name the certificate of the broker's authority: mqtt.tls.ca");
  } else {
    report.warning(["mqtt", "tls", "ca"], "this firmware believes whoever has a certificate by this authority, whatever "
      + "its name and date", "use an authority of your own");
  }
}

/** Reads and checks certificate and key. */
function filesOf({ mqtt: { tls } }: Draft, report: Report, known: (path: string) => boolean): Tls | undefined {
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    const [has, lacks] = tls.cert === undefined ? ["key", "cert"] : ["cert", "key"];
    report.error(["mqtt", "tls", has], `a client certificate is "cert" and "key": there is no "${lacks}"`, `add "${lacks}"`);
  }
  const certificate = (name: Files): X509Certificate | undefined => {
    const read = load(name, tls[name], report, known, (pem) => new X509Certificate(pem), "a certificate");
    if (read && Date.parse(read.validTo) < Date.now()) {
      report.warning(["mqtt", "tls", name], `the certificate has run out: ${read.validTo}`);
    }
    return read;
  };
  const [ca, cert] = [certificate("ca"), certificate("cert")];
  const key = load("key", tls.key, report, known, (pem) => createPrivateKey(pem), "a private key without a pass phrase");
  if (cert && key && !cert.checkPrivateKey(key)) {
    report.error(["mqtt", "tls", "key"], "this is not the key of the certificate \"cert\"");
  }
  return {
    verify: tls.verify,
    ...(ca ? { ca: ca.toString() } : {}),
    ...(cert ? { cert: cert.raw.toString("base64") } : {}),
    ...(key ? { key: derOf(key) } : {}),
    ...(tls.serverName === undefined ? {} : { serverName: tls.serverName }),
  };
}

function derOf(key: KeyObject): string {
  return key.export({ format: "der", type: "pkcs8" }).toString("base64");
}

/** What a PEM file, or PEM text from a secret, holds. Its content is never quoted. */
function load<T>(
  name: Files, value: string | undefined, report: Report, known: (path: string) => boolean, parse: (pem: string) => T,
  what: string,
): T | undefined {
  const at = ["mqtt", "tls", name];
  if (value === undefined || !known(at.join("."))) return undefined;
  let pem = value;
  if (!value.includes("-----BEGIN ")) {
    try {
      pem = readFileSync(resolve(dirname(report.fileOf(at)), value), "utf8");
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      report.error(at, code === "ENOENT" ? "there is no such file" : `the file cannot be read: ${code ?? "unknown error"}`,
        "write the path of a PEM file, relative to the board file");
      return undefined;
    }
  }
  try {
    return parse(pem);
  } catch {
    report.error(at, `this is not ${what} in PEM`, "it begins with a line such as -----BEGIN CERTIFICATE-----");
    return undefined;
  }
}
