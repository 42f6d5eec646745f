/** Runs a schedule: client, network, broker and the programs at both ends, on one clock. */
import { Broker, INBOX } from "./broker.ts";
import { Clock, type Event } from "./clock.ts";
import { FEW_IDS, slotOf, slotsOf, type Client, type Factory } from "./compile.ts";
import { checkMessages, leave, proveLife } from "./ending.ts";
import type { Stats, Violation } from "./invariants.ts";
import {
  CONVERGE_MS, HELD, KEEP_ALIVE_MS, LARGEST_IN, LARGEST_SLOT, PAGE_BYTES, QUEUE_PLACES,
} from "./limits.ts";
import { Monitor } from "./monitor.ts";
import { Network, type Link } from "./network.ts";
import { rngOf } from "./rng.ts";
import { FakeFlash, lossOf, PowerLoss } from "../store/flash.ts";
import { NO_FAULTS, type Action, type Blackout, type CutKind, type Schedule } from "./schedule.ts";
import { Told } from "./told.ts";
import { text, u16 } from "./wire.ts";

export class World {
  readonly clock = new Clock();
  readonly rng;
  readonly network;
  readonly broker;
  readonly monitor;
  readonly told;
  readonly flash: FakeFlash;
  client!: Client;
  /** Messages whose `publish` did not return, and those that were noted and not delivered, as the power failed. */
  readonly unsure = new Map<number, number>();
  readonly interrupted = new Set<number>();
  private readonly topics = new Set<string>();
  restarts = 0;
  private life = 0;
  private isOff = false;
  private blackout: Blackout | undefined;
  readonly delivered = new Map<number, number>();
  readonly wanted = new Set([INBOX]);
  private link: Link | undefined;
  bytes = { toBroker: 0, toClient: 0 };
  timers = 0;
  private stopped = false;
  n = 0;
  private lastGot = 0;
  private asked = 1;
  dropped = 0;

  constructor(readonly schedule: Schedule, private readonly factory: Factory) {
    const { faults, seed, cleanSession, window, brokerWindow, fewIds, areaBytes, areas } = schedule;
    this.rng = rngOf(seed ^ 0x5eed);
    this.network = new Network(this.clock, this.rng, faults);
    this.broker = new Broker(this.clock, this.rng, faults, brokerWindow, fewIds ? FEW_IDS : 65535);
    this.monitor = new Monitor(cleanSession, window, (present) => this.broker.told(present));
    this.told = new Told(this.monitor, (n) => this.broker.taken.has(n), schedule.ageMs > 0);
    this.flash = new FakeFlash(areaBytes * areas / PAGE_BYTES, PAGE_BYTES, this.rng);
    this.watchFlash();
    this.boot();
  }

  /** Tells the monitor what is stored: in a new area only its head, at the start, makes what was written count. */
  private watchFlash(): void {
    let fresh = false;
    this.flash.onErase = () => void (fresh = true);
    this.flash.onWrite = (address, complete) => {
      const isHead = address % this.schedule.areaBytes === 0;
      if (complete && (isHead || !fresh)) {
        fresh = false;
        this.monitor.committed();
        this.broker.stored();
      }
    };
  }

  /** Power is there. */
  private boot(): void {
    this.isOff = false;
    this.flash.revive();
    this.blackout = this.network.faults.blackouts[this.life];
    this.flash.left = this.blackout?.steps ?? Infinity;
    this.client = this.factory(this.platform(), { random: this.rng });
    this.enter(() => this.begin());
  }

  /** Runs code of the client; the power may fail while it does. */
  private enter(fn: () => void): void {
    try {
      fn();
    } catch (error) {
      if (!(error instanceof PowerLoss)) throw error;
    }
    if (this.flash.dead && !this.isOff) this.losePower(this.blackout!);
  }

  private losePower({ how, offMs }: { how: CutKind; offMs: number }): void {
    const { client, monitor, broker } = this;
    this.checkStored();
    this.flash.dead = this.isOff = true;
    this.stopped = false;
    this.restarts++;
    this.life++;
    this.timers = 0;
    this.dropped += client.publish.dropped;
    // One that was noted and not yet given to the program: it may get it, or not.
    const id = client.qos2.held.at(-1);
    const noted = broker.session?.outgoing.find((m) => m.qos === 2 && u16(m.id) === id);
    if (noted && !this.delivered.has(noted.n)) this.interrupted.add(noted.n);
    this.told.forget();
    monitor.lost();
    broker.forgotten();
    this.link?.lose(how);
    this.link = undefined;
    this.clock.after(offMs, () => this.boot());
  }

