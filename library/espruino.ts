/**
 * The client as a module of Espruino, close to the one that Espruino's users know: `require("mqtt").connect({ host })`,
 * or `create(host, options)` and `connect()` when the network is there. The manual is docs/mqtt.md. One client a
 * board: the state of lib/mqtt is the module's. Strings are bytes here.
 */
import { tcp } from "../lib/link/tcp.ts";
import { handlers, start, stop, upHandlers } from "../lib/mqtt/client.ts";
import { publishWith, queueMoved, trackMessages } from "../lib/mqtt/completion.ts";
import { flush } from "../lib/mqtt/flush.ts";
import { configure, slots } from "../lib/mqtt/inflight.ts";
import { QUEUED } from "../lib/mqtt/outcome.ts";
import { connect as connectPacket, field, SUBACK } from "../lib/mqtt/packet.ts";
import { countDropped, dropped, publish } from "../lib/mqtt/publish.ts";
import { acknowledgers, packetAt, packetEnd, received, skipLarge, skipped } from "../lib/mqtt/reader.ts";
import "../lib/mqtt/qos1.ts";
import {
  configureQueue, dropOldest, enqueue, entries, expireAfter, keepLatest, reject, watchQueue,
} from "../lib/mqtt/queue.ts";
import { unsubscribe } from "../lib/mqtt/unsubscribe.ts";
import { listeners, subscribe, unwant } from "../lib/mqtt/subscribe.ts";

declare const exports: { connect: unknown; create: unknown };
declare const E: { toString: (bytes: unknown) => string };
declare const getSerial: () => string;
declare const setTimeout: (fn: () => void, ms: number) => void;

type Content = string | number | boolean | ArrayBufferView;

interface Options {
  host?: string;
  port?: number;
  client_id?: string;
  username?: string;
  password?: string;
  /** Seconds. */
  keep_alive?: number;
  clean_session?: boolean;
  will?: { topic: string; message: string; qos?: number; retain?: boolean };
  inflight?: { messages: number; bytes: number };
  /** `max_age` in seconds. */
  offline?: { messages: number; bytes: number; whenFull?: string; max_age?: number };
  largest?: number;
}

interface How {
  qos?: number;
  retain?: boolean;
}

interface Client {
  connected: boolean;
  connect: () => void;
  disconnect: () => void;
  publish: (topic: string, message: Content, options?: How, done?: (outcome: string) => void) => boolean;
  subscribe: (filter: string, options?: { qos?: number }) => void;
  unsubscribe: (filter: string) => void;
  flush: (deadlineMs: number, done: (complete: boolean) => void) => void;
  stats: () => { dropped: number; skipped: number };
  emit: (event: string, argument: unknown) => void;
}

let taken = false;
/** What became of a message, in the order of `lib/mqtt/outcome.ts`. */
const OUTCOMES = ["sent", "acknowledged", "dropped", "expired"];

const hasWildcard = (topic: string): boolean => topic.indexOf("+") >= 0 || topic.indexOf("#") >= 0;

const demand = (holds: boolean, what: string): void => {
  if (!holds) {
    throw new Error("MQTT: " + what);
  }
};

/** Whether bytes are UTF-8 that MQTT takes: no U+0000 and no half of a surrogate pair [MQTT-1.5.3-1, -2]. */
const isText = (bytes: string): boolean => {
  let at = 0;
  // Of the character that has begun: bytes still to come, and between what the next one is (RFC 3629, 4).
  let left = 0;
  let low = 128;
  let high = 191;
  let right = bytes.length < 65536;
  while (right && at < bytes.length) {
    const c = bytes.charCodeAt(at);
    if (left > 0) {
      right = c >= low && c <= high;
      left--;
      low = 128;
      high = 191;
    } else if (c > 127) {
      right = c > 193 && c < 245;
      left = c < 224 ? 1 : c < 240 ? 2 : 3;
      low = c === 224 ? 160 : c === 240 ? 144 : 128;
      high = c === 237 ? 159 : c === 244 ? 143 : 191;
    } else {
      right = c > 0;
    }
    at++;
  }
  return right && left < 1;
};

/** The mode of a message, or an exception: what has no QoS 2 would wait for ever for the end of such a message. */
const modeOf = (how: How | undefined): number => {
  const qos = how?.qos ?? 0;
  demand(qos === 0 || qos === 1 || (qos === 2 && acknowledgers[4] !== undefined), "qos " + qos + " is not in this module");
  return qos * 2 + (how?.retain ? 1 : 0);
};

/** The field of a topic or filter, or an exception that says what is wrong with it. */
const checked = (topic: string, isFilter: boolean): string => {
  let at = 0;
  let right = topic.length > 0 && isText(topic) && (isFilter || !hasWildcard(topic));
  while (right && isFilter && at < topic.length) {
    const c = topic.charAt(at);
    if (c === "+" || c === "#") {
      const next = topic.charAt(at + 1);
      right = (at === 0 || topic.charAt(at - 1) === "/") && (next === "" || (c === "+" && next === "/"));
    }
    at++;
  }
  demand(right, (isFilter ? "no filter: " : "no topic: ") + topic);
  return field(topic);
};

