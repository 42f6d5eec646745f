/**
 * The connection of an MQTT 3.1.1 client: CONNECT, keep-alive, reconnect with back-off (`reader.ts` reads), and
 * publishing at QoS 0. What else a board needs (`qos1`, `subscribe`, ...) are modules that register themselves here;
 * what is not imported costs nothing. A board has one client, so its state lives at module level (as a class it was
 * 15 % larger). One timer. What runs for each packet is written for an interpreter that reads source text: few names,
 * few calls, few methods; `npm run bench` says what that buys.
 */
import { close, hasEnded, writer, type Socket } from "#platform/net";
import { after, cancel, noTimer } from "#platform/timer";
import { char, DISCONNECT_PACKET, header, PINGREQ_PACKET, PUBLISH } from "./packet.ts";
import { forgetRest, packetAt, packetEnd, receive, stopReading, view } from "./reader.ts";
import { LINK_CLOSED, LINK_FAILED, MALFORMED, NO_PINGRESP, TIMED_OUT } from "./reason.ts";
import { CONNECT_TIMEOUT_MS, FIRST_WINDOW_MS, LAST_WINDOW_MS, SECOND_WINDOW_MS } from "./timing.ts";
import type { Handlers, OpenLink, Publish } from "./types.ts";

/** What a packet is given to now: `greeting` before an accepting CONNACK, then `handlers`. */
export let table: Handlers | undefined;
/** How many bytes the network takes before `publish` refuses; not above 0 without a session. */
let room = 0;
let scratch: number;
/**
 * Sends a packet, whatever room there is: of all but QoS 0 the number is bounded elsewhere. Bound to its socket, as it
 * takes longer to look up a method than what it does.
 */
export let write: (this: void, bytes: string) => unknown;
export let largestIncoming: number;
/** True between an accepting CONNACK and the end of the connection. */
export let up = false;
export let socket: Socket | undefined;
/** No value before the first session; that is as good as false. */
let isPingAwaited: boolean;
let beforeWriting: ((this: void) => void) | undefined;
let timer = noTimer;
let tickMs: number;
let limitRoom: number;
/** The window that the next wait is drawn from. */
export let windowMs = FIRST_WINDOW_MS;
let openLink: OpenLink;
let connectPacket: string;
let downHandler: (this: void, reason: number) => void;

/** Does nothing. */
export const nothing = (): void => {};
/**
 * What an incoming packet is given to, by its first byte (PUBLISH: of those that have no handler of their own, by
 * 0x30). A first byte that has none is a type that we did not ask for, or not now, or has bad flags, and closes the
 * connection [MQTT-2.2.2-2, MQTT-4.8.0-1].
 */
export const handlers: Handlers = { /* PINGRESP */ 0xd0: () => void (isPingAwaited = false) };
/** Called in order of registration when the session is up; `present` says whether the broker kept it (3.2.2.2). */
export const upHandlers: ((this: void, present: boolean) => void)[] = [];

const arm = (ms: number, fn: (this: void) => void): void => {
  cancel(timer);
  timer = after(fn, ms);
};

/** Whether the network has taken all that was sent before `stop(true)`, and the DISCONNECT. */
export let isDrained = false;

/** Has `fn` called before anything is sent: what has changed until then has to be stored first. */
export const beforeSending = (fn: (this: void) => void): void => {
  beforeWriting = fn;
};

/**
 * Publishes at QoS 0 (4.3.1): sent once, never stored. Not accepted: there is no session, or the network does not take
 * more.
 */
export const publish: Publish = (topic, payload, mode) => {
  scratch = topic.length + payload.length;
  if (room > 0) {
    room -= scratch;
    // What `header` does; a call takes longer. In Lua all of a packet is joined at once: it allocates no more.
    write((scratch < 128 ? char(PUBLISH + mode, scratch) : header(PUBLISH + mode, scratch)) + topic + payload);
    return true;
  }
  return false;
};

/** Nothing more is published, nor taken of what came. */
const fallSilent = (): void => {
  up = false;
  room = 0;
  stopReading();
};

/** For what comes last: the other side may have ended the connection already. */
export const endWriting = (): void => {
  if (hasEnded(socket!)) {
    // Its close event will tell; until then it would throw.
    write = nothing;
  }
};

const drop = (flush: boolean): void => {
  socket = close(socket!, flush);
  fallSilent();
};

