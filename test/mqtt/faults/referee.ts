/**
 * What a client has to make of a stream of bytes, written from the standard: packet by packet, from whole streams.
 * What the client lets pass although the standard forbids it to a server is let pass here, too, and named.
 */
import { idAt, u16 } from "./wire.ts";

export interface Outcome {
  /** Whether the connection is still open. */
  open: boolean;
  /** Messages for the program: topic, colon, payload. */
  delivered: string[];
  /** What is sent in answer, all of it where the connection is open. */
  answers: string;
  /** Messages that were too large. */
  skipped: number;
}

/** What outlives a connection. */
export interface SessionState {
  /** Packets that wait for an acknowledgement: their id, and the first byte of what ends them. */
  waiting: Map<string, number>;
  /** Received QoS 2 ids. */
  held: Set<string>;
}

export interface Limits {
  largest: number;
  held: number;
  skipsLarge: boolean;
}

/** First byte of the acknowledgement that a packet waits for, by the first byte of that packet. */
export const ENDS: Record<number, number> = { 0x32: 0x40, 0x34: 0x50, 0x62: 0x70, 0x82: 0x90, 0xa2: 0xb0 };

/** Gives up the connection. */
class Close extends Error {}

export class Referee {
  readonly outcome: Outcome = { open: true, delivered: [], answers: "", skipped: 0 };

  constructor(private up: boolean, readonly session: SessionState, private readonly limits: Limits) {}

  /** Judges a stream from the beginning of a packet on. */
  judge(stream: string): Outcome {
    try {
      let at = 0;
      while (at < stream.length) {
        const next = this.packet(stream, at);
        if (next === undefined) break;
        at = next;
      }
    } catch (error) {
      if (!(error instanceof Close)) throw error;
      this.outcome.open = false;
    }
    return this.outcome;
  }

  private demand(holds: boolean): void {
    if (!holds) throw new Close();
  }

  /** Returns where the next packet begins; undefined where this one is not complete. */
  private packet(stream: string, from: number): number | undefined {
    const first = stream.charCodeAt(from);
    const isPublish = first >> 4 === 3;
    // [MQTT-2.2.2-2], [MQTT-3.2.0-1], and what only clients send.
    this.demand(isPublish || [0x20, 0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xd0].includes(first));
    this.demand((first === 0x20) !== this.up);
    let size = 0;
    let at = from + 1;
    let inFewestBytes = true;
    for (let place = 0; ; place++) {
      if (at >= stream.length) return undefined;
      const byte = stream.charCodeAt(at++);
      size += (byte & 127) * 128 ** place;
      inFewestBytes = place === 0 || byte > 0;
      if (byte < 128) break;
      // Four bytes of length at most (2.2.3).
      this.demand(place < 3);
    }
    if (size > this.limits.largest) {
      this.demand(isPublish && this.limits.skipsLarge);
      return this.large(stream, first, at, size);
    }
    if (at + size > stream.length) return undefined;
    // Table 2.4; of what is skipped anyway, it is let pass.
    this.demand(inFewestBytes);
    this.body(first, stream.slice(at, at + size));
    return at + size;
  }

  /** A message that is too large: its id is all that matters. */
  private large(stream: string, first: number, at: number, size: number): number | undefined {
    if (stream.length < at + 2) return undefined;
    const qos = first >> 1 & 3;
    const idFrom = at + 2 + idAt(stream, at);
    this.demand(qos < 3 && idFrom + (qos > 0 ? 2 : 0) <= at + size);
    this.outcome.skipped++;
    if (qos > 0) {
      if (stream.length < idFrom + 2) return undefined;
      this.accept(qos, stream.slice(idFrom, idFrom + 2));
    }
    return stream.length < at + size ? undefined : at + size;
  }

  private body(first: number, body: string): void {
    const id = body.slice(0, 2);
    if (first === 0x20) {
      this.demand(body.length === 2 && body.charCodeAt(0) < 2 && body.charCodeAt(1) === 0);
      this.up = true;
      if (body.charCodeAt(0) === 0) this.session.held.clear();
    } else if (first >> 4 === 3) {
      this.publish(first, body);
    } else if (first === 0x90) {
      // Codes other than 0, 1, 2 and 0x80 are the program's affair; there is one, as each SUBSCRIBE has one filter.
      this.demand(body.length === 3);
      this.end(id, first);
    } else if (first !== 0xd0) {
      // A PINGRESP with a body is let pass, and so is id 0.
      this.demand(body.length === 2);
      this.acknowledgement(first, id);
    }
  }

  private acknowledgement(first: number, id: string): void {
    if (first === 0x50) {
      // A PUBREC is always answered.
      if (this.session.waiting.get(id) === 0x50) this.session.waiting.set(id, 0x70);
      this.answer(0x62, id);
    } else if (first === 0x62) {
      this.session.held.delete(id);
      this.answer(0x70, id);
    } else {
      this.end(id, first);
    }
  }

  private end(id: string, by: number): void {
    const { waiting } = this.session;
    // A broker without QoS 2 answers it by PUBACK, and that is all.
    if (waiting.get(id) === by || (by === 0x40 && waiting.get(id) === 0x50)) waiting.delete(id);
  }

  private publish(first: number, body: string): void {
    const qos = first >> 1 & 3;
    // [MQTT-3.3.1-4]; DUP at QoS 0 is let pass.
    this.demand(qos < 3 && body.length >= 2);
    const topicEnd = 2 + idAt(body, 0);
    const payloadFrom = qos > 0 ? topicEnd + 2 : topicEnd;
    this.demand(payloadFrom <= body.length);
    if (qos === 0 || this.accept(qos, body.slice(topicEnd, payloadFrom))) {
      this.outcome.delivered.push(`${body.slice(2, topicEnd)}:${body.slice(payloadFrom)}`);
    }
  }

  /** Acknowledges a message; whether it is a new one. */
  private accept(qos: number, id: string): boolean {
    const { held } = this.session;
    if (qos === 1) {
      this.answer(0x40, id);
      return true;
    }
    const isNew = !held.has(id);
    // [MQTT-4.8.0-2]
    this.demand(!isNew || held.size < this.limits.held);
    held.add(id);
    this.answer(0x50, id);
    return isNew;
  }

  private answer(first: number, id: string): void {
    this.outcome.answers += String.fromCharCode(first) + u16(2).slice(1) + id;
  }
}