  private checkStored(): void {
    const { storeFailures } = this.client.store;
    this.monitor.check(storeFailures === 0, "stored", () => `${storeFailures} changes had no room`);
  }

  private platform(): Parameters<Factory>[0] {
    const { monitor, clock, flash, life } = this;
    const { readFlash, writeFlash, eraseFlash, crc32 } = flash;
    return {
      readFlash, writeFlash, eraseFlash, crc32,
      noTimer: undefined,
      now: () => clock.now,
      after: (fn, ms) => {
        // What runs on without power, as PowerLoss was caught, does nothing.
        if (flash.dead) return undefined;
        this.timers++;
        monitor.check(this.timers === 1, "one timer", () => `${this.timers} timers`);
        return clock.after(ms, () => {
          if (life !== this.life) return;
          this.timers--;
          this.enter(fn);
        });
      },
      cancel: (timer) => {
        const event = timer as Event | undefined;
        // One that has run is not in the clock any more, and to cancel it does nothing.
        if (!flash.dead && event?.fn && event.at >= clock.now && !event.ran) {
          event.fn = undefined;
          this.timers--;
        }
      },
      caught: (error) => {
        // An engine may hand over what it has made of it.
        if (flash.dead) throw lossOf(error);
        monitor.check(false, "no exception", () => String(error));
      },
      close: (_socket, flush) => {
        if (flash.dead) return;
        const link = this.link!;
        this.checkClose(link);
        monitor.closed();
        this.link = undefined;
        link.closeByClient(flush);
      },
    };
  }

  /** A connection ends: was it kept alive, and was its death noticed in time? */
  private checkClose(link: Link): void {
    const { monitor, clock } = this;
    if (monitor.phase === "up") {
      monitor.check(clock.now - monitor.lastWriteMs <= KEEP_ALIVE_MS, "keep-alive", () => "at the end");
      const silentMs = clock.now - (link.holeAtMs ?? clock.now);
      monitor.check(silentMs <= 1.5 * KEEP_ALIVE_MS, "dead link", () => `after ${silentMs} ms`);
    }
  }

  private open(opened: () => void, data: (b: string) => void, closed: () => void, drained: () => void): unknown {
    const { monitor, clock, flash } = this;
    if (flash.dead) return undefined;
    const link = this.network.open({
      client: {
        opened: () => this.enter(opened),
        closed: () => this.enter(closed),
        drained: () => this.enter(drained),
        data: (bytes) => {
          monitor.hears(bytes);
          this.enter(() => data(bytes));
          if (this.link === link) {
            monitor.handled();
            this.broker.handled();
            this.checkMemory();
          }
        },
      },
      broker: this.broker,
    });
    if (!link) return undefined;
    monitor.opened();
    this.link = link;
    monitor.lastWriteMs = clock.now;
    return {
      write: (bytes: string) => {
        flash.step();
        monitor.wrote(bytes);
        const gapMs = clock.now - monitor.lastWriteMs;
        monitor.check(monitor.phase !== "up" || gapMs <= KEEP_ALIVE_MS, "keep-alive", () => `${gapMs} ms without a packet`);
        monitor.lastWriteMs = clock.now;
        link.write(bytes);
      },
    };
  }

