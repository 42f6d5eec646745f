/**
 * Whatever comes in: it is handled as the standard says, or the connection ends with a reason [MQTT-4.8.0-1]; no
 * exception, nothing held that is not bounded. Streams come in pieces of any size; a referee says what comes of them.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as assert from "uvu/assert";
import { enginesFor, test } from "./engines/test.ts";
import type { Engine } from "./engines/types.ts";
import { v8 } from "./engines/v8.ts";
import { clientText, factoryOf, type Client, type Factory, slotsOf } from "./faults/compile.ts";
import { hex } from "./faults/invariants.ts";
import { ENDS, Referee, type Limits, type Outcome, type SessionState } from "./faults/referee.ts";
import { mutate } from "./faults/mutants.ts";
import { below, rngOf, type Rng } from "./faults/rng.ts";
import { drawStream } from "./faults/streams.ts";
import { encode, text } from "./faults/wire.ts";

/** Packets over all tests of this file together; those on a real interpreter, where each is some calls away. */
const PACKETS = 1_000_000;
const PACKETS_ELSEWHERE = 5_000;
const LARGEST = 160;
const HELD = 8;
const SLOTS = 3;
const LARGEST_SLOT = 40;

const body = await clientText();
const factories = new Map<Engine, Promise<Factory>>();

/** The client as an engine loads it, and a share of the packets. */
const on = async (engine: Engine, share: number): Promise<[Factory, number]> => {
  if (!factories.has(engine)) factories.set(engine, engine.load(body));
  return [await factories.get(engine)!, share * (engine === v8 ? PACKETS : PACKETS_ELSEWHERE)];
};

/** A client whose link and clock the test holds in its hand. */
class Bench {
  readonly client: Client;
  readonly delivered: string[] = [];
  readonly reasons: number[] = [];
  sent = "";
  isOpen = false;
  private timer: (() => void) | undefined;
  private opened!: () => void;
  private data!: (bytes: string) => void;

  constructor(make: Factory, rng: Rng, skipsLarge: boolean) {
    this.client = make({
      noTimer: undefined,
      now: () => 0,
      after: (fn) => {
        assert.is(this.timer, undefined, "a second timer");
        return this.timer = fn;
      },
      cancel: () => {
        this.timer = undefined;
      },
      close: () => {
        this.isOpen = false;
      },
      caught: (error) => {
        throw error;
      },
    }, { random: rng });
    if (skipsLarge) this.client.reader.skipLarge();
    this.client.qos2.holdAtMost(HELD);
    this.client.inflight.configure(SLOTS, LARGEST_SLOT, false);
    this.client.subscribe.listeners[""] = (topic, payload) => this.delivered.push(`${topic.slice(2)}:${payload}`);
    this.client.client.start(((opened: () => void, data: (bytes: string) => void) => {
      this.opened = opened;
      this.data = data;
      this.isOpen = true;
      return {
        write: (bytes: string) => {
          this.sent += bytes;
        },
      };
    }) as never, encode(1, 0, "connect"), 30000, 1e9, LARGEST, (reason) => this.reasons.push(reason));
    this.opened();
  }

  /** Has a link again, after it has lost one. */
  reopen(): void {
    if (this.isOpen) this.client.client.fail(this.client.reason.LINK_CLOSED);
    const timer = this.timer;
    assert.ok(timer, "a client that does not try again");
    this.timer = undefined;
    timer();
    this.opened();
  }

  accept(present: boolean): void {
    this.data(present ? "\x20\x02\x01\0" : "\x20\x02\0\0");
  }

  /** Gets a stream in pieces, as long as the link is open. */
  feed(stream: string, rng: Rng): void {
    const pieces = rng() < 0.5 ? 1 : 1 + below(rng, 6);
    let left = stream;
    for (let i = 1; i < pieces && this.isOpen; i++) {
      const size = below(rng, left.length + 1);
      this.data(left.slice(0, size));
      this.checkBounds();
      left = left.slice(size);
    }
    if (this.isOpen) this.data(left);
    this.checkBounds();
  }

