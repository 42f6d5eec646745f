/**
 * The client compiled once, its instances cheap: one function holds all of lib/mqtt, each call of it is a new client.
 * Mutants are replacements in its text.
 */
import { build } from "esbuild";
import { fileURLToPath } from "node:url";
import type { Api } from "../instance.ts";
import type { FakeFlash } from "../store/flash.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const MODULES = [
  "packet", "client", "reader", "reason", "publish", "inflight", "qos1", "qos2", "subscribe", "unsubscribe", "wildcard", "queue",
];

const taken = (...names: string[]): string => names.map((n) => `export const ${n} = platform.${n};`).join("\n");

/** What the platform gives to an instance. */
const PLATFORM: Record<string, string> = {
  bytes: `export const byteView = typeof Buffer === "undefined"
    ? (bytes) => new Uint8Array(E.toArrayBuffer(bytes)) : (bytes) => Buffer.from(bytes, "latin1");`,
  net: taken("close") + `
    export const writer = (socket) => (bytes) => void socket.write(bytes);
    export const hasEnded = () => false;`,
  timer: taken("after", "cancel", "noTimer", "now"),
  system: taken("caught"),
  flash: taken("readFlash", "writeFlash", "eraseFlash", "crc32"),
};

/** What no module exports and the invariants ask for. */
const PROBE = `{
  sizes: () => [rest.length, acks.length, held.length], held: () => held.length, queued: () => entries.length,
  settled: () => settledHandler,
}`;

/** What of the client's own state the invariants ask for. */
export interface Probe {
  /** Bytes of an incomplete packet, bytes of acknowledgements that wait to be sent, `held()`: in one call. */
  sizes(): number[];
  /** Received QoS 2 ids that were not released. */
  held(): number;
  /** Messages in the offline queue. */
  queued(): number;
  /** The handler that `onSettled` has set. */
  settled(): Api["inflight"] extends { onSettled: (fn: infer F) => void } ? F : never;
}

/** A link, for the client nothing but this. */
export interface ClientSocket {
  write(bytes: string): void;
}

/** What an instance runs on; the flash is that of one with a store. */
export interface Platform extends Partial<Pick<FakeFlash, "readFlash" | "writeFlash" | "eraseFlash" | "crc32">> {
  close(socket: ClientSocket, flush: boolean): void;
  after(fn: () => void, ms: number): unknown;
  cancel(timer: unknown): void;
  now(): number;
  noTimer: undefined;
  caught(error: unknown): void;
}

export type Client = Omit<Api, "topic"> & { probe: Probe };
/** Makes a client; its chance is `math.random`. */
export type Factory = (platform: Platform, math: { random: () => number }) => Client;

/** What is kept in flight as one string: two bytes of id, the packet. */
export const slotOf = ([key, packet]: readonly string[]): string => key!.slice(-2) + packet!;
/** All that is. */
export const slotsOf = ({ inflight: { slots } }: Pick<Api, "inflight">): string[] =>
  slots.flatMap((key, at) => (at % 2 === 0 ? [slotOf([key, slots[at + 1]!])] : []));

/** The body of a function of `platform` and `Math` that returns a client, with more modules than schedules need. */
export const clientText = (more: string[] = []): Promise<string> => build({
  stdin: {
    contents: [...MODULES, ...more].map((m) => `export * as ${m} from "./lib/mqtt/${m}.ts";`).join("\n"),
    resolveDir: ROOT,
    loader: "ts",
  },
  bundle: true,
  write: false,
  format: "esm",
  logLevel: "silent",
  plugins: [{
    name: "platform",
    setup(b) {
      b.onResolve({ filter: /^#platform\// }, ({ path }) => ({ path: path.slice(10), namespace: "platform" }));
      b.onLoad({ filter: /.*/, namespace: "platform" }, ({ path }) => ({ contents: PLATFORM[path]!, loader: "js" }));
    },
  }],
}).then(({ outputFiles }) => outputFiles[0]!.text.replace(/export \{([^}]*)\};\s*$/, (_all, list: string) =>
  `return { ${list.replace(/(\S+) as (\S+?)(?=,|\s|$)/g, "$2: $1")}, probe: ${PROBE} };`));

/**
 * A text whose instances take less: esbuild defines a getter for each export, which took a fifth of the time of a
 * schedule. Here these are members of an object literal, getters only where the client assigns.
 */
const withPlainExports = (body: string): string => {
  const literals = new Map<string, string>();
  const isAssigned = (name: string): boolean => {
    const id = name.replaceAll("$", "\\$");
    const assignments = body.match(new RegExp(`(?<![.\\w$])${id} ([-+*&|^]?=) |(?<![.\\w$])${id}(\\+\\+|--)|(\\+\\+|--)${id}\\b`, "g"));
    return (assignments ?? []).length > (body.includes(`var ${name};`) ? 0 : 1);
  };
  const text = body.replace(/var (\w+_exports) = \{\};\n__export\(\1, \{([^}]*)\}\);/g, (_all, name: string, list: string) => {
    literals.set(name, `{ ${list.replace(/(\S+): \(\) => (\S+?)(,?)$/gm, (_entry, key: string, id: string, comma: string) =>
      `${isAssigned(id) ? `get ${key}() { return ${id}; }` : `${key}: ${id}`}${comma}`)} }`);
    return "";
  });
  return text.replace(/(\w+): (\w+_exports)/g, (all, key: string, name: string) =>
    literals.has(name) ? `${key}: ${literals.get(name)}` : all);
};

/** Compiles a text that `clientText` gave, changed or not. */
export const factoryOf = (body: string): Factory =>
  new Function("platform", "Math", withPlainExports(body)) as Factory;

/**
 * How packet ids are counted, and how they are where they are to come round soon: 16 blocks of 3, of which more than
 * can be in use.
 */
const COUNTERS = [
  ["lastId++;", "lastId++; if (lastId % 256 === 3) lastId += 253;"],
  ["lastId &= 65535", "lastId &= 4095"],
  ["lastId + 256 & 65535", "lastId + 256 & 4095"],
] as const;
/** Ids of the broker that come round as soon. */
export const FEW_IDS = 11;
const countFew = (text: string): string => COUNTERS.reduce((all, [from, to]) => all.replace(from, to), text);
/** Whether it is a text of few ids. */
export const hasFewIds = (body: string): boolean => body.includes(COUNTERS[0][1]);

/** The texts of the two clients that schedules run: as it is, and with few ids. */
export const bodies = (body: string): { normal: string; fewIds: string } => {
  for (const [counter] of COUNTERS) {
    if (!body.includes(counter)) {
      throw new Error(`lib/mqtt/inflight.ts counts packet ids otherwise than "${counter}": change compile.ts with it`);
    }
  }
  const few = countFew(body);
  return { normal: body, fewIds: few };
};

/** Those two clients. */
export const factories = (body: string): { normal: Factory; fewIds: Factory } => {
  const { normal, fewIds } = bodies(body);
  return { normal: factoryOf(normal), fewIds: factoryOf(fewIds) };
};
