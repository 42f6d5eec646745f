/** Watches what passes between the client and its link, and what the client tells its program. */
import type { InvariantName, Violation } from "./invariants.ts";
import { hex } from "./invariants.ts";
import * as w from "./wire.ts";

/** An exchange that waits for its acknowledgement. */
interface Entry {
  id: number;
  type: number;
  /** Of a PUBLISH: 1 or 2. */
  qos: number;
  n: number;
  /** What is to be sent again. */
  again: string;
  /** Whether its PUBREL was sent. */
  released?: boolean;
}

const FLAGS: Record<number, number> = { [w.PUBREL]: 2, [w.SUBSCRIBE]: 2, [w.UNSUBSCRIBE]: 2 };
const isSubscribe = (bytes: string): boolean => bytes.charCodeAt(0) >> 4 === w.SUBSCRIBE;
/** What answers what. */
const ANSWER: Record<number, number> = { [w.PUBREC]: w.PUBREL, [w.PUBREL]: w.PUBCOMP };
/** Not a named function in the function that needs it: tsx gives each of those its name at run time. */
const shownLater = (bytes: string) => (): string => hex(bytes);
const ANSWERS = [w.PUBACK, w.PUBREC, w.PUBREL, w.PUBCOMP];

export class Monitor {
  violation: Violation | undefined;
  phase: "closed" | "open" | "connecting" | "up" | "left" = "closed";
  /** By id, in order of the first send. */
  readonly unfinished = new Map<number, Entry>();
  /** Messages by number: QoS. */
  readonly accepted = new Map<number, number>();
  /** Messages that were told to be acknowledged, or lost. */
  readonly settled = new Map<number, boolean>();
  lastWriteMs = 0;
  /**
   * Exchanges that ended in this life of the client, by id: since then its store may not have been written to. First
   * those that the client may not even have heard of.
   */
  private justEnded = new Map<number, Entry>();
  private ended = new Map<number, Entry>();
  private expected: string[] = [];
  private ending = new Map<string, boolean>();
  private due: Record<number, number[]> = {};
  private readonly sent = new Set<number>();
  private lastFirst = 0;
  private fromClient = new w.Reader();
  private toClient = new w.Reader();

  constructor(
    private readonly clean: boolean,
    private readonly limit: number,
    private readonly told: (present: boolean) => void,
  ) {}

  /** Notes the first violation. */
  check(holds: boolean, name: InvariantName, what: () => string): void {
    if (!holds) this.violation ??= { name, what: what() };
  }

  opened(): void {
    this.check(this.phase === "closed", "one link", () => "a second link is opened");
    this.phase = "open";
    this.fromClient = new w.Reader();
    this.toClient = new w.Reader();
    this.expected = [];
    this.due = { [w.PUBACK]: [], [w.PUBREC]: [], [w.PUBREL]: [], [w.PUBCOMP]: [] };
  }

  closed(): void {
    this.phase = "closed";
  }

  /** The client writes. */
  wrote(bytes: string): void {
    this.check(this.phase !== "closed", "one link", () => `${hex(bytes)} is written to a closed link`);
    this.fromClient.read(bytes, (packet) => this.packetOut(packet));
    this.check(this.fromClient.pending === 0, "whole packets", () => hex(bytes));
  }

  private packetOut(packet: w.Packet): void {
    const { type, bytes } = packet;
    const shown = shownLater(bytes);
    if (this.phase === "open") {
      this.check(type === w.CONNECT, "connect first", shown);
      this.phase = "connecting";
      return;
    }
    this.check(type !== w.CONNECT, "connect once", shown);
    this.check(this.phase !== "connecting", "silent before CONNACK", shown);
    this.check(this.phase !== "left", "silent after DISCONNECT", shown);
    if (this.isExpected(bytes)) return;
    this.check(type === w.PUBLISH || packet.flags === (FLAGS[type] ?? 0), "flags", shown);
    if (type === w.PUBLISH) {
      this.publishOut(packet);
    } else if (type >= w.PUBACK && type <= w.PUBCOMP) {
      const entry = this.unfinished.get(w.idAt(packet.body, 0));
      if (type === w.PUBREL && entry?.type === w.PUBREL) entry.released = true;
      this.check(this.due[type]!.shift() === w.idAt(packet.body, 0), "acks in order", shown);
    } else if (type === w.SUBSCRIBE || type === w.UNSUBSCRIBE) {
      this.begin({ id: w.idAt(packet.body, 0), type, qos: 0, n: 0, again: bytes });
    } else if (type === w.DISCONNECT) {
      this.phase = "left";
    }
  }