/** Of an object its bytes, of anything else its text. */
const bytesOf = (message: Content): string =>
  typeof message === "object" ? E.toString(message) : String(message);

const create = (host: string, given?: Options): Client => {
  const options = given ?? {};
  const will = options.will;
  const keepAlive = options.keep_alive ?? 60;
  const clean = options.clean_session ?? true;
  const inflight = options.inflight ?? { messages: 4, bytes: 256 };
  const offline = options.offline ?? { messages: 16, bytes: 1024 };
  const whenFull = offline.whenFull;
  const clientId = options.client_id ?? getSerial();
  const username = options.username;
  const password = options.password ?? "";
  const willQos = will?.qos ?? 0;
  const open = tcp(host, options.port ?? 1883);
  let started = false;
  /** Whether a message was refused by the full queue, and whether one was by the network. */
  let wantsRoom = false;
  let wantsDrain = false;
  let skippedBefore = 0;
  demand(!taken, "one client a board");
  demand(isText(clientId) && (clean || clientId !== ""), "client_id");
  demand(isText(username ?? "") && password.length < 65536 && (password === "" || username !== undefined), "username, password");
  demand(keepAlive >= 0 && keepAlive < 65536, "keep_alive");
  demand(!will || (will.message.length < 65536 && (willQos === 0 || willQos === 1 || willQos === 2)), "will");
  if (will) {
    checked(will.topic, false);
  }
  demand(inflight.messages < 128 && inflight.bytes < 16384, "inflight");
  taken = true;
  const packet = connectPacket({
    clientId: clientId,
    cleanSession: clean,
    keepAlive: keepAlive,
    username: username,
    password: options.password,
    will: will && {
      topic: will.topic, payload: will.message, qos: willQos, retain: will.retain ?? false,
    },
  });
  const client = {
    connected: false,
    connect: () => {
      if (!started) {
        started = true;
        start((onOpen, onData, onClose, onDrain) => open(onOpen, (bytes) => {
          onData(bytes);
          if (skipped > skippedBefore) {
            skippedBefore = skipped;
            client.emit("skipped", skipped);
          }
        }, onClose, () => {
          onDrain();
          if (wantsDrain) {
            wantsDrain = false;
            client.emit("room", undefined);
          }
        }), packet, keepAlive > 0 ? keepAlive * 500 : 60000, 1024, options.largest ?? 512, (reason) => {
          client.connected = false;
          client.emit("disconnected", reason);
        });
      }
    },
    disconnect: () => {
      started = false;
      client.connected = false;
      stop();
    },
    publish: (topic: string, message: Content, how?: How, done?: (outcome: string) => void) => {
      const mode = modeOf(how);
      const name = checked(topic, false);
      const bytes = bytesOf(message);
      const accepted = publishWith(mode > 1 ? enqueue : publish, name, bytes, mode, (outcome) => {
        if (done) {
          done(OUTCOMES[outcome]!);
        }
      });
      if (!accepted) {
        if (mode > 1) {
          wantsRoom = true;
        } else {
          wantsDrain = client.connected;
          countDropped();
        }
      }
      return accepted;
    },
    flush: (deadlineMs: number, done: (complete: boolean) => void) =>
      flush(deadlineMs, () => slots.length + entries.length === 0, (complete) => {
        started = client.connected = false;
        done(complete);
      }),
    subscribe: (filter: string, how?: { qos?: number }) => {
      const name = checked(filter, true);
      const qos = modeOf(how) >>> 1;
      unwant(name);
      subscribe(name, qos);
    },
    unsubscribe: (filter: string) => unsubscribe(checked(filter, true)),
    stats: () => ({ dropped: dropped, skipped: skipped }),
  } as Client;
  configure(inflight.messages, inflight.bytes, clean);
  configureQueue(offline.messages, offline.bytes,
    whenFull === "oldest" ? dropOldest : whenFull === "latest" ? keepLatest : reject);
  if (offline.max_age !== undefined) {
    expireAfter(offline.max_age * 1000);
  }
  trackMessages();
  watchQueue((at, outcome) => {
    queueMoved(at, outcome);
    if (wantsRoom && outcome < QUEUED) {
      wantsRoom = false;
      // Later: what is published from there must not overtake the message that goes now.
      setTimeout(() => client.emit("room", undefined), 0);
    }
  });
  skipLarge();
  upHandlers.push((present) => {
    client.connected = true;
    client.emit("connected", present);
  });
  listeners[""] = (topic, message, retained) =>
    client.emit("publish", { topic: topic.substring(2), message: message, retain: retained });
  const settle = handlers[SUBACK]!;
  handlers[SUBACK] = () => {
    // Return codes follow the id, one a filter.
    for (let at = packetAt + 4; at < packetEnd; at++) {
      const code = received.charCodeAt(at);
      client.emit(code > 127 ? "error" : "subscribed", code > 127 ? "subscription refused" : code);
    }
    settle();
  };
  return client;
};

exports.create = create;
exports.connect = (options: Options): Client => {
  const client = create(options.host!, options);
  client.connect();
  return client;
};
