/** A connection from our side, as tests of links see it wherever the link runs: what came, and each callback. */
import { close, type Socket } from "../../lib/platform/node/net.ts";
import type { Open } from "../../lib/platform/types.ts";
import type { Kind } from "./servers.ts";

export type What = "open" | "close" | "drain" | "data";

export interface Probe {
  /** In order; "refused" where the link was not even tried. */
  events: string[];
  received(): Buffer;
  /** Resolves when `what` has happened, or when `done` holds; fails after 10 s. */
  until(what: What, done?: () => boolean): Promise<void>;
  /** After the end it may throw: that is an event, then. */
  write(bytes: Buffer): void;
  /** Resolves when it is closed: what is heard after that is wrong. */
  close(flush: boolean): Promise<void>;
  /** Some turns of the event loop over there, in which nothing more is to happen. */
  quiet(): Promise<void>;
}

/** Where links run. */
export interface Side {
  name: string;
  /** What it needs is not here: how to get it. */
  missing: string | undefined;
  /** Of the broker's certificate: what its TLS takes. */
  algorithm: "ec" | "rsa";
  /** What is written at once, and what "much" is. */
  largestWriteBytes: number;
  muchBytes: number;
  /** How a link is opened, as often as one likes. */
  link(kind: Kind, port: number): () => Probe;
  /** Before each row, which is about that kind of link. */
  start(kind: Kind): Promise<void>;
  /** Ends it, and fails where it has complained of anything. */
  stop(): Promise<void>;
}

export const PATIENCE_MS = 10_000;

/** What a probe notes. */
export const notebook = (): Pick<Probe, "events" | "received" | "until"> & { note(event: string, bytes?: Buffer): void } => {
  const events: string[] = [];
  const pieces: Buffer[] = [];
  let look = (): void => {};
  return {
    events,
    received: () => Buffer.concat(pieces),
    note: (event, bytes) => {
      if (bytes) pieces.push(bytes);
      events.push(event);
      look();
    },
    until: (what, done = () => events.includes(what)) => new Promise((resolve, reject) => {
      const before = look;
      const late = setTimeout(() => reject(new Error(`no ${what}; it saw ${events.slice(-20).join()}`)), PATIENCE_MS);
      look = () => {
        before();
        if (!done()) return;
        clearTimeout(late);
        resolve();
      };
      look();
    }),
  };
};

/** Some turns of the event loop of this process. */
const quiet = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((done) => setImmediate(done));
};

/** Opens a link in this process. */
export const probe = (open: Open<Socket>): Probe => {
  const { note, ...notes } = notebook();
  const socket = open(
    () => note("open"), (bytes) => note("data", Buffer.from(bytes, "latin1")), () => note("close"), () => note("drain"),
  );
  if (!socket) note("refused");
  return {
    ...notes, quiet,
    write: (bytes) => socket!.write(bytes.toString("latin1")),
    close: (flush) => Promise.resolve(close(socket!, flush)),
  };
};

export const inNode: Side = {
  name: "Node", missing: undefined, algorithm: "ec", largestWriteBytes: Infinity, muchBytes: 100_000,
  link: (kind, port) => {
    const open = kind.open(port);
    return () => probe(open);
  },
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
};