  private begin(): void {
    const { client, monitor, broker, schedule } = this;
    client.inflight.configure(schedule.window, LARGEST_SLOT, schedule.cleanSession);
    if (schedule.queue !== "none") {
      const { reject, dropOldest, configureQueue } = client.queue;
      configureQueue(QUEUE_PLACES, 128, schedule.queue === "reject" ? reject : dropOldest);
      if (schedule.ageMs > 0) client.queue.expireAfter(schedule.ageMs);
      client.queue.watchQueue(client.completion.queueMoved);
    }
    client.completion.trackMessages();
    const inner = client.probe.settled();
    client.inflight.onSettled((kept, how) => {
      if (!this.flash.dead) monitor.settle(slotOf(kept), how > 0, (n) => broker.taken.has(n));
      inner(kept, how);
    });
    if (schedule.areaBytes > 0) {
      client.store.openStore(0, schedule.areaBytes, schedule.areas, client.qos2.held);
      monitor.restored(slotsOf(client));
    }
    client.subscribe.subscribe(text(INBOX), 2, (_topic, payload) => this.got(parseInt(payload)));
    monitor.kept(slotsOf(client).at(-1)!);
    this.asked = 1;
    for (const topic of this.topics) this.askFor(topic);
    const connect = client.packet.connect({
      clientId: "c", cleanSession: schedule.cleanSession, keepAlive: KEEP_ALIVE_MS / 1000,
      will: { topic: "w", payload: "gone", qos: 1, retain: false },
    });
    client.client.start(
      ((o: () => void, d: (b: string) => void, c: () => void, r: () => void) => this.open(o, d, c, r)) as never,
      connect, KEEP_ALIVE_MS / 2, 1024, LARGEST_IN, () => {},
    );
  }

  private got(n: number): void {
    if (this.flash.dead) return;
    // What goes at QoS 0 may overtake what waits for a place in the broker's window.
    if (this.broker.due.has(n) && !this.delivered.has(n)) {
      this.monitor.check(n > this.lastGot, "order", () => `message ${n} is delivered after ${this.lastGot}`);
      this.lastGot = n;
    }
    this.delivered.set(n, (this.delivered.get(n) ?? 0) + 1);
  }

  private checkMemory(): void {
    const { client: { probe }, monitor } = this;
    // One question each: on some engines a question takes longer than what is asked.
    const [reassembly = 0, acks = 0, held = 0] = probe.sizes();
    monitor.check(reassembly <= LARGEST_IN + 5, "memory", () => `${reassembly} bytes of a packet`);
    monitor.check(acks === 0, "memory", () => `${acks} bytes of acknowledgements`);
    monitor.check(held <= HELD, "memory", () => `${held} held ids`);
    const asks = slotsOf(this.client).filter((slot) => slot.charCodeAt(2) >= 0x80).length;
    // What the program has asked for, and all of it once more where the broker lost it.
    monitor.check(asks <= this.asked + 1, "memory", () => `${asks} requests wait`);
    for (const slot of slotsOf(this.client)) {
      monitor.check(slot.length <= LARGEST_SLOT + 3, "memory", () => `a slot of ${slot.length} bytes`);
    }
  }

  publish(qos: number, bytes: number, retain: boolean): boolean {
    const { client, monitor, schedule } = this;
    const n = ++this.n;
    const topic = text("c");
    const payload = `${n}${".".repeat(bytes)}`;
    const mode = qos * 2 + (retain ? 1 : 0);
    // Before, for what it sends is seen at once.
    monitor.accepted.set(n, qos);
    let taken: boolean | undefined;
    this.enter(() => {
      const enqueue = schedule.areaBytes > 0 ? client.store.enqueueStored : client.queue.enqueue;
      const publish = qos > 0 && schedule.queue !== "none" ? enqueue : qos > 0 ? client.qos1.publishKept : client.publish.publish;
      const done = this.told.hear(n, qos, () => this.flash.dead);
      taken = client.completion.publishWith(publish, topic, payload, mode, done);
    });
    if (taken !== undefined) this.told.returned(n, taken);
    if (taken === undefined) this.unsure.set(n, qos);
    if (taken !== true) monitor.accepted.delete(n);
    if (taken === false && schedule.queue !== "none" && qos > 0) this.dropped--;
    return taken === true;
  }

