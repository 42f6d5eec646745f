/** A node with a store that works through a script against a broker, loses power, and goes on. */
import { instantiate, type FakeLink, type Instance } from "../instance.ts";
import { Broker } from "./broker.ts";
import { chance, FakeFlash, PowerLoss } from "./flash.ts";

export interface Message {
  payload: string;
  qos: number;
}

/** What is kept of a node: in-flight slots, queue, received ids. */
type State = string;

const PAGES = 6;
const PAGE_BYTES = 256;
const AREA_BYTES = 2 * PAGE_BYTES;
export const SLOTS = 3;

export class Node {
  readonly flash: FakeFlash;
  readonly broker = new Broker();
  /** Messages that the store has taken. */
  readonly accepted: Message[] = [];
  /** Messages whose `enqueue` ended with the power. */
  readonly unsure: Message[] = [];
  readonly delivered: string[] = [];
  readonly sent: string[] = [];
  /** Messages that came in when the power failed: whether they were delivered is open. */
  readonly interrupted: string[] = [];
  readonly problems: string[] = [];
  failures = 0;
  api!: Instance;
  private link: FakeLink | undefined;
  private readonly random: () => number;
  private count = 0;
  private committed: State;
  private pending: State;
  private erasing = false;
  private fresh = true;
  private closed = false;

  constructor(seed: number) {
    this.random = chance(seed);
    this.flash = new FakeFlash(PAGES, PAGE_BYTES, chance(seed + 1));
    this.committed = this.pending = JSON.stringify([[], [], []]);
    this.flash.onErase = () => {
      this.pending = this.state();
      this.erasing = true;
    };
    this.flash.onWrite = (address, complete) => {
      if (!complete) this.pending = this.state();
      // In a new area only its head, at the start, makes what was written count.
      else if (!this.erasing || address % AREA_BYTES === 0) {
        this.committed = this.pending;
        this.erasing = false;
      }
    };
  }

  private state(): State {
    return JSON.stringify([this.api.inflight.slots, this.api.queue.entries, this.api.qos2.held]);
  }

  /** Starts the node, with what is in its flash. */
  async boot(): Promise<void> {
    this.flash.revive();
    this.link = undefined;
    this.closed = false;
    const api = await instantiate(() => 0.5, this.flash);
    this.api = api;
    api.inflight.configure(SLOTS, 64, false);
    api.queue.configureQueue(6, 200, api.queue.reject);
    api.subscribe.listeners[""] = (_topic, payload) => void this.delivered.push(payload);
    api.store.openStore(0, AREA_BYTES, PAGES * PAGE_BYTES / AREA_BYTES, api.qos2.held);
    const now = this.state();
    if (now !== this.committed && now !== this.pending) {
      this.problems.push(`recovered ${now}, stored was ${this.committed}, perhaps ${this.pending}`);
    }
    this.committed = this.pending = now;
    this.erasing = false;
    api.start();
  }

  /** One step, chosen by chance alone, so that it is the same in each run until the power fails. */
  step(): void {
    const dice = this.random();
    if (dice < 0.3) this.publish();
    else if (dice < 0.36 && this.link) this.receive();
    else if (dice < 0.4 && this.link) this.cut();
    else if (dice < 0.55 && !this.link) this.connect();
    else this.pump();
  }

  private publish(): void {
    const message = { payload: `m${this.count++}`, qos: 1 + (this.count % 2) };
    try {
      const taken = this.api.store.enqueueStored("\0\x03a/b", message.payload, message.qos * 2);
      if (taken) this.accepted.push(message);
    } catch (error) {
      if (error instanceof PowerLoss) this.unsure.push(message);
      throw error;
    } finally {
      this.flush();
    }
  }

  private receive(): void {
    const payload = `r${this.count++}`;
    this.sent.push(payload);
    this.broker.send(payload);
  }

  private cut(): void {
    this.flush();
    const link = this.link!;
    this.link = undefined;
    this.closed = true;
    link.closed();
  }

  connect(): void {
    const { api } = this;
    const links = api.links.length;
    if (this.closed) while (api.links.length === links) api.clock.advance(500);
    this.closed = false;
    this.link = api.link();
    this.broker.resume();
    try {
      api.accept(!this.fresh);
      this.fresh = false;
    } finally {
      this.flush();
    }
  }

  /** Gives the client the broker's next packet. */
  private pump(): void {
    if (!this.link || this.broker.replies.length === 0) return;
    const packet = this.broker.reply();
    try {
      this.link.data(packet);
    } catch (error) {
      if (packet.charCodeAt(0) >>> 4 === 3) this.interrupted.push(packet.slice(7));
      throw error;
    } finally {
      this.flush();
    }
  }

  /** What was written before the power failed is on its way. */
  private flush(): void {
    if (this.link) this.broker.take(this.link.take());
  }

  /** Ends what is open. */
  settle(): void {
    if (this.link) this.cut();
    this.connect();
    for (let i = 0; i < 500 && this.broker.replies.length > 0; i++) this.pump();
    this.failures += this.api.store.storeFailures;
  }

  /** What must hold once all is settled. */
  check(): string[] {
    const { broker, problems } = this;
    const times = (list: string[], payload: string): number => list.filter((item) => item === payload).length;
    for (const { payload, qos } of this.accepted) {
      const n = times(broker.received, payload);
      if (n < 1 || (qos === 2 && n > 1)) problems.push(`${payload}, QoS ${qos}, was accepted and received ${n} times`);
    }
    for (const { payload, qos } of this.unsure) {
      if (qos === 2 && times(broker.received, payload) > 1) problems.push(`${payload} was received twice`);
    }
    for (const payload of this.sent) {
      const n = times(this.delivered, payload);
      const open = this.interrupted.includes(payload);
      if (n > 1 || (n < 1 && !open)) problems.push(`${payload} was sent at QoS 2 and delivered ${n} times`);
    }
    const firsts = [...new Set(broker.received)].map((payload) => Number(payload.slice(1)));
    if (firsts.some((n, i) => i > 0 && n < firsts[i - 1]!)) problems.push(`out of order: ${firsts.join(" ")}`);
    if (this.failures > 0) problems.push(`${this.failures} changes were not stored`);
    if (this.state() !== JSON.stringify([[], [], []])) problems.push(`left over: ${this.state()}`);
    if (broker.outgoing.length > 0) problems.push("the broker's messages are unfinished");
    return [...problems, ...broker.problems];
  }
}

/**
 * Runs `steps` of a script; power fails after so many bytes, and again after each of `later`.
 * @returns the node when all is settled
 */
export const run = async (seed: number, steps: number, ...cuts: number[]): Promise<Node> => {
  const node = new Node(seed);
  await node.boot();
  node.flash.left = cuts.shift() ?? Infinity;
  for (let i = 0; i <= steps;) {
    try {
      if (i < steps) node.step();
      else node.settle();
      i++;
    } catch (error) {
      if (!(error instanceof PowerLoss)) throw error;
      await node.boot();
      node.flash.left = cuts.shift() ?? Infinity;
    }
  }
  return node;
};