const opened = (): void => {
  const before = beforeWriting;
  write = writer(socket!);
  if (before) {
    const raw = write;
    write = (bytes) => {
      before();
      return raw(bytes);
    };
  }
  write(connectPacket);
};

const drained = (): void => {
  room = up ? limitRoom : 0;
  isDrained = true;
};

const reopen = (): void => {
  forgetRest();
  table = greeting;
  arm(CONNECT_TIMEOUT_MS, () => fail(TIMED_OUT));
  socket = openLink(opened, receive, () => fail(LINK_CLOSED), drained);
  if (!socket) {
    retry(LINK_FAILED);
  }
};

const retry = (reason: number): void => {
  arm(Math.random() * windowMs, reopen);
  windowMs = windowMs < LAST_WINDOW_MS ? windowMs * 2 : windowMs;
  downHandler(reason);
};

/** Closes the connection for a reason, and tries again later. */
export const fail = (reason: number): void => {
  if (socket) {
    drop(false);
    retry(reason);
  }
};

/**
 * Comes every half keep-alive: PINGREQ, whatever else is sent, so that no gap between two packets sent exceeds a
 * keep-alive [MQTT-3.1.2-23], and so that a link from which no PINGRESP comes is found within 1.5 of it
 * [MQTT-3.1.2-24].
 */
const tick = (): void => {
  if (isPingAwaited) {
    fail(NO_PINGRESP);
  } else {
    arm(tickMs, tick);
    // The connection stayed: a broker that accepts and drops at once never gets here, so it is backed off from, too.
    windowMs = FIRST_WINDOW_MS;
    isPingAwaited = true;
    write(PINGREQ_PACKET);
  }
};

/** Before an accepting CONNACK nothing else may come [MQTT-3.2.0-1]. */
const greeting: Handlers = { /* CONNACK */ 0x20: () => {
  const present = view[packetAt + 2]!;
  const code = packetEnd - packetAt !== 4 || present > 1 || view[packetAt + 3]! > 5 ? MALFORMED : view[packetAt + 3]!;
  if (code > 3) {
    // A refused login does not get better by trying, nor does another protocol: back off at once.
    windowMs = LAST_WINDOW_MS;
  }
  if (code > 0) {
    fail(code);
  } else {
    up = true;
    table = handlers;
    room = limitRoom;
    isPingAwaited = false;
    arm(tickMs, tick);
    for (const handler of upHandlers) {
      handler(present > 0);
    }
  }
} };

/**
 * Starts the client and keeps it connected.
 * @param open how bytes reach the broker
 * @param packet CONNECT, as `packet.connect` encodes it
 * @param halfKeepAliveMs half the keep-alive of that CONNECT in ms; where that is 0, how often to ping all the same
 * @param limitBytes bytes that may wait in the chip's send buffer before `publish` refuses
 * @param largestBytes largest remaining length of an incoming packet, at least 127
 * @param onDown called with the reason whenever a connection ended or was refused
 */
export const start = (
  open: OpenLink,
  packet: string,
  halfKeepAliveMs: number,
  limitBytes: number,
  largestBytes: number,
  onDown: (this: void, reason: number) => void,
): void => {
  openLink = open;
  connectPacket = packet;
  tickMs = halfKeepAliveMs;
  limitRoom = limitBytes;
  largestIncoming = largestBytes;
  downHandler = onDown;
  reopen();
};

/** Tries again now, where the client waits to: for when the network is known to be back. */
export const retryNow = (): void => {
  if (!socket) {
    // As after an attempt that failed: perhaps one did, and was given up.
    windowMs = 2 * SECOND_WINDOW_MS;
    arm(Math.random() * FIRST_WINDOW_MS, reopen);
  }
};

/** Sends DISCONNECT, and nothing more [MQTT-3.14.4-2]: the broker publishes no will. */
export const leave = (): void => {
  cancel(timer);
  if (up) {
    write(DISCONNECT_PACKET);
  }
  isDrained = !up;
  table = undefined;
  fallSilent();
};

/** Sends DISCONNECT, closes the connection and stays away [MQTT-3.14.4-1, -2]. */
export const stop = (): void => {
  const wasUp = up;
  if (socket) {
    leave();
    drop(wasUp);
  }
  cancel(timer);
};
