/** Links between client and broker: pieces, delays, cuts. */
import type { Clock, Event } from "./clock.ts";
import { below, type Rng } from "./rng.ts";
import type { CutKind, Faults } from "./schedule.ts";

/** One direction of a link. */
class Pipe {
  readonly pieces: string[] = [];
  cutAt = Infinity;
  delivered = 0;
  private lastAtMs = 0;

  constructor(
    private readonly net: Network,
    private readonly link: Link,
    private readonly deliver: (bytes: string) => void,
  ) {}

  /** Sends bytes on their way. */
  write(bytes: string): void {
    const { faults, rng } = this.net;
    if (this.pieces.length > 0 && rng() < faults.joined) {
      this.pieces.push(this.pieces.pop()! + bytes);
      return;
    }
    let left = bytes;
    if (rng() < faults.split) {
      while (left.length > 1 && rng() < 0.8) {
        const size = 1 + below(rng, left.length - 1);
        this.post(left.slice(0, size));
        left = left.slice(size);
      }
    }
    this.post(left);
  }

  /** When what was written so far will have arrived. */
  get emptyInMs(): number {
    return this.pieces.length === 0 ? 0 : this.lastAtMs - this.net.clock.now;
  }

  private post(piece: string): void {
    const { clock, rng, faults } = this.net;
    this.lastAtMs = Math.max(this.lastAtMs, clock.now + 1 + below(rng, faults.delayMs + 1));
    this.pieces.push(piece);
    clock.after(this.lastAtMs - clock.now, () => this.arrive());
  }

  /** Delivers the next piece, up to where the link is cut. */
  arrive(): void {
    const piece = this.pieces.shift();
    if (piece === undefined || this.link.isDead) return;
    const room = this.cutAt - this.delivered;
    const bytes = piece.length > room ? piece.slice(0, room) : piece;
    this.delivered += bytes.length;
    if (bytes !== "") this.deliver(bytes);
    if (piece.length >= room) this.link.cut();
  }
}

/** What each end does with a link. */
export interface Ends {
  client: { opened(): void; data(bytes: string): void; closed(): void; drained(): void };
  broker: { opened(link: Link): void; data(bytes: string): void; closed(): void };
}

export class Link {
  /** Since when nothing passes although nobody was told; undefined where that is not so. */
  holeAtMs: number | undefined;
  clientOpen = true;
  brokerOpen = false;
  readonly toBroker: Pipe;
  readonly toClient: Pipe;
  private readonly cutKind: CutKind;

  constructor(private readonly net: Network, readonly attempt: number, private readonly ends: Ends) {
    this.toBroker = new Pipe(net, this, (bytes) => this.brokerOpen && ends.broker.data(bytes));
    this.toClient = new Pipe(net, this, (bytes) => this.clientOpen && ends.client.data(bytes));
    const cut = net.faults.cuts.find((c) => c.attempt === attempt);
    this.cutKind = cut?.kind ?? "rst";
    if (cut) this[cut.direction].cutAt = cut.byte;
    this.soon(() => this.open());
  }

  /** True when nothing passes any more. */
  get isDead(): boolean {
    return this.holeAtMs !== undefined || (!this.clientOpen && !this.brokerOpen);
  }

  /** True when bytes pass both ways. */
  get isWhole(): boolean {
    return this.holeAtMs === undefined && this.clientOpen && this.brokerOpen;
  }

  private soon(fn: () => void): Event {
    return this.net.clock.after(1 + below(this.net.rng, this.net.faults.delayMs + 1), fn);
  }

  private open(): void {
    const how = this.net.faults.unopened.find((u) => u.attempt === this.attempt)?.how;
    if (how === "never") {
      this.holeAtMs = this.net.clock.now;
    } else if (this.clientOpen) {
      if (how === undefined) {
        this.brokerOpen = true;
        this.ends.broker.opened(this);
        this.ends.client.opened();
      } else {
        this.ends.client.closed();
      }
    }
  }

  /** The client writes. */
  write(bytes: string): void {
    this.toBroker.write(bytes);
    this.net.clock.after(this.toBroker.emptyInMs + 1, () => {
      if (this.clientOpen && !this.isDead && this.toBroker.pieces.length === 0) this.ends.client.drained();
    });
  }

  /** The broker writes. */
  writeToClient(bytes: string): void {
    if (this.brokerOpen) this.toClient.write(bytes);
  }

  /** The client closes, and hears nothing more; with `flush` what it wrote still arrives. */
  closeByClient(flush: boolean): void {
    this.clientOpen = false;
    if (this.holeAtMs !== undefined || !this.brokerOpen) return;
    if (flush) {
      while (this.toBroker.pieces.length > 0) this.toBroker.arrive();
    }
    this.endBroker();
  }

  /** The client has lost its power: with "fin" what it wrote still arrives, with "hole" nobody is told. */
  lose(how: CutKind): void {
    if (how === "hole") {
      this.clientOpen = false;
      this.holeAtMs ??= this.net.clock.now;
    } else {
      this.closeByClient(how === "fin");
    }
  }

  /** The broker closes; what it wrote still arrives. */
  closeByBroker(): void {
    this.brokerOpen = false;
    this.tellClient(this.toClient.emptyInMs);
  }

  /** The network cuts the link. */
  cut(): void {
    if (this.cutKind === "hole") {
      this.holeAtMs = this.net.clock.now;
      return;
    }
    if (this.cutKind === "fin") {
      for (const pipe of [this.toBroker, this.toClient]) {
        if (pipe.cutAt === Infinity) while (pipe.pieces.length > 0) pipe.arrive();
      }
    }
    this.toBroker.pieces.length = this.toClient.pieces.length = 0;
    this.endBroker();
    this.tellClient(0);
  }

  private endBroker(): void {
    if (this.brokerOpen) {
      this.brokerOpen = false;
      this.ends.broker.closed();
    }
  }

  private tellClient(inMs: number): void {
    this.net.clock.after(inMs + 1, () => this.clientOpen && this.holeAtMs === undefined && this.ends.client.closed());
  }

  /** Has no fault any more, but for one that has happened. */
  heal(): void {
    this.toBroker.cutAt = this.toClient.cutAt = Infinity;
  }
}

export class Network {
  attempts = 0;
  link: Link | undefined;

  constructor(readonly clock: Clock, readonly rng: Rng, public faults: Faults) {}

  /** Opens a link, unless there is no socket for it. */
  open(ends: Ends): Link | undefined {
    const attempt = this.attempts++;
    this.link = undefined;
    if (!this.faults.unopened.some((u) => u.attempt === attempt && u.how === "now")) {
      this.link = new Link(this, attempt, ends);
    }
    return this.link;
  }
}
