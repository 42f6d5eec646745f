/**
 * The connection of an MQTT 3.1.1 client: CONNECT and CONNACK, keep-alive, reconnect with back-off, reassembly of
 * incoming packets. What else a board needs (`publish`, `qos1`, `subscribe`, ...) are modules that register
 * themselves here; what is not imported costs nothing.
 * A board has one client, so its state lives at module level (as a class it was 15 % larger). A host that wants
 * several instantiates the compiled module several times. One state, one next deadline, one timer.
 */
import { close, type Socket } from "#platform/net";
import { after, cancel, noTimer } from "#platform/timer";
import { LINK_CLOSED, LINK_FAILED, MALFORMED, NO_PINGRESP, TIMED_OUT, TOO_LARGE } from "./reason.ts";
import { CONNECT_TIMEOUT_MS, FIRST_WINDOW_MS, LAST_WINDOW_MS, SECOND_WINDOW_MS } from "./timing.ts";
import type { Handler, OpenLink } from "./types.ts";
import { char, CONNACK, DISCONNECT_PACKET, PINGREQ_PACKET, PINGRESP, PUBLISH } from "./packet.ts";

export type { Handler, OpenLink } from "./types.ts";
let openLink: OpenLink;
let connectPacket: string;
let tickMs = 0;
let roomBytes = 0;
let largestIncoming = 0;
let downHandler: (this: void, reason: number) => void;
let skipsLarge = false;
let sendingHandler: ((this: void) => void) | undefined;
/** Of a PUBLISH that is too large: bytes to skip now, then bytes from its packet id on, and its QoS. */
let gap = 0;
let remainder = 0;
let gapQos = 0;
let socket: Socket | undefined;
let timer = noTimer;
/** The window that the next wait is drawn from. */
export let windowMs = FIRST_WINDOW_MS;
let rest = "";
let acks = "";
let undrained = 0;
/** Since the last tick: 1 (nothing was sent) + 2 (nothing was heard) + 4 (PINGRESP is awaited). */
let quiet = 0;

/** True between an accepting CONNACK and the end of the connection. */
export let up = false;
/** The bytes that handlers read their packet from. */
export let received = "";

/**
 * What an incoming packet is given to, by its first byte (PUBLISH: by 0x30). A first byte that has none is a type
 * that we did not ask for or has bad flags, and closes the connection [MQTT-2.2.2-2, MQTT-4.8.0-1].
 */
export const handlers: (Handler | undefined)[] = [];
/** Called in order of registration when the session is up; `present` says whether the broker kept it (3.2.2.2). */
export const upHandlers: ((this: void, present: boolean) => void)[] = [];

const arm = (ms: number, fn: (this: void) => void): void => {
  cancel(timer);
  timer = after(fn, ms);
};

/** The byte at a place of `received`. */
export const byteAt = (at: number): number => received.charCodeAt(at);
/** True while the network takes no more: what waits to be sent is as much as may wait. */
export const crowded = (): boolean => undrained > roomBytes;

/** How many messages were larger than what may come in: acknowledged as their QoS demands, and not delivered. */
export let skipped = 0;

/** Has a PUBLISH that is too large skipped as it streams past; without it, it closes the connection. */
export const skipLarge = (): void => {
  skipsLarge = true;
};

/** By QoS: acknowledges an incoming message, by the two bytes of its id, and says whether it is to be delivered. */
export const acknowledgers: ((this: void, id: string) => boolean)[] = [];

/** Has `fn` called before anything is sent: what has changed until then has to be stored first. */
export const beforeSending = (fn: (this: void) => void): void => {
  sendingHandler = fn;
};

/** Sends a packet. */
export const send = (bytes: string): void => {
  if (sendingHandler) {
    sendingHandler();
  }
  quiet &= 6;
  undrained += bytes.length;
  // eslint-disable-next-line portable/try -- one place for it, on the path of every packet
  try {
    socket!.write(bytes);
  } catch {
    // A socket that has ended throws until its close event is delivered: that event will tell.
  }
};

/** Adds a first byte and an id. Those of one data event go out in one write, in order [MQTT-4.6.0-2, -3]. */
export const acknowledge = (first: number, id: string): boolean => {
  acks += char(first, 2) + id;
  return true;
};

/** Sends what `acknowledge` has gathered. */
export const flushAcks = (): void => {
  if (acks !== "") {
    send(acks);
    acks = "";
  }
};

const drop = (flush: boolean): void => {
  close(socket!, flush);
  socket = undefined;
  up = false;
};