  /** What may be held, whatever came in. */
  checkBounds(): void {
    const { probe } = this.client;
    const slots = slotsOf(this.client);
    const [reassembly = 0, acks = 0] = probe.sizes();
    assert.ok(reassembly <= LARGEST + 5, "bytes of an incomplete packet");
    assert.ok(!this.isOpen || acks === 0, "acknowledgements that wait");
    assert.ok(probe.held() <= HELD, "held ids");
    assert.ok(slots.length <= SLOTS && slots.every((slot) => slot.length <= LARGEST_SLOT + 3), "slots");
    assert.ok(this.timer, "no timer");
  }

  /** Fills the slots, and forgets what has happened so far. */
  prepare(rng: Rng): void {
    while (this.client.qos1.publishKept(text("t"), "x", rng() < 0.5 ? 2 : 4));
    this.delivered.length = this.reasons.length = 0;
    this.sent = "";
  }

  /** What waits for an acknowledgement, as the referee wants it. */
  waiting(): Map<string, number> {
    return new Map(slotsOf(this.client).map((slot) => [slot.slice(0, 2), ENDS[slot.charCodeAt(2) & 0xfe]!]));
  }
}

const waitingText = (waiting: Map<string, number>): string =>
  [...waiting].map(([id, first]) => `${hex(id)} ${hex(String.fromCharCode(first))}`).join(", ");

const check = (bench: Bench, outcome: Outcome, session: SessionState, skippedBefore: number): void => {
  assert.is(bench.isOpen, outcome.open, outcome.open ? `closed: reason ${bench.reasons.join()}` : "not closed");
  assert.is(bench.reasons.length, outcome.open ? 0 : 1, `reasons ${bench.reasons.join()}`);
  assert.ok(bench.reasons.every((reason) => reason > 0 && reason <= 11), `reason ${bench.reasons.join()}`);
  assert.is(bench.delivered.map(hex).join("\n"), outcome.delivered.map(hex).join("\n"));
  assert.is(bench.client.reader.skipped - skippedBefore, outcome.skipped, "messages that were skipped");
  if (outcome.open) {
    assert.is(hex(bench.sent), hex(outcome.answers));
  } else {
    // What was acknowledged in the event in which the connection ended may be lost with it.
    assert.ok(outcome.answers.startsWith(bench.sent), `${hex(bench.sent)} is no part of ${hex(outcome.answers)}`);
  }
  assert.is(waitingText(bench.waiting()), waitingText(session.waiting));
  assert.is(bench.client.probe.held(), session.held.size);
};

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const heapBytes = (): number => {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};
/** What a heap that does not grow may grow by over tens of thousands of packets: compiled code, mostly. */
const NO_GROWTH_BYTES = 200_000;

/**
 * Feeds streams to one client, with whatever it keeps, until so many packets were sent. Of clients of this process the
 * heap may not grow over the second half of them.
 */
