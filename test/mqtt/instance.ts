/**
 * Instances of the compiled client for tests: no sockets, a clock that stands until it is told to go, chance from a
 * seed.
 */
import { clientText, type Factory } from "./faults/compile.ts";
import { engine, onClose } from "./engines/test.ts";
import type { Engine } from "./engines/types.ts";
import { lossOf, type FakeFlash } from "./store/flash.ts";

let text: Promise<string> | undefined;
const factories = new Map<Engine, Promise<Factory>>();
onClose.push(() => factories.clear());

/** The client compiled once, and loaded once for each file by the engine of the test that runs. */
const factory = async (): Promise<Factory> => {
  const body = await (text ??= clientText(["topic", "store", "outcome", "completion", "flush"]));
  const on = engine;
  if (!factories.has(on)) factories.set(on, on.load(body));
  return factories.get(on)!;
};

/** What the compiled client offers. */
export interface Api {
  packet: typeof import("../../lib/mqtt/packet.ts");
  client: typeof import("../../lib/mqtt/client.ts");
  reader: typeof import("../../lib/mqtt/reader.ts");
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
  outcome: typeof import("../../lib/mqtt/outcome.ts");
  completion: typeof import("../../lib/mqtt/completion.ts");
  flush: typeof import("../../lib/mqtt/flush.ts");
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
  start(halfKeepAliveMs?: number): void;
  /** Accepts on the newest link. */
  accept(present?: boolean): FakeLink;
}

type Flash = Pick<FakeFlash, "readFlash" | "writeFlash" | "eraseFlash" | "crc32"> & Partial<Pick<FakeFlash, "dead">>;

/** A new client, its random source given by `random` (default: always one half), its flash for a store by `flash`. */
export const instantiate = async (random: () => number = () => 0.5, flash?: Flash): Promise<Instance> => {
  const clock = new FakeClock();
  const links: FakeLink[] = [];
  const faults: unknown[] = [];
  const make = await factory();
  const api = make({
    noTimer: undefined,
    after: clock.after,
    cancel: (timer) => clock.cancel(timer as FakeTimer | undefined),
    now: () => clock.now,
    close: (link, flush) => {
      (link as FakeLink).state = flush ? "flushed" : "aborted";
    },
    caught: (error) => {
      // The client does not live to catch it; an engine may hand over what it has made of it.
      if (flash?.dead === true) throw lossOf(error);
      faults.push(error);
    },
    ...(flash && {
      readFlash: flash.readFlash, writeFlash: flash.writeFlash, eraseFlash: flash.eraseFlash, crc32: flash.crc32,
    }),
  }, { random }) as unknown as Api;
  const instance: Instance = {
    ...api,
    clock,
    links,
    link: () => links.at(-1)!,
    reasons: [],
    faults,
    reachable: true,
    start(halfKeepAliveMs = 30_000) {
      const open = (o: () => void, d: (b: string) => void, c: () => void, r: () => void): FakeLink | undefined => {
        if (!instance.reachable) return undefined;
        links.push(new FakeLink(o, d, c, r));
        return links.at(-1)!;
      };
      const keepAlive = halfKeepAliveMs / 500;
      const connect = api.packet.connect({ clientId: "c", cleanSession: false, keepAlive });
      api.client.start(open as never, connect, halfKeepAliveMs, 1024, 512, (reason) => instance.reasons.push(reason));
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
