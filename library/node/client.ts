/**
 * `connect` of motelet/mqtt: the portable client of lib/mqtt with text in and out, callbacks and events. What is
 * on the wire is all its doing; here are the edge and the queue.
 */
import { field, SUBSCRIBE } from "../../lib/mqtt/packet.ts";
import { MALFORMED } from "../../lib/mqtt/reason.ts";
import type * as Public from "../mqtt.d.ts";
import { instantiate, type Compiled } from "./compiled.ts";
import { MqttError } from "./error.ts";
import { Reporter } from "./events.ts";
import { Link } from "./link.ts";
import { settingsOf, qosOf, type Settings } from "./options.ts";
import { OfflineQueue, type Outgoing } from "./queue.ts";
import { FINAL_REFUSALS, reasonOf } from "./reasons.ts";
import { filtersOf, Subscriptions } from "./subscriptions.ts";
import { filterBytes, payloadBytes, topicBytes, topicText } from "./text.ts";

export { MqttError };

class Client extends Reporter implements Public.Client {
  readonly clientId: string;
  private readonly api: Compiled = instantiate();
  private readonly settings: Settings;
  private readonly queue: OfflineQueue;
  private readonly subscriptions = new Subscriptions();
  /** By packet id: what to call when the exchange is over. */
  private readonly exchanges = new Map<string, (acknowledged: boolean) => void>();
  /** QoS 0, written and not yet handed to the network. */
  private sending: Outgoing[] = [];
  /** What waits for all to be sent and acknowledged. */
  private readonly idlers = new Set<() => void>();
  /** True from the time when a session has been restored: before, nothing new may overtake what is sent again. */
  private ready = false;
  private wantsRoom = false;
  private dropped = 0;
  private ending: Promise<boolean> | undefined;
  private readonly link: Link;

  constructor(settings: Settings) {
    super();
    this.settings = settings;
    this.clientId = settings.clientId;
    this.link = new Link(this.api, settings.address);
    this.queue = new OfflineQueue(settings.offline, (message) => {
      this.drop(message, "expired", "it has waited for longer than offline.maxAgeMs");
      this.tellRoom();
      this.checkIdle();
    });
    const { client, inflight, qos2, reader, subscribe } = this.api;
    // Some brokers send all that waited at once; ids have two bytes.
    qos2.holdAtMost(65_535);
    inflight.configure(settings.inflight.messages, settings.inflight.bytes, settings.cleanSession);
    inflight.onSettled((kept, how) => this.settled(kept, how));
    subscribe.listeners[""] = (topic, payload, retained) => this.deliver(topic.slice(2), payload, retained);
    reader.skipLarge();
    client.upHandlers.push((present) => this.up(present));
    client.start(
      this.open, settings.packet, settings.halfKeepAliveMs, settings.sendBuffer, settings.largestIncoming,
      (code) => this.down(code),
    );
  }

  get connected(): boolean {
    return this.api.client.up;
  }

  get counters(): Public.Client["counters"] {
    const { inflight, reader } = this.api;
    return {
      dropped: this.dropped, skipped: reader.skipped, queued: this.queue.length, inflight: inflight.slots.length / 2,
    };
  }

  publish(
    topic: string, payload: Public.Payload, options: { qos?: Public.QoS; retain?: boolean } = {}, done?: Public.Done,
  ): boolean {
    const qos = qosOf(options.qos);
    const message: Outgoing = {
      name: topic,
      topic: field(topicBytes(topic)),
      payload: payloadBytes(payload),
      mode: qos * 2 + (options.retain === true ? 1 : 0),
      done: (error) => this.call(() => done?.(error as MqttError | undefined)),
    };
    if (this.ending) {
      return this.drop(message, "ended", "the client has ended");
    }
    return qos === 0 ? this.publishNow(message) : this.enqueue(message);
  }

  subscribe(
    filter: string, options: { qos?: Public.QoS } = {}, handler?: (message: Public.Message) => void,
    done?: (error?: MqttError, granted?: Public.QoS) => void,
  ): void {
    const bytes = filterBytes(filter);
    const qos = qosOf(options.qos);
    const answered = done && ((error?: MqttError, granted?: Public.QoS) => this.call(() => done(error, granted)));
    if (this.ending) {
      answered?.(new MqttError("ended", "the client has ended"));
      return;
    }
    this.subscriptions.add(bytes, filter, handler, answered);
    this.api.subscribe.unwant(field(bytes));
    this.api.subscribe.subscribe(field(bytes), qos);
  }

  unsubscribe(filter: string, done?: Public.Done): void {
    const bytes = filterBytes(filter);
    if (this.ending) {
      this.call(() => done?.(new MqttError("ended", "the client has ended")));
      return;
    }
    this.subscriptions.remove(bytes);
    this.api.unsubscribe.unsubscribe(field(bytes));
    // Where the session is gone, so is the subscription.
    this.exchanges.set(this.newestId(), () => this.call(() => done?.()));
  }

  flush(deadlineMs = 10_000): Promise<boolean> {
    return new Promise((resolve) => {
      const idle = (): void => {
        clearTimeout(late);
        this.idlers.delete(idle);
        resolve(true);
      };
      const late = setTimeout(() => {
        this.idlers.delete(idle);
        resolve(false);
      }, deadlineMs);
      this.idlers.add(idle);
      this.checkIdle();
    });
  }

  end(deadlineMs = 5000): Promise<boolean> {
    this.ending ??= this.finish(deadlineMs);
    return this.ending;
  }

