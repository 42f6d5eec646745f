/// <reference types="node" />
/** `motelet/mqtt`: the MQTT 3.1.1 client of Motelet, for Node. The manual is docs/mqtt.md. */

export type QoS = 0 | 1 | 2;

/** Text goes out as UTF-8. */
export type Payload = string | Uint8Array;

export interface Will {
  topic: string;
  /** At most 65,535 bytes. */
  payload: Payload;
  qos?: QoS;
  retain?: boolean;
}

/** What a full queue does with one more message: refuse it, drop the oldest, or the older one of its topic. */
export type WhenFull = "reject" | "oldest" | "latest";

/** How to know the broker, and how to be known by it. PEM, as `readFileSync` reads it from a file. */
export interface TlsOptions {
  /** The authorities that vouch for the broker; the system's own where absent. */
  ca?: string | Uint8Array | (string | Uint8Array)[];
  /** The client's certificate, and its private key. */
  cert?: string | Uint8Array;
  key?: string | Uint8Array;
  /** The name that the broker's certificate has to be for, and that it is asked by (SNI); the host where absent. */
  serverName?: string;
  /** False: anybody may pose as the broker. */
  verify?: boolean;
}

export interface ConnectOptions {
  /**
   * `mqtt://`, `mqtts://`, `ws://` or `wss://`, then `user:password@host:port`; characters that a URL reserves are
   * written as %XX. The path of a WebSocket is `/mqtt` where there is none.
   */
  url?: string;
  /** Instead of `url`: over TCP, or over TLS where there is `tls`. */
  host?: string;
  /** 1883, 8883 (mqtts), 80 (ws) or 443 (wss) where neither this nor the URL says another. */
  port?: number;
  /** For `mqtts://` and `wss://`. The broker is verified, or not connected to, also without it. */
  tls?: TlsOptions;
  username?: string;
  password?: Payload;
  /** One is made up where there is none, which is for clean sessions only. */
  clientId?: string;
  /** Seconds, 0 to 65,535; 0 switches it off. 60 by default. */
  keepAlive?: number;
  /** False has the broker keep subscriptions and messages while this client is away. True by default. */
  cleanSession?: boolean;
  will?: Will;
  /** How many QoS 1 and 2 messages may wait for their acknowledgement, and how long a packet may be. 16, 262,144 */
  inflight?: { messages?: number; bytes?: number };
  /**
   * What waits for a session or for room in flight: QoS 1 and 2. 1,000 messages, 1,048,576 bytes, "reject". After
   * `maxAgeMs` a message is not worth sending any more.
   */
  offline?: { messages?: number; bytes?: number; whenFull?: WhenFull; maxAgeMs?: number };
  /** A larger incoming packet is skipped: acknowledged as its QoS demands, counted, not delivered. 1,048,576 bytes */
  largestIncoming?: number;
  /** QoS 0 is refused while more than this waits to be sent. 1,048,576 bytes */
  sendBuffer?: number;
}

export interface Message {
  topic: string;
  payload: Buffer;
  /** The payload read as UTF-8. */
  readonly text: string;
  /** The broker had kept it from before the subscription. */
  retained: boolean;
}

/** Whose fault something is: that of options, broker, memory that is too small, network, or your program. */
export type Fault = "config" | "peer" | "resource" | "link" | "program";

/** Why a connection ended or was refused; docs/mqtt.md has the table. */
export interface Reason {
  /** 1 to 11. */
  code: number;
  /** Whose fault it is. */
  fault: Exclude<Fault, "program">;
  text: string;
}

/**
 * offline: QoS 0 without a connection · crowded: the network does not take more · full: no place in the queue ·
 * large: more than a place in flight or the queue may hold · replaced: thrown out of the queue by a newer message ·
 * expired: it has waited in the queue for longer than `offline.maxAgeMs` ·
 * lost: the connection ended before it was sent or acknowledged, and a clean session sends nothing again ·
 * ended: `end` was called · refused: the broker refused a connection or a subscription ·
 * untrusted: the broker's certificate was not accepted · handler: one of yours threw
 */
export type ErrorCode =
  | "offline" | "crowded" | "full" | "large" | "replaced" | "expired" | "lost" | "ended" | "refused" | "untrusted" | "handler";

export declare class MqttError extends Error {
  readonly code: ErrorCode;
  readonly fault: Fault;
  /** `cause` is what a handler threw, or the reason of a refused connection. */
  constructor(code: ErrorCode, message: string, cause?: unknown);
}

/** A message that was not taken, or was given up. */
export interface Drop {
  topic: string;
  qos: QoS;
  error: MqttError;
}

export interface Events {
  /** A session is up; true when the broker still had the one from before. */
  connected: [sessionPresent: boolean];
  /** A connection ended, or an attempt failed; the client tries again by itself. */
  disconnected: [reason: Reason];
  message: [message: Message];
  /** What does not heal by itself. Where nobody listens it becomes a warning of the process. */
  error: [error: MqttError];
  drop: [drop: Drop];
  /** Messages have come that are larger than `largestIncoming`: acknowledged and not delivered; all of them so far. */
  skipped: [count: number];
  /** After a publish was refused as "full" or "crowded": there is room again. */
  room: [];
}

/** Called once: without an error when a message was sent (QoS 0) or acknowledged (QoS 1, 2). */
export type Done = (error?: MqttError) => void;

export interface Client {
  on<E extends keyof Events>(event: E, listener: (...args: Events[E]) => void): this;
  once<E extends keyof Events>(event: E, listener: (...args: Events[E]) => void): this;
  off<E extends keyof Events>(event: E, listener: (...args: Events[E]) => void): this;
  /**
   * @returns whether the message was accepted; where not, `done` has the reason and "drop" is emitted
   * @throws TypeError or RangeError for a topic, payload or option that MQTT does not allow, before anything is sent
   */
  publish(topic: string, payload: Payload, options?: { qos?: QoS; retain?: boolean }, done?: Done): boolean;
  /**
   * Subscribes, now or with the next session, and again whenever the broker has lost it. `handler` gets what matches
   * this filter; "message" gets everything.
   * @param done called once with the QoS that the broker granted; without it a refusal is an "error"
   */
  subscribe(
    filter: string,
    options?: { qos?: QoS },
    handler?: (message: Message) => void,
    done?: (error?: MqttError, granted?: QoS) => void,
  ): void;
  /** The handlers of the filter get nothing more. */
  unsubscribe(filter: string, done?: Done): void;
  /** Resolves to true when all that was accepted is sent and acknowledged; to false after `deadlineMs` (10,000). */
  flush(deadlineMs?: number): Promise<boolean>;
  /**
   * Sends DISCONNECT once all that was accepted is acknowledged, or after `deadlineMs` (5,000; 0: at once). Resolves
   * when the connection is closed; to false when something was given up for it.
   */
  end(deadlineMs?: number): Promise<boolean>;
  readonly connected: boolean;
  readonly clientId: string;
  /** Since the start: messages dropped, incoming ones skipped as too large, and what waits now. */
  readonly counters: { dropped: number; skipped: number; queued: number; inflight: number };
}

/**
 * Starts a client, which stays connected until `end`.
 * @throws TypeError or RangeError for options that are wrong
 */
export declare function connect(options: ConnectOptions | string): Client;
