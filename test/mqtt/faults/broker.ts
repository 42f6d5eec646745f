/**
 * The server's side of MQTT 3.1.1 for one client: sessions, QoS 0, 1 and 2 both ways. It does what the standard
 * says; the faults that it has on demand are refused logins, lost sessions, and acknowledgements that come late,
 * twice or out of order.
 */
import type { Clock } from "./clock.ts";
import type { Link } from "./network.ts";
import type { Rng } from "./rng.ts";
import type { Faults } from "./schedule.ts";
import * as w from "./wire.ts";

/** A message on its way to the client. */
interface Outgoing {
  id: number;
  n: number;
  qos: number;
  payload: string;
  state: "queued" | "published" | "released";
}

interface Session {
  filters: Map<string, number>;
  outgoing: Outgoing[];
  /** QoS 2 ids that the client has not released (4.3.3). */
  received: Set<number>;
}

/** What the client has sent to, and what has come of it. */
export const INBOX = "s";

export class Broker {
  session: Session | undefined;
  link: Link | undefined;
  /** How often each message of the client was taken, in order of the first time. */
  readonly taken = new Map<number, number>();
  /** Messages that the client has to get: their QoS, by number. */
  readonly due = new Map<number, number>();
  /** Sessions that got lost with the client wanting them kept. */
  losses = 0;
  /**
   * A session that was lost and whose CONNACK that said so got lost, too: the client cannot know. What it holds of
   * QoS 2 ids is of another session then, and can hide new messages.
   */
  private untold = false;
  /** Told, and whether the client has gone on since: it forgets what it has not stored when its power fails. */
  private lossTold: "no" | "just" | "handled" = "no";
  hasMisled = false;
  wills = 0;
  /** Whether the last connection ended by DISCONNECT. */
  left = false;
  private lastId = 0;
  private reader = new w.Reader();
  private accepted = false;
  private clean = false;
  private ackAtMs = 0;

  constructor(
    private readonly clock: Clock,
    private readonly rng: Rng,
    public faults: Faults,
    private readonly window: number,
    private readonly ids: number,
  ) {}

  opened(link: Link): void {
    if (this.link?.brokerOpen) {
      // The client is back, and its old link is still open here.
      this.link.brokerOpen = false;
      this.closed();
    }
    this.link = link;
    this.reader = new w.Reader();
    this.accepted = this.left = false;
    this.ackAtMs = 0;
  }

  data(bytes: string): void {
    this.reader.read(bytes, (packet) => {
      if (this.link?.brokerOpen) this.handle(packet);
    });
  }

  closed(): void {
    this.link = undefined;
    if (this.accepted && !this.left) this.wills++;
    if (this.accepted && this.clean) this.forget();
    this.accepted = false;
  }

  /** True when the client has all that it has to get. */
  get isIdle(): boolean {
    return this.session !== undefined && this.session.outgoing.length === 0 && this.session.received.size === 0;
  }

  /** Somebody publishes; the session of the client gets it if it has subscribed. */
  deliver(n: number, qos: number, payload: string): void {
    const granted = this.session?.filters.get(INBOX);
    if (granted === undefined) return;
    const used = Math.min(qos, granted);
    if (used > 0) {
      this.due.set(n, used);
      this.session!.outgoing.push({ id: 0, n, qos: used, payload, state: "queued" });
      this.pump();
    } else if (this.accepted) {
      this.send(w.publish({ dup: false, qos: 0, retain: false, topic: INBOX, id: 0, payload }));
    }
  }

  /** The client has heard whether its session was kept. */
  told(present: boolean): void {
    this.hasMisled ||= this.untold && present;
    if (this.untold && !present) this.lossTold = "just";
    this.untold = false;
  }

  /** The client has handled what it was told. */
  handled(): void {
    if (this.lossTold === "just") this.lossTold = "handled";
  }

  /** The client has stored what it knows. */
  stored(): void {
    if (this.lossTold === "handled") this.lossTold = "no";
  }

  /** The power of the client has failed. */
  forgotten(): void {
    this.untold ||= this.lossTold !== "no";
    this.lossTold = "no";
  }

  private send(bytes: string): void {
    this.link?.writeToClient(bytes);
  }

  private forget(): void {
    for (const { n } of this.session?.outgoing ?? []) this.due.delete(n);
    this.session = undefined;
  }

