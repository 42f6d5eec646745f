/** One TCP connection of the node, with what a bad network does to it. */
import type { Duplex } from "node:stream";
import type { Socket } from "node:net";
import type { Clock, Rng } from "./types.ts";

/** What is wrong with the network for bytes under way; all off by default. */
export interface LinkFaults {
  latencyMs: number;
  /** Added to the latency, uniform in [0, jitterMs); the order of bytes is kept. */
  jitterMs: number;
  /** Bytes arrive in pieces of at most so many bytes, each at a time of its own; 0: as they were written. */
  fragmentBytes: number;
}

/** How a connection is cut: closed by the other side, reset, or silent for ever. */
export type Cut = "fin" | "rst" | "blackhole";

/** TCP_SND_BUF of ESP-IDF's lwIP: what the chip takes before the other side acknowledges. */
const SEND_BUFFER_BYTES = 5744;
/** SYN repeated until lwIP gives up (TCP_SYNMAXRTX). */
export const SYN_TIMEOUT_MS = 18_500;

type Item = Buffer | "fin";

/** One direction: keeps order, adds latency, holds what comes while the link is down. */
class Direction {
  private queue: { due: number; item: Item }[] = [];
  private lastDue = 0;
  private timer: number | undefined;
  private held = false;
  pendingBytes = 0;

  constructor(
    private readonly clock: Clock, private readonly rng: Rng, private readonly faults: LinkFaults,
    private readonly deliver: (item: Item) => void,
  ) {}

  push(item: Item): void {
    if (item === "fin" || this.faults.fragmentBytes <= 0) {
      this.enqueue(item);
      return;
    }
    for (let rest = item; rest.length > 0;) {
      const size = 1 + this.rng.below(this.faults.fragmentBytes);
      this.enqueue(rest.subarray(0, size), 1);
      rest = rest.subarray(size);
    }
  }

  hold(on: boolean): void {
    this.held = on;
    if (!on) this.run();
  }

  drop(): void {
    this.queue = [];
    this.pendingBytes = 0;
    if (this.timer !== undefined) this.clock.cancel(this.timer);
    this.timer = undefined;
  }

  private enqueue(item: Item, apartMs = 0): void {
    const { latencyMs, jitterMs } = this.faults;
    const delay = latencyMs + (jitterMs > 0 ? this.rng.next() * jitterMs : 0);
    const due = Math.max(this.lastDue + apartMs, this.clock.now() + delay);
    this.lastDue = due;
    if (item !== "fin") this.pendingBytes += item.length;
    this.queue.push({ due, item });
    this.run();
  }

  private run(): void {
    while (!this.held && this.queue.length > 0) {
      const wait = this.queue[0]!.due - this.clock.now();
      if (wait > 0) {
        this.timer ??= this.clock.after(wait, () => {
          this.timer = undefined;
          this.run();
        });
        return;
      }
      const { item } = this.queue.shift()!;
      if (item !== "fin") this.pendingBytes -= item.length;
      this.deliver(item);
    }
  }
}

export interface LinkOptions {
  id: number;
  clock: Clock;
  rng: Rng;
  faults: LinkFaults;
  /** The other side. A `net.Socket` may still be connecting. */
  stream: Duplex;
  /** SYN is not answered: the link opens never. */
  unanswered: boolean;
  onOpen(): void;
  onFail(error: string): void;
  onOut(bytes: Buffer): void;
  onIn(bytes: Buffer): void;
  onClose(by: "node" | "peer", error?: string): void;
  onActivity(): void;
}

export class Link {
  readonly id: number;
  state: "opening" | "open" | "closed" = "opening";
  bytesOut = 0;
  bytesIn = 0;
  /** Why it never opened. */
  failure: string | undefined;
  /** Called when there is something to take, to send again, or the end: the node's idle loop looks. */
  onChange: () => void = () => {};
  private readonly out: Direction;
  private readonly in: Direction;
  private received: Buffer[] = [];
  private ended = false;
  private wasReset = false;
  private lost = false;
  private cutAt: { how: Cut; bytes: number } | undefined;

  constructor(private readonly options: LinkOptions) {
    this.id = options.id;
    const { clock, rng, faults, stream } = options;
    this.out = new Direction(clock, rng, faults, (item) => this.arriveAtPeer(item));
    this.in = new Direction(clock, rng, faults, (item) => this.arriveAtNode(item));
    stream.on("data", (data: Buffer) => {
      options.onActivity();
      this.in.push(data);
    });
    stream.on("end", () => this.in.push("fin"));
    stream.on("error", (error: NodeJS.ErrnoException) => this.peerFailed(error));
    stream.on("close", () => this.in.push("fin"));
    if (options.unanswered) clock.after(SYN_TIMEOUT_MS, () => this.fail("timeout"));
    else if ((stream as Socket).connecting) stream.once("connect", () => this.opened());
    else this.opened();
  }

