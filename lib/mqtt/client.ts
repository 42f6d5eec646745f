/**
 * The connection of an MQTT 3.1.1 client: CONNECT, keep-alive, reconnect with back-off, reassembly of packets. What
 * else a board needs (`publish`, `qos1`, ...) are modules that register themselves here; what is not imported costs
 * nothing. A board has one client, so its state lives at module level (as a class it was 15 % larger). One timer.
 */
import { close, type Socket } from "#platform/net";
import { after, cancel, noTimer } from "#platform/timer";
import { char, CONNACK, DISCONNECT_PACKET, LARGEST_SCALE, PINGREQ_PACKET, PINGRESP, PUBLISH } from "./packet.ts";
import { LINK_CLOSED, LINK_FAILED, MALFORMED, NO_PINGRESP, TIMED_OUT, TOO_LARGE } from "./reason.ts";
import { CONNECT_TIMEOUT_MS, FIRST_WINDOW_MS, LAST_WINDOW_MS, SECOND_WINDOW_MS } from "./timing.ts";
import type { Handler, OpenLink } from "./types.ts";

/**
 * The packet that a handler reads: the bytes that came, its first byte, where its body starts and ends. Not
 * arguments, as these are variables in each handler. What is used most stands first: names are searched in order.
 */
export let received = "";
export let first = 0;
export let bodyStart = 0;
export let bodyEnd = 0;
/** True between an accepting CONNACK and the end of the connection. */
export let up = false;
export let socket: Socket | undefined;
/** Since the last tick: 1 (nothing was sent) + 2 (nothing was heard) + 4 (PINGRESP is awaited). */
let quiet = 0;
export let undrained = 0;
let roomBytes = 0;
let acks = "";
let rest = "";
let largestIncoming = 0;
let sendingHandler: ((this: void) => void) | undefined;
let skipsLarge = false;
/** Of a PUBLISH that is too large: bytes to skip now, then bytes from its packet id on, and its QoS. */
let gap = 0;
let remainder = 0;
let gapQos = 0;
let timer = noTimer;
let tickMs = 0;
/** The window that the next wait is drawn from. */
export let windowMs = FIRST_WINDOW_MS;
let openLink: OpenLink;
let connectPacket: string;
let downHandler: (this: void, reason: number) => void;

/** Where `handlers` are that may come before CONNACK was accepted: so far behind. */
const EARLY = 256;
/**
 * What an incoming packet is given to, by its first byte (PUBLISH: by 0x30). A first byte that has none is a type
 * that we did not ask for, or not now, or has bad flags, and closes the connection [MQTT-2.2.2-2, MQTT-4.8.0-1].
 */
export const handlers: (Handler | undefined)[] = [];
/** Called in order of registration when the session is up; `present` says whether the broker kept it (3.2.2.2). */
export const upHandlers: ((this: void, present: boolean) => void)[] = [];

const arm = (ms: number, fn: (this: void) => void): void => {
  cancel(timer);
  timer = after(fn, ms);
};

/** True while the network takes no more. */
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

export const send = (bytes: string): void => {
  if (sendingHandler) {
    sendingHandler();
  }
  quiet &= 6;
  undrained += bytes.length;
  // A socket that has ended throws until its close event is delivered: that event will tell.
  // eslint-disable-next-line portable/try -- one place for it, on the path of every packet
  try {
    socket!.write(bytes);
  } catch {}
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
  gap = remainder = 0;
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

handlers[EARLY + CONNACK] = () => {
  const present = received.charCodeAt(bodyStart);
  const code = received.charCodeAt(bodyStart + 1);
  if (code > 3) {
    // A refused login does not get better by trying: back off at once.
    windowMs = LAST_WINDOW_MS;
  }
  if (bodyEnd - bodyStart !== 2 || present > 1 || code > 5) {
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
      const skippedNow = gap < length - at ? gap : length - at;
      at += skippedNow;
      gap -= skippedNow;
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
      first = received.charCodeAt(at);
      bodyStart = at + 2;
      let size = received.charCodeAt(at + 1);
      let byte = size;
      let scale = 1;
      // A byte that has not come yet is NaN, which is not above 127, and makes the size and the end NaN, too.
      while (byte > 127) {
        byte = received.charCodeAt(bodyStart++);
        scale *= 128;
        // The 1 is the flag of the byte before, which was counted as a part of the length.
        size += (byte - 1) * scale;
      }
      const handler = handlers[!up ? first + EARLY : first >>> 4 === 3 ? PUBLISH : first];
      if (!handler || scale > LARGEST_SCALE) {
        return fail(MALFORMED);
      }
      bodyEnd = bodyStart + size;
      if (size > largestIncoming) {
        if (!skipsLarge || first >>> 4 !== 3) {
          return fail(TOO_LARGE);
        }
        if (bodyStart + 2 > length) {
          break;
        }
        gapQos = (first & 6) / 2;
        gap = received.charCodeAt(bodyStart) * 256 + received.charCodeAt(bodyStart + 1);
        remainder = size - 2 - gap;
        if (remainder < 0 || (gapQos > 0 && (remainder < 2 || !acknowledgers[gapQos]))) {
          return fail(MALFORMED);
        }
        skipped++;
        at = bodyStart + 2;
      } else if (bodyEnd <= length) {
        at = bodyEnd;
        handler();
      } else {
        break;
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

/**
 * Sends DISCONNECT and stays away [MQTT-3.14.4-1, -2]: the broker publishes no will. One that `lingers` leaves the
 * connection open until this is called again.
 */
export const stop = (lingers?: boolean): void => {
  cancel(timer);
  if (socket) {
    if (up) {
      send(DISCONNECT_PACKET);
    }
    if (lingers === true) {
      up = false;
    } else {
      drop(up);
    }
  }
};
