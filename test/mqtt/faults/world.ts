/** Runs a schedule: client, network, broker and the programs at both ends, on one clock. */
import { Broker, INBOX } from "./broker.ts";
import { Clock, type Event } from "./clock.ts";
import { FEW_IDS, type Client, type Factory } from "./compile.ts";
import type { Violation } from "./invariants.ts";
import { Monitor } from "./monitor.ts";
import { Network, type Link } from "./network.ts";
import { rngOf } from "./rng.ts";
import { NO_FAULTS, type Action, type Schedule } from "./schedule.ts";
import { text } from "./wire.ts";

const KEEP_ALIVE_MS = 10000;
const CONNECT_TIMEOUT_MS = 20000;
/** A dead link or an attempt that gets no answer, the longest wait of the back-off, and the exchanges themselves. */
const CONVERGE_MS = CONNECT_TIMEOUT_MS + 64000 + 10000;
const LARGEST_IN = 256;
const LARGEST_SLOT = 64;
const QUEUE_PLACES = 4;
/** The most ids that the client holds at QoS 2. */
const HELD = 32;

/** What a run has done, to see that a test reaches what it is for. */
export interface Stats {
  violation: Violation | undefined;
  attempts: number;
  accepted: number;
  delivered: number;
  /** What had passed on the link that was there when the faults stopped. */
  bytes: { toBroker: number; toClient: number };
}

class World {
  readonly clock = new Clock();
  readonly rng;
  readonly network;
  readonly broker;
  readonly monitor;
  readonly client: Client;
  readonly delivered = new Map<number, number>();
  readonly wanted = new Set([INBOX]);
  private link: Link | undefined;
  bytes = { toBroker: 0, toClient: 0 };
  private timers = 0;
  private stopped = false;
  private n = 0;
  private lastGot = 0;
  private asked = 1;
  private droppedBefore = 0;

  constructor(readonly schedule: Schedule, factory: Factory) {
    const { faults, seed, cleanSession, window, brokerWindow, fewIds } = schedule;
    this.rng = rngOf(seed ^ 0x5eed);
    this.network = new Network(this.clock, this.rng, faults);
    this.broker = new Broker(this.clock, this.rng, faults, brokerWindow, fewIds ? FEW_IDS : 65535);
    this.monitor = new Monitor(cleanSession, window, (present) => this.broker.told(present));
    this.client = factory(this.platform(), { random: this.rng });
    this.begin();
  }