  /**
   * Takes bytes to send; gives how many were taken, 0 while the chip's buffer is full, -1 when the connection
   * is gone.
   */
  send(bytes: Buffer): number {
    if (this.state === "closed" || this.ended) return -1;
    const count = this.state === "opening" ? 0 : Math.min(bytes.length, SEND_BUFFER_BYTES - this.out.pendingBytes);
    if (count <= 0) return 0;
    const taken = Buffer.from(bytes.subarray(0, count));
    this.bytesOut += count;
    this.options.onOut(taken);
    this.out.push(taken);
    return count;
  }

  /** Up to `count` received bytes; empty when there are none yet, null after the end. */
  take(count: number): Buffer | null {
    const first = this.received[0];
    if (first === undefined) return this.ended || this.state === "closed" ? null : Buffer.alloc(0);
    if (first.length <= count) this.received.shift();
    else this.received[0] = first.subarray(count);
    return first.subarray(0, count);
  }

  /** Whether the other side reset the connection, which a proxy passes on. */
  get reset(): boolean {
    return this.wasReset;
  }

  /** Bytes that were sent and have not arrived. */
  get unacknowledged(): number {
    return this.out.pendingBytes;
  }

  /** The node closes its side: what it has sent arrives first. */
  close(): void {
    if (this.state === "closed") return;
    const early = this.state === "opening";
    this.state = "closed";
    this.received = [];
    if (early) this.destroy();
    else this.out.push("fin");
    this.options.onClose("node");
  }

  /** While held nothing passes; it arrives later. */
  hold(on: boolean): void {
    this.out.hold(on || this.lost);
    this.in.hold(on || this.lost);
    if (!on) this.onChange();
  }

  /** Cuts the connection now, or when the node has sent `afterBytes` more. */
  cut(how: Cut, afterBytes = 0): void {
    if (afterBytes > 0) {
      this.cutAt = { how, bytes: afterBytes };
      return;
    }
    this.cutAt = undefined;
    if (how === "blackhole") {
      this.lost = true;
      this.hold(true);
      return;
    }
    this.wasReset = how === "rst";
    this.in.drop();
    this.in.push("fin");
    this.destroy();
  }

  /** The chip has no power any more: "reset" tells the other side, "silent" does not. */
  powerOff(how: "reset" | "silent"): void {
    // It went silent before: nobody is there to tell.
    if (this.lost && this.state === "closed") return;
    this.onChange = () => {};
    if (this.state !== "closed") this.options.onClose("node", "power cut");
    this.state = "closed";
    this.in.drop();
    this.out.drop();
    if (how === "reset") this.destroy();
    else this.cut("blackhole");
  }

  destroy(): void {
    this.out.drop();
    this.options.onActivity();
    this.options.stream.destroy();
  }

  private opened(): void {
    if (this.state !== "opening") return;
    this.state = "open";
    this.options.onOpen();
    this.onChange();
  }

  private fail(error: string): void {
    if (this.state !== "opening") return;
    this.state = "closed";
    this.ended = true;
    this.failure = error;
    this.options.onFail(error);
    this.destroy();
    this.onChange();
  }

  private peerFailed(error: NodeJS.ErrnoException): void {
    if (this.state === "opening") this.fail(error.code === "ECONNREFUSED" ? "refused" : error.message);
    else this.wasReset = true;
  }

  private arriveAtPeer(item: Item): void {
    const { stream } = this.options;
    this.options.onActivity();
    if (item === "fin") {
      stream.end();
      // The node is gone: nobody reads what the other side still says.
      stream.resume();
      return;
    }
    const { cutAt } = this;
    const part = cutAt ? item.subarray(0, cutAt.bytes) : item;
    if (cutAt) cutAt.bytes -= part.length;
    const last = cutAt?.bytes === 0;
    if (last) this.out.hold(true);
    // What is cut off was delivered to its last byte before.
    if (stream.writable) stream.write(part, () => last && this.cut(cutAt.how));
    this.onChange();
  }

  private arriveAtNode(item: Item): void {
    if (this.state !== "open" || this.ended) return;
    if (item === "fin") {
      this.ended = true;
      this.options.onClose("peer", this.wasReset ? "reset" : undefined);
    } else {
      this.bytesIn += item.length;
      this.options.onIn(item);
      this.received.push(item);
    }
    this.onChange();
  }
}