  private async finish(deadlineMs: number): Promise<boolean> {
    const done = deadlineMs > 0 ? await this.flush(deadlineMs) : this.isIdle();
    const { stream } = this.link;
    const closed = this.link.closed();
    this.api.client.stop();
    this.ready = false;
    const given = this.sending.splice(0);
    while (this.queue.first) this.drop(this.queue.take(), "ended", "the client ended before it was sent");
    for (const end of [...this.exchanges.values()]) end(false);
    this.exchanges.clear();
    this.subscriptions.end();
    await closed;
    for (const message of given) this.sent(message, stream?.writableFinished === true);
    return done;
  }

  private readonly open: Parameters<Compiled["client"]["start"]>[0] = (onOpen, onData, onClose, onDrain) =>
    this.link.open(onOpen, (bytes) => {
      onData(bytes);
      this.tellSkipped(this.api.reader.skipped);
    }, onClose, () => {
      onDrain();
      this.sending.splice(0).forEach((message) => this.sent(message, true));
      this.tellRoom();
      this.checkIdle();
    });

  private up(present: boolean): void {
    this.ready = true;
    this.drain();
    this.tell("connected", present);
    this.checkIdle();
  }

  private down(code: number): void {
    this.ready = false;
    this.sending.splice(0).forEach((message) => this.sent(message, false));
    const reason = reasonOf(code, this.link.failure);
    this.tell("disconnected", reason);
    if (FINAL_REFUSALS.includes(code)) {
      this.report(new MqttError("refused", reason.text, reason));
    }
    if (this.link.distrust !== undefined) {
      this.report(new MqttError("untrusted", `the broker's certificate is not accepted: ${this.link.distrust}`, reason));
    }
  }

  private deliver(topicField: string, payloadField: string, retained: boolean): void {
    const topic = topicText(topicField);
    if (topic === undefined) {
      this.api.client.fail(MALFORMED);
      return;
    }
    const payload = Buffer.from(payloadField, "latin1");
    const message = { topic, payload, retained, get text() { return payload.toString("utf8"); } };
    for (const handler of this.subscriptions.handlersFor(topicField)) this.call(() => handler(message));
    this.tell("message", message);
  }

  private settled([key, packet]: string[], how: number): void {
    const { ANSWERED, GONE } = this.api.inflight;
    if (packet!.charCodeAt(0) === SUBSCRIBE) {
      // Without an answer the session is gone, and all filters are asked for anew.
      if (how === ANSWERED) {
        const { received, packetAt, packetEnd } = this.api.reader;
        const codes = received.slice(packetAt + 4, packetEnd);
        const filters = filtersOf(packet!);
        this.subscriptions.answer(filters, codes).forEach((error) => this.report(error));
        // One code for each filter [MQTT-3.8.4-5].
        if (codes.length !== filters.length) this.api.client.fail(MALFORMED);
      }
    } else {
      const over = this.exchanges.get(key!.slice(2));
      this.exchanges.delete(key!.slice(2));
      over?.(how > GONE);
    }
    this.drain();
    this.checkIdle();
  }

  private publishNow(message: Outgoing): boolean {
    const { client, publish } = this.api;
    if (!client.up) {
      return this.drop(message, "offline", "there is no connection, and QoS 0 does not wait for one");
    }
    if (!publish.publish(message.topic, message.payload, message.mode)) {
      this.wantsRoom = true;
      return this.drop(message, "crowded", "the network does not take more now: wait for \"room\"");
    }
    this.sending.push(message);
    return true;
  }

  private enqueue(message: Outgoing): boolean {
    // 7: the longest fixed header, and the packet id.
    const bytes = message.topic.length + message.payload.length + 7;
    if (bytes > this.settings.inflight.bytes || !this.queue.fits(message)) {
      return this.drop(message, "large", `it takes ${bytes} bytes: raise inflight.bytes and offline.bytes`);
    }
    const replaced = this.queue.push(message);
    if (!replaced) {
      this.wantsRoom = true;
      return this.drop(message, "full", "the queue is full: wait for \"room\"");
    }
    for (const old of replaced) this.drop(old, "replaced", "a newer message took its place in the full queue");
    this.drain();
    return true;
  }

  /** Sends what waits, as far as there is room in flight. */
  private drain(): void {
    let first = this.queue.first;
    while (this.ready && first && this.api.qos1.publishKept(first.topic, first.payload, first.mode)) {
      const message = this.queue.take();
      this.exchanges.set(this.newestId(), (acknowledged) => {
        if (acknowledged) message.done();
        else if (this.ending) this.drop(message, "ended", "the client ended before it was acknowledged");
        else this.drop(message, "lost", "its session ended before it was acknowledged");
      });
      first = this.queue.first;
      this.tellRoom();
    }
  }

  /** The id of the exchange that has just begun. */
  private newestId(): string {
    return this.api.inflight.slots.at(-2)!.slice(2);
  }

  private sent(message: Outgoing, success: boolean): void {
    if (success) message.done();
    else this.drop(message, "lost", "the connection ended before it was sent");
  }

  private drop(message: Outgoing, code: Public.ErrorCode, why: string): false {
    const error = new MqttError(code, `message to ${JSON.stringify(message.name)} dropped: ${why}`);
    this.dropped++;
    message.done(error);
    this.tell("drop", { topic: message.name, qos: (message.mode >>> 1) as Public.QoS, error });
    return false;
  }

  private isIdle(): boolean {
    return this.queue.length + this.sending.length + this.api.inflight.slots.length === 0;
  }

  private checkIdle(): void {
    if (this.isIdle()) for (const idle of [...this.idlers]) idle();
  }

  private tellRoom(): void {
    if (this.wantsRoom) {
      this.wantsRoom = false;
      this.tell("room");
    }
  }
}

export const connect = (options: Public.ConnectOptions | string): Public.Client => new Client(settingsOf(options));