const reopen = (): void => {
  rest = acks = "";
  undrained = 0;
  if (skipsLarge) {
    gap = remainder = 0;
  }
  arm(CONNECT_TIMEOUT_MS, () => fail(TIMED_OUT));
  socket = openLink(opened, receive, () => fail(LINK_CLOSED), drained);
  if (!socket) {
    retry(LINK_FAILED);
  }
};

const retry = (reason: number): void => {
  arm(Math.random() * windowMs, reopen);
  if (windowMs < LAST_WINDOW_MS) {
    windowMs *= 2;
  }
  downHandler(reason);
};

/** Closes the connection for a reason, and tries again later. */
export const fail = (reason: number): void => {
  if (socket) {
    drop(false);
    retry(reason);
  }
};

const opened = (): void => send(connectPacket);
const drained = (): void => void (undrained = 0);

/**
 * Comes every half keep-alive, so that no gap between two packets sent exceeds a keep-alive [MQTT-3.1.2-23], and so
 * that a link from which nothing comes is found within 1.5 of it even where we keep sending.
 */
const tick = (): void => {
  if (quiet > 3) {
    fail(NO_PINGRESP);
  } else {
    arm(tickMs, tick);
    // The connection stayed: a broker that accepts and drops at once never gets here, so it is backed off from, too.
    windowMs = FIRST_WINDOW_MS;
    if (quiet > 0) {
      send(PINGREQ_PACKET);
      quiet = 7;
    } else {
      quiet = 3;
    }
  }
};

handlers[CONNACK] = (_first, start, end) => {
  const present = byteAt(start);
  const code = byteAt(start + 1);
  if (code > 3) {
    // A refused login does not get better by trying: back off at once.
    windowMs = LAST_WINDOW_MS;
  }
  if (end - start !== 2 || present > 1 || code > 5) {
    fail(MALFORMED);
  } else if (code > 0) {
    fail(code);
  } else {
    up = true;
    quiet = 1;
    arm(tickMs, tick);
    for (const handler of upHandlers) {
      handler(present > 0);
    }
  }
};

handlers[PINGRESP] = () => void (quiet &= 3);

const receive = (bytes: string): void => {
  quiet &= 5;
  received = rest + bytes;
  let at = 0;
  const length = received.length;
  while (at < length) {
    if (skipsLarge && gap > 0) {
      at += gap;
      gap = 0;
      if (at > length) {
        gap = at - length;
        at = length;
      }
    } else if (skipsLarge && remainder > 0) {
      if (at + 2 > length) {
        break;
      }
      if (gapQos > 0) {
        acknowledgers[gapQos]!(received.substring(at, at + 2));
      }
      gap = remainder;
      remainder = 0;
    } else {
      const first = byteAt(at);
      let start = at + 1;
      let size = 0;
      let scale = 1;
      let byte = 128;
      while (byte > 127 && start < length) {
        byte = byteAt(start++);
        size += (byte & 127) * scale;
        scale *= 128;
      }
      const handler = handlers[first >>> 4 === 3 ? PUBLISH : first];
      if (!handler || start - at > 5 || up === (first === CONNACK)) {
        return fail(MALFORMED);
      }
      const end = start + size;
      if (size > largestIncoming) {
        if (!skipsLarge || first >>> 4 !== 3) {
          return fail(TOO_LARGE);
        }
        if (byte > 127 || start + 2 > length) {
          break;
        }
        gapQos = (first & 6) / 2;
        gap = byteAt(start) * 256 + byteAt(start + 1);
        remainder = size - 2 - gap;
        if (remainder < 0 || (gapQos > 0 && (remainder < 2 || !acknowledgers[gapQos]))) {
          return fail(MALFORMED);
        }
        skipped++;
        at = start + 2;
      } else {
        if (byte > 127 || end > length) {
          break;
        }
        at = end;
        handler(first, start, end);
      }
    }
    if (!socket) {
      return;
    }
  }
  rest = received.substring(at);
  flushAcks();
};

/**
 * Starts the client and keeps it connected.
 * @param open how bytes reach the broker
 * @param packet CONNECT, as `packet.connect` encodes it
 * @param halfKeepAliveMs half the keep-alive of that CONNECT in ms; where that is 0, how often to ping all the same
 * @param limitBytes bytes that may wait in the chip's send buffer before `publish` refuses
 * @param largestBytes largest remaining length of an incoming packet
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
  roomBytes = limitBytes;
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

/** Sends DISCONNECT and stays away [MQTT-3.14.4-1, -2]: the broker publishes no will. */
export const stop = (): void => {
  cancel(timer);
  if (socket) {
    if (up) {
      send(DISCONNECT_PACKET);
    }
    drop(up);
  }
};