  private act(action: Action): void {
    const { client } = this;
    if (this.isOff && action.kind !== "deliver") return;
    if (action.kind === "publish") {
      this.publish(action.qos, action.bytes, action.retain);
    } else if (action.kind === "deliver") {
      this.broker.deliver(++this.n, action.qos, `${this.n}${".".repeat(action.bytes)}`);
    } else if (action.kind === "subscribe" || action.kind === "unsubscribe") {
      const topic = `x${action.topic}`;
      const wasWanted = this.wanted.has(topic);
      this.topics.add(topic);
      if (action.kind === "unsubscribe") this.wanted.delete(topic);
      else this.wanted.add(topic);
      if (action.kind === "unsubscribe" || !wasWanted) this.enter(() => this.askFor(topic));
    } else if (action.kind === "fail") {
      this.enter(() => client.client.fail(client.reason.LINK_CLOSED));
    } else if (action.kind === "stop") {
      this.stopped = true;
      this.enter(() => client.client.stop());
    } else if (action.kind === "restart") {
      this.losePower(action);
    } else {
      this.resume();
    }
  }

  /** Subscribes or unsubscribes; without a session it is kept for the next. */
  private askFor(topic: string): void {
    const { subscribe, unsubscribe } = this.client;
    this.asked++;
    if (this.wanted.has(topic)) subscribe.subscribe(text(topic), 1, () => {});
    else unsubscribe.unsubscribe(text(topic));
    if (!this.client.client.up) this.monitor.kept(slotsOf(this.client).at(-1)!);
  }

  private resume(): void {
    this.stopped = false;
    this.enter(() => this.client.client.retryNow());
  }

  /** Goes on to a time, or until `done`. */
  runTo(endMs: number, done: () => boolean = () => false): void {
    while (!this.monitor.violation && !done() && this.clock.step(endMs));
  }

  isDrained(): boolean {
    const { client, monitor, broker, network } = this;
    return !this.isOff && client.client.up && network.link?.isWhole === true
      && monitor.unfinished.size === 0 && client.inflight.slots.length === 0
      && client.probe.queued() === 0 && broker.isIdle && this.isSubscribed()
      && (client.probe.held() === 0 || broker.hasMisled);
  }

  private isSubscribed(): boolean {
    const filters = this.broker.session?.filters;
    return filters?.size === this.wanted.size && [...this.wanted].every((topic) => filters.has(topic));
  }

  state(): string {
    const { client, broker, monitor } = this;
    return `${client.client.up ? "up" : "down"}, ${slotsOf(client).length} slots,`
      + ` ${monitor.unfinished.size} unfinished,`
      + ` ${client.probe.queued()} queued, ${client.probe.held()} held; broker:`
      + ` ${broker.session?.outgoing.length} outgoing, ${broker.session?.received.size} received`;
  }

  run(): Violation | undefined {
    const { schedule, monitor, clock, network, broker } = this;
    for (const action of schedule.actions) {
      this.runTo(action.atMs);
      if (!monitor.violation) this.act(action);
    }
    this.runTo(schedule.safetyMs);
    // The faults stop. What is cut stays cut: the client has to find out.
    network.faults = broker.faults = NO_FAULTS;
    this.flash.left = Infinity;
    network.link?.heal();
    this.bytes = { toBroker: network.link?.toBroker.delivered ?? 0, toClient: network.link?.toClient.delivered ?? 0 };
    if (this.stopped) this.resume();
    this.runTo(clock.now + CONVERGE_MS, () => this.isDrained());
    monitor.check(this.isSubscribed() || !this.client.client.up, "subscriptions", () =>
      `${[...broker.session?.filters.keys() ?? []].join()} instead of ${[...this.wanted].join()}`);
    monitor.check(this.isDrained(), "converges", () => this.state());
    this.checkStored();
    this.told.checkAll();
    for (const check of [proveLife, checkMessages, leave]) {
      if (!monitor.violation) check(this);
    }
    return monitor.violation;
  }
}

/** Runs a schedule on a client. An exception is a violation, too. */
export const run = (schedule: Schedule, factory: Factory): Stats => {
  let world: World | undefined;
  let violation: Violation | undefined;
  try {
    world = new World(schedule, factory);
    violation = world.run();
  } catch (error) {
    violation = { name: "no exception", what: error instanceof Error ? error.stack ?? error.message : String(error) };
  }
  return {
    violation,
    restarts: world?.restarts ?? 0,
    steps: world?.flash.done ?? 0,
    attempts: world?.network.attempts ?? 0,
    accepted: world?.monitor.accepted.size ?? 0,
    delivered: world?.delivered.size ?? 0,
    bytes: world?.bytes ?? { toBroker: 0, toClient: 0 },
  };
};