  /** Acknowledges after a while, few of them late, perhaps twice; a connection that has ended by then gets nothing. */
  private acknowledge(bytes: string, isOrdered = false): void {
    const { clock, rng, faults, link } = this;
    for (let copies = rng() < faults.twice ? 2 : 1; copies > 0; copies--) {
      const atMs = clock.now + Math.floor(faults.ackDelayMs * rng() ** 4);
      const sendAtMs = faults.shuffled && !isOrdered ? atMs : this.ackAtMs = Math.max(this.ackAtMs, atMs);
      if (sendAtMs === clock.now) {
        this.send(bytes);
      } else {
        clock.after(sendAtMs - clock.now, () => link === this.link && this.send(bytes));
      }
    }
  }

  private nextId(): number {
    do {
      this.lastId = this.lastId % this.ids + 1;
    } while (this.session!.outgoing.some((m) => m.id === this.lastId));
    return this.lastId;
  }

  /** Sends what is queued, as far as the window goes. */
  private pump(): void {
    if (!this.accepted) return;
    for (const m of this.session!.outgoing.slice(0, this.window)) {
      if (m.state === "queued") {
        m.id = this.nextId();
        m.state = "published";
        this.sendAgain(m, false);
      }
    }
  }

  private sendAgain(m: Outgoing, dup: boolean): void {
    this.send(m.state === "released"
      ? w.ack(w.PUBREL, m.id)
      : w.publish({ dup, qos: m.qos, retain: false, topic: INBOX, id: m.id, payload: m.payload }));
  }

  private connect(packet: w.Packet): void {
    const { attempt } = this.link!;
    const code = this.faults.refused.find((r) => r.attempt === attempt)?.code;
    if (code !== undefined) {
      this.send(w.encode(w.CONNACK, 0, `\0${String.fromCharCode(code)}`));
      this.link!.closeByBroker();
      this.link = undefined;
      return;
    }
    this.clean = (packet.body.charCodeAt(7) & 2) > 0;
    if (this.clean) {
      this.forget();
    } else if (this.session && this.faults.lost.includes(attempt)) {
      this.losses++;
      this.untold = true;
      this.lastId = 0;
      this.forget();
    }
    const present = this.session !== undefined;
    this.session ??= { filters: new Map(), outgoing: [], received: new Set() };
    this.accepted = true;
    this.send(w.encode(w.CONNACK, 0, present ? "\x01\0" : "\0\0"));
    for (const m of this.session.outgoing) if (m.state !== "queued") this.sendAgain(m, true);
    this.pump();
  }

  private handle(packet: w.Packet): void {
    const { type, body } = packet;
    const session = this.session!;
    const id = w.idAt(body, 0);
    const at = session?.outgoing.findIndex((m) => m.id === id) ?? -1;
    if (type === w.CONNECT) {
      this.connect(packet);
    } else if (type === w.PUBLISH) {
      this.take(w.parsePublish(packet));
    } else if (type === w.PUBREL) {
      session.received.delete(id);
      this.acknowledge(w.ack(w.PUBCOMP, id));
    } else if (type === w.PUBACK || type === w.PUBCOMP) {
      if (at >= 0) session.outgoing.splice(at, 1);
      this.pump();
    } else if (type === w.PUBREC) {
      if (at >= 0) session.outgoing[at]!.state = "released";
      this.acknowledge(w.ack(w.PUBREL, id));
    } else if (type === w.SUBSCRIBE) {
      const filters = w.parseFilters(packet);
      for (const { filter, qos } of filters) session.filters.set(filter, qos);
      const codes = filters.map(({ qos }) => String.fromCharCode(qos)).join("");
      this.acknowledge(w.encode(w.SUBACK, 0, w.u16(id) + codes), true);
    } else if (type === w.UNSUBSCRIBE) {
      for (const { filter } of w.parseFilters(packet)) session.filters.delete(filter);
      this.acknowledge(w.ack(w.UNSUBACK, id), true);
    } else if (type === w.PINGREQ) {
      this.send(w.encode(w.PINGRESP, 0, ""));
    } else if (type === w.DISCONNECT) {
      this.left = true;
    }
  }

  private take(m: w.Publish): void {
    if (m.qos < 2 || !this.session!.received.has(m.id)) {
      const n = parseInt(m.payload);
      this.taken.set(n, (this.taken.get(n) ?? 0) + 1);
    }
    if (m.qos === 1) this.acknowledge(w.ack(w.PUBACK, m.id));
    if (m.qos === 2) {
      this.session!.received.add(m.id);
      this.acknowledge(w.ack(w.PUBREC, m.id));
    }
  }
}
