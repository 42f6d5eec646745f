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

/** How a link that runs elsewhere is told what to do. It answers the last two by the events "closed" and "quiet". */
export interface Orders {
  open(id: number): void;
  write(id: number, bytes: Buffer): void;
  close(id: number, flush: boolean): void;
  quiet(id: number): void;
}

/** Links that run elsewhere, at what has this name: `hear` takes what is said of each. */
export const elsewhere = (name: string): {
  hear(id: number, event: string, bytes: Buffer): void; probe(orders: Orders): Probe;
} => {
  const heard: ((event: string, bytes: Buffer) => void)[] = [];
  return {
    hear: (id, event, bytes) => heard[id]!(event, bytes),
    probe(orders) {
      const { note, ...notes } = notebook();
      const answers: Record<string, () => void> = {};
      const id = heard.push((event, bytes) => {
        const answer = answers[event];
        if (answer) answer();
        else note(event, event === "data" ? bytes : undefined);
      }) - 1;
      const ask = (answer: string, order: () => void): Promise<void> => new Promise((done, fail) => {
        const late = setTimeout(() => fail(new Error(`${name} does not answer`)), PATIENCE_MS);
        answers[answer] = () => {
          clearTimeout(late);
          done();
        };
        order();
      });
      orders.open(id);
      return {
        ...notes,
        write: (bytes) => orders.write(id, bytes),
        close: (flush) => ask("closed", () => orders.close(id, flush)),
        quiet: () => ask("quiet", () => orders.quiet(id)),
      };
    },
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
