/** Messages that wait for a session or for room in flight: a fixed number, and bytes, each with its callback. */
import type { WhenFull } from "../mqtt.d.ts";

/** A message on its way. */
export interface Outgoing {
  /** As text, for those who are told of it. */
  name: string;
  /** A length-prefixed field. */
  topic: string;
  payload: string;
  /** QoS * 2, and 1 more to have it retained. */
  mode: number;
  /** Called once. */
  done: (error?: Error) => void;
}

const sizeOf = (message: Outgoing): number => message.topic.length + message.payload.length;

/** How much may wait, what happens to one more, and for how long. */
export interface Bounds {
  messages: number;
  bytes: number;
  whenFull: WhenFull;
  maxAgeMs: number | undefined;
}

export class OfflineQueue {
  private readonly messages: Outgoing[] = [];
  /** When each of them came. */
  private readonly times: number[] = [];
  private bytes = 0;
  private readonly bounds: Bounds;
  private readonly onExpired: (message: Outgoing) => void;
  private timer: NodeJS.Timeout | undefined;

  /** @param onExpired gets each message that has waited for too long; it is no longer in the queue then */
  constructor(bounds: Bounds, onExpired: (message: Outgoing) => void) {
    this.bounds = bounds;
    this.onExpired = onExpired;
  }

  get length(): number {
    return this.messages.length;
  }

  get first(): Outgoing | undefined {
    return this.messages[0];
  }

  /** Whether a message fits at all. */
  fits(message: Outgoing): boolean {
    return sizeOf(message) <= this.bounds.bytes;
  }

  /**
   * Adds a message that fits at all, at the end.
   * @returns the messages that made room for it; undefined when it was not taken
   */
  push(message: Outgoing): Outgoing[] | undefined {
    const dropped: Outgoing[] = [];
    while (this.messages.length >= this.bounds.messages || this.bytes + sizeOf(message) > this.bounds.bytes) {
      if (this.bounds.whenFull === "reject") {
        return undefined;
      }
      const same = this.messages.findIndex((m) => m.topic === message.topic);
      dropped.push(this.take(this.bounds.whenFull === "latest" && same >= 0 ? same : 0));
    }
    this.messages.push(message);
    this.times.push(performance.now());
    this.bytes += sizeOf(message);
    this.watchAge();
    return dropped;
  }

  /** Takes the first, or the one at a place. */
  take(at = 0): Outgoing {
    const [message] = this.messages.splice(at, 1);
    this.times.splice(at, 1);
    this.bytes -= sizeOf(message!);
    if (this.messages.length === 0) clearTimeout(this.timer);
    return message!;
  }

  /** Has the timer run for the first message, which is the oldest. */
  private watchAge(): void {
    const { maxAgeMs } = this.bounds;
    if (maxAgeMs === undefined || this.messages.length === 0) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      // A timer may come a little early; what is that close has waited long enough.
      const oldest = performance.now() - maxAgeMs + 1;
      while (this.messages.length > 0 && this.times[0]! <= oldest) this.onExpired(this.take());
      this.watchAge();
    }, Math.max(0, this.times[0]! + maxAgeMs - performance.now()));
  }
}