  /** Whether a packet is one that has to be sent again now: the first of them, a SUBSCRIBE may be replaced. */
  private isExpected(bytes: string): boolean {
    const first = this.expected.findIndex((again) => again === bytes || !isSubscribe(again));
    if (first < 0) return false;
    const [expected] = this.expected.splice(first, 1);
    this.check(expected === bytes, "sent again", () => `${hex(bytes)} instead of ${hex(expected!)}`);
    return true;
  }

  private publishOut(packet: w.Packet): void {
    const m = w.parsePublish(packet);
    const n = parseInt(m.payload);
    this.check(!m.dup, "DUP", () => hex(packet.bytes));
    this.check(!this.sent.has(n), m.qos > 0 ? "order" : "QoS 0 at most once", () => `message ${n} is sent as new again`);
    this.sent.add(n);
    if (m.qos === 0) return;
    this.check(n > this.lastFirst, "order", () => `message ${n} is sent after ${this.lastFirst}`);
    this.lastFirst = n;
    const again = String.fromCharCode(packet.bytes.charCodeAt(0) | 8) + packet.bytes.slice(1);
    this.begin({ id: m.id, type: w.PUBLISH, qos: m.qos, n, again });
    let inFlight = 0;
    for (const { type } of this.unfinished.values()) if (type < w.SUBSCRIBE) inFlight++;
    this.check(inFlight <= this.limit, "window", () => `${inFlight} messages in flight`);
  }

  /** The client keeps a SUBSCRIBE or UNSUBSCRIBE for the next session. */
  kept(slot: string): void {
    const again = slot.slice(2);
    this.begin({ id: w.idAt(slot, 0), type: again.charCodeAt(0) >> 4, qos: 0, n: 0, again });
  }

  private begin(entry: Entry): void {
    this.check(entry.id > 0 && !this.unfinished.has(entry.id), "id unused", () => `id ${entry.id} is in use`);
    this.unfinished.set(entry.id, entry);
  }

  private end(entry: Entry, acknowledged: boolean): void {
    this.unfinished.delete(entry.id);
    this.justEnded.set(entry.id, entry);
    this.ending.set(`${w.u16(entry.id)}${entry.n}`, acknowledged);
    if (entry.n > 0) this.settling.set(w.u16(entry.id), entry);
  }

  private readonly settling = new Map<string, Entry>();

  /** The client is about to get bytes. */
  hears(bytes: string): void {
    this.toClient.read(bytes, (packet) => this.packetIn(packet));
  }

  private packetIn({ type, flags, body }: w.Packet): void {
    const id = w.idAt(body, 0);
    const entry = this.unfinished.get(id);
    if (type === w.CONNACK) {
      if (body.charCodeAt(1) === 0) this.begun(body.charCodeAt(0) === 1);
    } else if (type === w.PUBLISH) {
      const qos = flags >> 1 & 3;
      if (qos > 0) this.due[qos === 1 ? w.PUBACK : w.PUBREC]!.push(w.idAt(body, 2 + id));
    } else if (type === w.PUBREC || type === w.PUBREL) {
      this.due[ANSWER[type]!]!.push(id);
      if (type === w.PUBREC && entry?.type === w.PUBLISH && entry.qos === 2) {
        entry.type = w.PUBREL;
        entry.again = w.ack(w.PUBREL, id);
      }
    } else if (entry && type !== w.PINGRESP) {
      // PUBACK of a broker without QoS 2 ends that, too.
      const ends = type === w.PUBACK ? entry.type === w.PUBLISH
        : type === w.PUBCOMP ? entry.type === w.PUBREL : entry.type === type - 1;
      if (ends) this.end(entry, true);
    }
  }

  /** A session is up: what has to be sent again is now known. */
  private begun(present: boolean): void {
    this.phase = "up";
    this.told(present);
    for (const entry of [...this.unfinished.values()]) {
      if (this.clean || (!present && entry.type !== w.PUBLISH)) {
        this.end(entry, !this.clean);
      } else {
        this.expected.push(entry.again);
      }
    }
  }

