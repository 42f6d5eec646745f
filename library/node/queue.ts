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

export class OfflineQueue {
  private readonly messages: Outgoing[] = [];
  private bytes = 0;
  private readonly bounds: { messages: number; bytes: number; whenFull: WhenFull };

  constructor(bounds: { messages: number; bytes: number; whenFull: WhenFull }) {
    this.bounds = bounds;
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
    this.bytes += sizeOf(message);
    return dropped;
  }

  /** Takes the first, or the one at a place. */
  take(at = 0): Outgoing {
    const [message] = this.messages.splice(at, 1);
    this.bytes -= sizeOf(message!);
    return message!;
  }
}