  private platform(): Parameters<Factory>[0] {
    const { monitor, clock } = this;
    return {
      noTimer: undefined,
      now: () => clock.now,
      after: (fn, ms) => {
        this.timers++;
        monitor.check(this.timers === 1, "one timer", () => `${this.timers} timers`);
        return clock.after(ms, () => {
          this.timers--;
          fn();
        });
      },
      cancel: (timer) => {
        const event = timer as Event | undefined;
        // One that has run is not in the clock any more, and to cancel it does nothing.
        if (event?.fn && event.at >= clock.now && !event.ran) {
          event.fn = undefined;
          this.timers--;
        }
      },
      caught: (error) => monitor.check(false, "no exception", () => String(error)),
      close: (_socket, flush) => {
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
    const { monitor, clock } = this;
    const link = this.network.open({
      client: {
        opened, closed, drained,
        data: (bytes) => {
          monitor.hears(bytes);
          data(bytes);
          if (this.link === link) {
            monitor.handled();
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
    }
    const inner = client.probe.settled();
    client.inflight.onSettled((slot, acknowledged, answered) => {
      monitor.settle(slot, acknowledged, (n) => broker.taken.has(n));
      inner(slot, acknowledged, answered);
    });
    client.subscribe.subscribe(text(INBOX), 2, (_topic, payload) => this.got(parseInt(payload)));
    monitor.kept(client.inflight.slots[0]!);
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
    // What goes at QoS 0 may overtake what waits for a place in the broker's window.
    if (this.broker.due.has(n) && !this.delivered.has(n)) {
      this.monitor.check(n > this.lastGot, "order", () => `message ${n} is delivered after ${this.lastGot}`);
      this.lastGot = n;
    }
    this.delivered.set(n, (this.delivered.get(n) ?? 0) + 1);
  }

  private checkMemory(): void {
    const { client: { probe, inflight }, monitor } = this;
    monitor.check(probe.reassembly() <= LARGEST_IN + 5, "memory", () => `${probe.reassembly()} bytes of a packet`);
    monitor.check(probe.acks() === 0, "memory", () => `${probe.acks()} bytes of acknowledgements`);
    monitor.check(probe.held() <= HELD, "memory", () => `${probe.held()} held ids`);
    const asks = inflight.slots.filter((slot) => slot.charCodeAt(2) >= 0x80).length;
    // What the program has asked for, and all of it once more where the broker lost it.
    monitor.check(asks <= this.asked + 1, "memory", () => `${asks} requests wait`);
    for (const slot of inflight.slots) {
      monitor.check(slot.length <= LARGEST_SLOT + 3, "memory", () => `a slot of ${slot.length} bytes`);
    }
  }

  private publish(qos: number, bytes: number, retain: boolean): boolean {
    const { client, monitor, schedule } = this;
    const n = ++this.n;
    const topic = text("c");
    const payload = `${n}${".".repeat(bytes)}`;
    const mode = qos * 2 + (retain ? 1 : 0);
    // Before, for what it sends is seen at once.
    monitor.accepted.set(n, qos);
    const taken = qos > 0 && schedule.queue !== "none"
      ? client.queue.enqueue(topic, payload, mode)
      : client.publish.publishers[qos]!(topic, payload, mode);
    if (!taken) {
      monitor.accepted.delete(n);
      if (schedule.queue !== "none" && qos > 0) this.droppedBefore++;
    }
    return taken;
  }

  private act(action: Action): void {
    const { client } = this;
    if (action.kind === "publish") {
      this.publish(action.qos, action.bytes, action.retain);
    } else if (action.kind === "deliver") {
      this.broker.deliver(++this.n, action.qos, `${this.n}${".".repeat(action.bytes)}`);
    } else if (action.kind === "subscribe" || action.kind === "unsubscribe") {
      const topic = `x${action.topic}`;
      if (action.kind === "unsubscribe") {
        this.wanted.delete(topic);
        this.ask(() => client.unsubscribe.unsubscribe(text(topic)));
      } else if (!this.wanted.has(topic)) {
        this.wanted.add(topic);
        this.ask(() => client.subscribe.subscribe(text(topic), 1, () => {}));
      }
    } else if (action.kind === "fail") {
      client.client.fail(client.reason.LINK_CLOSED);
    } else if (action.kind === "stop") {
      client.client.stop();
      this.stopped = true;
    } else {
      this.resume();
    }
  }

  /** Subscribes or unsubscribes; without a session it is kept for the next. */
  private ask(fn: () => void): void {
    this.asked++;
    fn();
    if (!this.client.client.up) this.monitor.kept(this.client.inflight.slots.at(-1)!);
  }

  private resume(): void {
    this.stopped = false;
    this.client.client.retryNow();
  }

  /** Goes on to a time, or until `done`. */
  private runTo(endMs: number, done: () => boolean = () => false): void {
    while (!this.monitor.violation && !done() && this.clock.step(endMs));
  }

  private isDrained(): boolean {
    const { client, monitor, broker, network } = this;
    return client.client.up && network.link?.isWhole === true
      && monitor.unfinished.size === 0 && client.inflight.slots.length === 0
      && client.probe.queued() === 0 && broker.isIdle && this.isSubscribed()
      && (client.probe.held() === 0 || broker.hasMisled);
  }

  private isSubscribed(): boolean {
    const filters = this.broker.session?.filters;
    return filters?.size === this.wanted.size && [...this.wanted].every((topic) => filters.has(topic));
  }

  private state(): string {
    const { client, broker, monitor } = this;
    return `${client.client.up ? "up" : "down"}, ${client.inflight.slots.length} slots,`
      + ` ${monitor.unfinished.size} unfinished,`
      + ` ${client.probe.queued()} queued, ${client.probe.held()} held; broker:`
      + ` ${broker.session?.outgoing.length} outgoing, ${broker.session?.received.size} received`;
  }

  run(): Violation | undefined {
    const { schedule, monitor, clock, network, broker, client } = this;
    for (const action of schedule.actions) {
      this.runTo(action.atMs);
      if (!monitor.violation) this.act(action);
    }
    this.runTo(schedule.safetyMs);
    // The faults stop. What is cut stays cut: the client has to find out.
    network.faults = broker.faults = NO_FAULTS;
    network.link?.heal();
    this.bytes = { toBroker: network.link?.toBroker.delivered ?? 0, toClient: network.link?.toClient.delivered ?? 0 };
    if (this.stopped) this.resume();
    this.runTo(clock.now + CONVERGE_MS, () => this.isDrained());
    monitor.check(this.isSubscribed() || !client.client.up, "subscriptions", () =>
      `${[...broker.session?.filters.keys() ?? []].join()} instead of ${[...this.wanted].join()}`);
    monitor.check(this.isDrained(), "converges", () => this.state());
    if (!monitor.violation) this.proveLife();
    if (!monitor.violation) this.checkMessages();
    if (!monitor.violation) this.leave();
    return monitor.violation;
  }

  /** One message of each QoS each way passes. */
  private proveLife(): void {
    const { monitor, broker, clock } = this;
    const first = this.n + 1;
    for (const qos of [0, 1, 2]) {
      monitor.check(this.publish(qos, 1, false), "converges", () => `a message of QoS ${qos} is refused`);
      // As long as an acknowledgement of before may still be late.
      this.runTo(clock.now + KEEP_ALIVE_MS / 2);
    }
    monitor.check(this.isDrained(), "converges", () => `messages of the client: ${this.state()}`);
    for (const qos of [0, 1, 2]) broker.deliver(++this.n, qos, `${this.n}`);
    this.runTo(clock.now + KEEP_ALIVE_MS * 2);
    for (let n = first; n <= this.n; n++) {
      const times = (n < first + 3 ? broker.taken : this.delivered).get(n) ?? 0;
      const isHidden = n === this.n && broker.hasMisled;
      monitor.check(times === 1 || isHidden, "converges", () => `message ${n} arrived ${times} times`);
    }
    monitor.check(this.isDrained(), "converges", () => `messages to the client: ${this.state()}`);
    monitor.check(this.timers === 1, "one timer", () => `${this.timers} timers`);
  }

  private checkMessages(): void {
    const { monitor, broker, schedule, delivered, client } = this;
    let waiting = 0;
    for (const [n, qos] of monitor.accepted) {
      const times = broker.taken.get(n) ?? 0;
      const settled = monitor.settled.get(n);
      if (qos === 0) monitor.check(times <= 1, "QoS 0 at most once", () => `message ${n} was taken ${times} times`);
      if (qos > 0 && settled === undefined) waiting++;
      if (settled === true) monitor.check(times > 0, "QoS 1 at least once", () => `message ${n} was not taken`);
      if (settled === false) monitor.check(schedule.cleanSession, "QoS 1 at least once", () => `message ${n} was given up`);
      if (qos === 2) {
        monitor.check(times <= 1 + broker.losses, "QoS 2 exactly once", () => `message ${n} was taken ${times} times`);
      }
    }
    const dropped = client.publish.dropped - this.droppedBefore;
    monitor.check(waiting === dropped, "settled once", () => `${waiting} messages without an end, ${dropped} dropped`);
    for (const [n, times] of delivered) {
      const qos = broker.due.get(n);
      if (qos === 2) monitor.check(times === 1, "QoS 2 exactly once", () => `message ${n} was delivered ${times} times`);
    }
    for (const [n, qos] of broker.due) {
      const isHidden = qos === 2 && broker.hasMisled;
      monitor.check(delivered.has(n) || isHidden, "QoS 1 at least once", () => `message ${n} was not delivered`);
    }
  }

  /** Stops the client: nothing may be left of it. */
  private leave(): void {
    const { monitor, broker, client, clock } = this;
    const { wills } = broker;
    client.client.stop();
    monitor.check(this.timers === 0, "one timer", () => `${this.timers} timers after stop`);
    this.publish(0, 1, false);
    this.runTo(clock.now + CONVERGE_MS);
    monitor.check(broker.left && broker.wills === wills, "no will", () => `${broker.wills - wills} wills`);
    monitor.check(client.probe.reassembly() + client.probe.acks() === 0, "memory", () => "bytes are left after stop");
    monitor.check(client.inflight.slots.length === 0, "memory", () => "slots are left after stop");
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
    attempts: world?.network.attempts ?? 0,
    accepted: world?.monitor.accepted.size ?? 0,
    delivered: world?.delivered.size ?? 0,
    bytes: world?.bytes ?? { toBroker: 0, toClient: 0 },
  };
};
