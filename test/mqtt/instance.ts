/**
 * Instances of the compiled client for tests: no sockets, a clock that stands until it is told to go, chance from a
 * seed.
 */
import { build } from "esbuild";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

const MODULES = ["packet", "client", "reason", "publish", "inflight", "qos1", "qos2", "subscribe", "unsubscribe", "wildcard", "queue", "topic", "store"];

let code: Promise<string> | undefined;

/** Compiles `lib/mqtt` once, with `#platform/*` read from a parameter. */
const compile = (): Promise<string> => code ??= build({
  stdin: {
    contents: MODULES.map((m) => `export * as ${m} from "./lib/mqtt/${m}.ts";`).join("\n"),
    resolveDir: root,
    loader: "ts",
  },
  bundle: true,
  write: false,
  format: "iife",
  globalName: "api",
  logLevel: "silent",
  plugins: [{
    name: "platform",
    setup(b) {
      b.onResolve({ filter: /^#platform\// }, ({ path }) => ({ path: path.slice(10), namespace: "platform" }));
      b.onLoad({ filter: /.*/, namespace: "platform" }, ({ path }) => ({
        contents: `module.exports = platform[${JSON.stringify(path)}];`,
        loader: "js",
      }));
    },
  }],
}).then((result) => result.outputFiles[0]!.text);

/** What the compiled client offers. */
export interface Api {
  packet: typeof import("../../lib/mqtt/packet.ts");
  client: typeof import("../../lib/mqtt/client.ts");
  reason: typeof import("../../lib/mqtt/reason.ts");
  publish: typeof import("../../lib/mqtt/publish.ts");
  inflight: typeof import("../../lib/mqtt/inflight.ts");
  qos1: typeof import("../../lib/mqtt/qos1.ts");
  qos2: typeof import("../../lib/mqtt/qos2.ts");
  subscribe: typeof import("../../lib/mqtt/subscribe.ts");
  unsubscribe: typeof import("../../lib/mqtt/unsubscribe.ts");
  wildcard: typeof import("../../lib/mqtt/wildcard.ts");
  queue: typeof import("../../lib/mqtt/queue.ts");
  topic: typeof import("../../lib/mqtt/topic.ts");
  store: typeof import("../../lib/mqtt/store.ts");
}

interface FakeTimer {
  at: number;
  fn: () => void;
}

/** A clock whose timers run when `advance` reaches them, in order of time, then of their making. */
export class FakeClock {
  now = 0;
  readonly timers = new Set<FakeTimer>();

  readonly after = (fn: () => void, ms: number): FakeTimer => {
    const timer = { at: this.now + ms, fn };
    this.timers.add(timer);
    return timer;
  };

  readonly cancel = (timer: FakeTimer | undefined): void => {
    if (timer) this.timers.delete(timer);
  };

  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      let next: FakeTimer | undefined;
      for (const timer of this.timers) if (timer.at <= end && (!next || timer.at < next.at)) next = timer;
      if (!next) break;
      this.timers.delete(next);
      this.now = next.at;
      next.fn();
    }
    this.now = end;
  }
}

/** One connection as the client's link sees it; the test plays the network and the broker. */
export class FakeLink {
  /** Everything the client wrote, one entry a write. */
  readonly writes: string[] = [];
  /** "open" until the client closes it: "flushed" or "aborted". */
  state: "open" | "flushed" | "aborted" = "open";
  readonly opened: () => void;
  readonly data: (bytes: string) => void;
  readonly closed: () => void;
  readonly drained: () => void;

  constructor(opened: () => void, data: (b: string) => void, closed: () => void, drained: () => void) {
    this.opened = opened;
    this.data = data;
    this.closed = closed;
    this.drained = drained;
  }

  write(bytes: string): void {
    if (this.state !== "open") throw new Error("a write after the link was closed");
    this.writes.push(bytes);
  }

  /** Takes what was written since the last call. */
  take(): string {
    return this.writes.splice(0).join("");
  }
}

/** A client with its clock and its links. */
export interface Instance extends Api {
  clock: FakeClock;
  links: FakeLink[];
  /** The newest link. */
  link(): FakeLink;
  /** Reasons that the client gave for every connection that ended. */
  reasons: number[];
  faults: unknown[];
  /** False makes the next attempts to open a link fail at once. */
  reachable: boolean;
  /** Starts with keep-alive 60 s; opens the link and lets the broker accept. */
  connect(present?: boolean): FakeLink;
  start(): void;
  /** Accepts on the newest link. */
  accept(present?: boolean): FakeLink;
}

/** A new client, its random source given by `random` (default: always one half), its flash for a store by `flash`. */
export const instantiate = async (random: () => number = () => 0.5, flash?: object): Promise<Instance> => {
  const clock = new FakeClock();
  const links: FakeLink[] = [];
  const faults: unknown[] = [];
  const platform = {
    flash,
    timer: { noTimer: undefined, after: clock.after, cancel: clock.cancel, now: () => clock.now },
    net: {
      close: (link: FakeLink, flush: boolean) => {
        link.state = flush ? "flushed" : "aborted";
      },
    },
    system: {
      caught: (error: unknown) => void faults.push(error),
    },
  };
  const math = Object.create(Math) as Math;
  math.random = random;
  const make = new Function("platform", "Math", `${await compile()}; return api;`) as (p: unknown, m: Math) => Api;
  const api = make(platform, math);
  const instance: Instance = {
    ...api,
    clock,
    links,
    link: () => links.at(-1)!,
    reasons: [],
    faults,
    reachable: true,
    start() {
      const open = (o: () => void, d: (b: string) => void, c: () => void, r: () => void): FakeLink | undefined => {
        if (!instance.reachable) return undefined;
        links.push(new FakeLink(o, d, c, r));
        return links.at(-1)!;
      };
      const connect = api.packet.connect({ clientId: "c", cleanSession: false, keepAlive: 60 });
      api.client.start(open as never, connect, 30000, 1024, 512, (reason) => instance.reasons.push(reason));
    },
    accept(present = false) {
      const link = instance.link();
      link.opened();
      link.take();
      link.data(`\x20\x02${present ? "\x01" : "\0"}\0`);
      return link;
    },
    connect(present = false) {
      instance.start();
      return instance.accept(present);
    },
  };
  return instance;
};