  /** The client has handled what it got, and its link is still open. */
  handled(): void {
    for (const type of ANSWERS) {
      const late = this.due[type]!;
      if (late.length > 0) this.check(false, "acks in order", () => `no acknowledgement of id ${late[0]}`);
    }
    this.check(this.expected.length === 0, "sent again", () => `${hex(this.expected[0]!)} is not sent again`);
    this.check(this.ending.size === 0, "settled once", () => "an exchange ended and nobody was told");
    for (const [id, entry] of this.justEnded) this.ended.set(id, entry);
    this.justEnded.clear();
  }

  /** All that has changed so far is on the flash. */
  committed(): void {
    this.ended.clear();
  }

  /** The client is gone with its power. */
  lost(): void {
    this.phase = "closed";
    this.ending.clear();
    this.settling.clear();
  }

  /**
   * The next client has brought back what was in flight: all that was sent and is unfinished, perhaps what has just
   * ended, and what was not sent any more.
   */
  restored(slots: readonly string[]): void {
    const now = new Map<number, Entry>();
    let last = 0;
    for (const slot of slots) {
      const entry = this.entryOf(slot);
      this.check(entry.n > last, "order", () => `message ${entry.n} is brought back after ${last}`);
      this.check(!now.has(entry.id), "id unused", () => `id ${entry.id} is brought back twice`);
      last = entry.n;
      now.set(entry.id, entry);
    }
    for (const { id, n, type } of this.unfinished.values()) {
      this.check(type >= w.SUBSCRIBE || now.get(id)?.n === n, "stored", () => `message ${n}, id ${id}, was in flight`);
    }
    this.unfinished.clear();
    for (const [id, entry] of now) {
      this.unfinished.set(id, entry);
      this.settled.delete(entry.n);
      this.sent.add(entry.n);
      this.lastFirst = Math.max(this.lastFirst, entry.n);
    }
    this.justEnded.clear();
    this.ended.clear();
  }

  /** A slot as an exchange; of a PUBREL only the one that went before knows which message it is about. */
  private entryOf(slot: string): Entry {
    const id = w.idAt(slot, 0);
    const bytes = slot.slice(2);
    const type = bytes.charCodeAt(0) >> 4;
    // An id that has become free may be in use again, by what was not stored.
    const known = [this.unfinished, this.justEnded, this.ended].map((entries) => entries.get(id));
    if (type !== w.PUBLISH) {
      const last = known.find((entry) => entry?.qos === 2);
      this.check(type === w.PUBREL && last !== undefined, "stored", () => `${hex(slot)} comes back`);
      return { id, type, qos: 2, n: last?.n ?? 0, again: bytes };
    }
    const { qos, payload } = w.parsePublish(w.packetOf(bytes));
    const n = parseInt(payload);
    const last = known.find((entry) => entry?.n === n);
    this.check(!last?.released, "stored", () => `the PUBLISH of ${n} comes back after its PUBREL`);
    this.check(last !== undefined || !this.sent.has(n), "stored", () => `message ${n} comes back, which has ended`);
    const again = String.fromCharCode(bytes.charCodeAt(0) | 8) + bytes.slice(1);
    return { id, type, qos, n, again };
  }

  /** The client tells what became of a slot. */
  settle(slot: string, acknowledged: boolean, isTaken: (n: number) => boolean): void {
    const id = slot.slice(0, 2);
    const entry = this.settling.get(id);
    const waiting = this.unfinished.get(w.idAt(id, 0));
    if (waiting?.type === w.SUBSCRIBE && this.expected.includes(waiting.again)) {
      // It is not sent again, for all subscriptions are asked for anew.
      this.expected.splice(this.expected.indexOf(waiting.again), 1);
      this.end(waiting, true);
    }
    const key = `${id}${entry?.n ?? 0}`;
    this.settling.delete(id);
    this.check(this.ending.get(key) === acknowledged, "settled once", () => `id ${w.idAt(id, 0)}: ${acknowledged}`);
    this.ending.delete(key);
    if (entry) {
      this.check(!this.settled.has(entry.n), "settled once", () => `message ${entry.n} is settled twice`);
      this.settled.set(entry.n, acknowledged);
      this.check(!acknowledged || isTaken(entry.n), "settled truly", () => `message ${entry.n}`);
    }
  }
}