const checkStreams = (
  [make, packets]: [Factory, number], seed: number, skipsLarge: boolean, beforeConnack: boolean,
): void => {
  let before = 0;
  const rng = rngOf(seed);
  const limits: Limits = { largest: LARGEST, held: HELD, skipsLarge };
  const bench = new Bench(make, rng, skipsLarge);
  const held = new Set<string>();
  for (let sent = 0; sent < packets;) {
    if (before === 0 && packets > PACKETS_ELSEWHERE && sent > packets / 2) before = heapBytes();
    const drawn = drawStream(rng, beforeConnack);
    sent += drawn.packets;
    const { skipped } = bench.client.reader;
    let session: SessionState;
    try {
      bench.reopen();
      if (!beforeConnack) {
        const present = rng() < 0.7;
        if (!present) held.clear();
        bench.accept(present);
        bench.prepare(rng);
      } else {
        bench.delivered.length = bench.reasons.length = 0;
        bench.sent = "";
      }
      session = { waiting: bench.waiting(), held };
      const outcome = new Referee(!beforeConnack, session, limits).judge(drawn.stream);
      bench.feed(drawn.stream, rng);
      check(bench, outcome, session, skipped);
    } catch (error) {
      const what = error instanceof Error ? `${error.message}\n${error.stack}` : String(error);
      throw new Error(`after ${sent} packets of seed ${seed}, on ${hex(drawn.stream)}:\n${what}`);
    }
  }
  if (before > 0) {
    const growth = heapBytes() - before;
    if (growth > NO_GROWTH_BYTES) throw new Error(`after ${packets} packets of seed ${seed}, on growth:\n${growth} bytes more`);
  }
  // It is there until now, with all it may keep.
  assert.ok(bench.client);
};

test("streams to a connected client, large messages ending the connection", async (engine) => {
  checkStreams(await on(engine, 0.4), 1, false, false);
});

test("streams to a connected client, large messages skipped as they stream past", async (engine) => {
  checkStreams(await on(engine, 0.4), 2, true, false);
});

test("streams to a client that awaits CONNACK", async (engine) => {
  checkStreams(await on(engine, 0.1), 3, false, true);
  checkStreams(await on(engine, 0.1), 4, true, true);
});

/**
 * Clients that are wrong in one place; the breaks are plain in how it differs. In V8 alone, as some are found only
 * after more packets than an interpreter gets.
 */
const MUTANTS: { name: string; from: string; to: string; share?: number }[] = [
  {
    name: "takes a length of five bytes",
    from: "scale > LARGEST_SCALE", to: "scale > 128 * LARGEST_SCALE",
  },
  {
    name: "takes QoS 3",
    from: "!accept || !(at + 2 <= packetEnd) ?", to: "!accept ? at + 2 : !(at + 2 <= packetEnd) ?",
  },
  {
    name: "takes a length in more bytes than its range has",
    from: "scale > 1 && byte < 1", to: "false",
  },
  {
    name: "takes a topic that has no length",
    from: "if (!(at <= packetEnd)) {", to: "if (at > packetEnd) {",
  },
  {
    name: "takes a second CONNACK",
    from: "table = handlers;", to: "handlers[32] = () => {};\n    table = handlers;",
  },
  {
    name: "goes on after it has closed",
    from: "length = 0;\n  acks", to: "acks",
  },
  {
    name: "skips past the end of a large message",
    from: "remainder < 0 || ", to: "",
  },
  {
    name: "takes whatever length is declared",
    from: "if (size > largestIncoming) {", to: "if (size > 1e9) {",
  },
  {
    name: "forgets where the next piece goes on",
    from: "rest = received.substring(packetAt);", to: "rest = \"\";",
  },
  {
    name: "keeps what it has read",
    from: "var receive = (bytes) => {", to: "var all = [];\nvar receive = (bytes) => {\n  all.push(bytes + all.length);",
    // It is found at the end of all, and not by one of them.
    share: 0.05,
  },
  {
    name: "acknowledges with one byte",
    from: "packetEnd - packetAt !== (first === SUBACK ? 5 : 4)", to: "packetEnd - packetAt > 5",
  },
];

for (const { name, from, to, share = 0.5 } of MUTANTS) {
  test(`the streams find a client that ${name}`, () => {
    const wrong = factoryOf(mutate(body, { name, from, to, breaks: [] }));
    const check = (): void => [false, true].forEach((skipsLarge) =>
      [false, true].forEach((beforeConnack) => checkStreams([wrong, PACKETS * share], 1, skipsLarge, beforeConnack)));
    assert.throws(check, /after \d+ packets of seed 1, on /);
  }, enginesFor("mqtt/malformed: mutants"));
}

test.run();
