/** X.509 certificates for tests (RFC 5280), written in DER and signed by node:crypto: no other program is needed. */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";

const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts);
const octets = (content: Buffer): Buffer => der(0x04, content);
const bits = (content: Buffer): Buffer => der(0x03, Buffer.from([0]), content);
const time = (date: Date): Buffer => der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\.\d+/g, "")}`));

const oid = (text: string): Buffer => {
  const [a, b, ...rest] = text.split(".").map(Number) as [number, number, ...number[]];
  const bytes = [a * 40 + b];
  for (const arc of rest) {
    const septets = [arc & 127];
    for (let left = arc >>> 7; left > 0; left >>>= 7) septets.unshift(128 | (left & 127));
    bytes.push(...septets);
  }
  return der(0x06, Buffer.from(bytes));
};

const name = (commonName: string): Buffer =>
  sequence(der(0x31, sequence(oid("2.5.4.3"), der(0x0c, Buffer.from(commonName)))));

const ALGORITHMS = {
  ec: sequence(oid("1.2.840.10045.4.3.2")),
  rsa: sequence(oid("1.2.840.113549.1.1.11"), der(0x05)),
};

/** A certificate and its key. */
export interface Identity {
  /** PEM. */
  cert: string;
  key: string;
  /** DER. */
  certDer: Buffer;
  keyDer: Buffer;
}

export interface Authority {
  /** PEM of the authority's own certificate. */
  ca: string;
  /** A certificate for DNS names and IPv4 addresses, valid from a day ago for a year or until `until`. */
  issue: (names: string[], until?: Date) => Identity;
}

const pem = (label: string, content: Buffer): string =>
  `-----BEGIN ${label}-----\n${content.toString("base64").replace(/.{64}(?=.)/g, "$&\n")}\n-----END ${label}-----\n`;

const DAY_MS = 86_400_000;

/** Makes an authority. Keys are P-256, or RSA with 2048 bits for peers that know no other. */
export const authority = (commonName: string, kind: "ec" | "rsa" = "ec"): Authority => {
  const pair = (): { publicKey: KeyObject; privateKey: KeyObject } => kind === "ec"
    ? generateKeyPairSync("ec", { namedCurve: "P-256" })
    : generateKeyPairSync("rsa", { modulusLength: 2048 });
  const root = pair();
  const certify = (subject: string, publicKey: KeyObject, extensions: Buffer[], until: Date): Buffer => {
    const body = sequence(
      der(0xa0, der(0x02, Buffer.from([2]))),
      der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
      ALGORITHMS[kind], name(commonName),
      sequence(time(new Date(Date.now() - DAY_MS)), time(until)),
      name(subject), publicKey.export({ type: "spki", format: "der" }),
      der(0xa3, sequence(...extensions)),
    );
    return sequence(body, ALGORITHMS[kind], bits(sign("sha256", body, root.privateKey)));
  };
  const year = new Date(Date.now() + 365 * DAY_MS);
  const isAuthority = sequence(oid("2.5.29.19"), der(0x01, Buffer.from([255])),
    octets(sequence(der(0x01, Buffer.from([255])))));
  return {
    ca: pem("CERTIFICATE", certify(commonName, root.publicKey, [isAuthority], year)),
    issue(names, until = year) {
      const { publicKey, privateKey } = pair();
      const alternatives = names.map((text) => /^[\d.]+$/.test(text)
        ? der(0x87, Buffer.from(text.split(".").map(Number)))
        : der(0x82, Buffer.from(text)));
      const certDer = certify(names[0]!, publicKey, [sequence(oid("2.5.29.17"), octets(sequence(...alternatives)))], until);
      const keyDer = privateKey.export({ type: "pkcs8", format: "der" });
      return { certDer, keyDer, cert: pem("CERTIFICATE", certDer), key: pem("PRIVATE KEY", keyDer) };
    },
  };
};
