/**
 * The connection of an MQTT 3.1.1 client: CONNECT and CONNACK, keep-alive, reconnect with back-off, reassembly of
 * incoming packets, and publishing at QoS 0. What else a board needs (`qos1`, `subscribe`, ...) are modules that register
 * themselves here; what is not imported costs nothing.
 *
 * A board has one client, so its state lives at module level (as a class it was 15 % larger). A host that wants several
 * instantiates the compiled module several times. One state, one next deadline, one timer.
 */
import { close, write, type Socket } from "#platform/net";
import { after, cancel, type Timer } from "#platform/timer";
import type { Open } from "../platform/types.ts";
import { CONNACK, DISCONNECT_PACKET, header, PINGREQ_PACKET, PINGRESP, PUBLISH } from "./packet.ts";

/** How bytes reach the broker. */
export type OpenLink = Open<Socket>;

/** Gets the first byte of a packet, and where its body starts and ends in `received`. */
export type Handler = (this: void, first: number, start: number, end: number) => void;

/**
 * Takes the bytes of a PUBLISH that is too large to be held, and returns those that come after it. With `size` of 0 or
 * more it begins to skip that many bytes (0: none), below 0 it goes on.
 */
export type Skip = (this: void, bytes: string, first: number, size: number) => string;

/**
 * Why a connection ended, or was refused; docs/mqtt.md says whose fault each is. 1 to 5 are the codes of CONNACK (3.2.2.3).
 */
export const LINK_CLOSED = 6;
export const LINK_FAILED = 7;
export const TIMED_OUT = 8;
export const NO_PINGRESP = 9;
export const MALFORMED = 10;
export const TOO_LARGE = 11;

/** Back-off: a random wait in a window of 1 s that doubles up to 64 s ("full jitter"). */
const FIRST_WINDOW_MS = 1000;
const LAST_WINDOW_MS = 64000;
/** From opening the link to CONNACK. */
const CONNECT_TIMEOUT_MS = 20000;

let openLink: OpenLink;
let connectPacket: string;
let tickMs = 0;
let roomBytes = 0;
let largest = 0;
let downHandler: (this: void, reason: number) => void;
let skip: Skip | undefined;

let socket: Socket | undefined;
let timer: Timer | undefined;
let windowMs = FIRST_WINDOW_MS;
let rest = "";
let acks = "";
let undrained = 0;
let sent = false;
let heard = false;
let pinging = false;

/** True between an accepting CONNACK and the end of the connection. */
export let up = false;
/** The bytes that handlers read their packet from. */
export let received = "";

/**
 * What an incoming packet is given to, by its first byte (PUBLISH: by 0x30). A first byte that has none is a type that we
 * did not ask for or has bad flags, and closes the connection [MQTT-2.2.2-2, MQTT-4.8.0-1].
 */
export const handlers: (Handler | undefined)[] = [];
/** Called in order of registration when the session is up; `present` says whether the broker kept it (3.2.2.2). */
export const upHandlers: ((this: void, present: boolean) => void)[] = [];

const arm = (ms: number, fn: (this: void) => void): void => {
  cancel(timer);
  timer = after(ms, fn);
};

/** The byte at a place of `received`. */
export const byteAt = (at: number): number => received.charCodeAt(at);

/** Has PUBLISH packets that are too large skipped; without it they close the connection. */
export const skipWith = (fn: Skip): void => {
  skip = fn;
};

/** Sends a packet. */
export const send = (bytes: string): void => {
  sent = true;
  undrained += bytes.length;
  write(socket!, bytes);
};

/** Adds an acknowledgement: those of one data event go out in one write, in order [MQTT-4.6.0-2, -3]. */
export const acknowledge = (bytes: string): void => {
  acks += bytes;
};

const drop = (flush: boolean): void => {
  close(socket!, flush);
  socket = undefined;
  up = false;
};

const reopen = (): void => {
  rest = "";
  acks = "";
  undrained = 0;
  if (skip !== undefined) {
    skip("", 0, 0);
  }
  arm(CONNECT_TIMEOUT_MS, timedOut);
  socket = openLink(opened, receive, closed, drained);
  if (socket === undefined) {
    retry(LINK_FAILED);
  }
};

const retry = (reason: number): void => {
  arm(Math.floor(Math.random() * windowMs), reopen);
  windowMs = Math.min(windowMs * 2, LAST_WINDOW_MS);
  downHandler(reason);
};

/** Closes the connection for a reason, and tries again later. */
export const fail = (reason: number): void => {
  if (socket !== undefined) {
    drop(false);
    retry(reason);
  }
};

const timedOut = (): void => fail(TIMED_OUT);
const closed = (): void => fail(LINK_CLOSED);
const opened = (): void => send(connectPacket);
const drained = (): void => {
  undrained = 0;
};

/**
 * Comes every half keep-alive, so that no gap between two packets sent exceeds a keep-alive [MQTT-3.1.2-23], and so that a
 * link from which nothing comes is found within 1.5 of it even where we keep sending.
 */
const tick = (): void => {
  if (pinging) {
    return fail(NO_PINGRESP);
  }
  arm(tickMs, tick);
  // The connection stayed: a broker that accepts and drops at once never gets here, so it is backed off from, too.
  windowMs = FIRST_WINDOW_MS;
  if (!sent || !heard) {
    send(PINGREQ_PACKET);
    pinging = true;
  }
  sent = false;
  heard = false;
};

handlers[CONNACK] = (_first, start, end) => {
  const present = byteAt(start);
  const code = byteAt(start + 1);
  if (up || end - start !== 2 || present > 1 || code > 5) {
    return fail(MALFORMED);
  }
  if (code > 0) {
    if (code > 3) {
      // A refused login does not get better by trying: back off at once.
      windowMs = LAST_WINDOW_MS;
    }
    return fail(code);
  }
  up = true;
  pinging = false;
  arm(tickMs, tick);
  for (const handler of upHandlers) {
    handler(present > 0);
  }
};

handlers[PINGRESP] = () => {
  pinging = false;
};

const receive = (bytes: string): void => {
  heard = true;
  received = rest + bytes;
  if (skip !== undefined) {
    received = skip(received, 0, -1);
  }
  let at = 0;
  let length = received.length;
  while (at < length) {
    const first = byteAt(at);
    let start = at + 1;
    let size = 0;
    let scale = 1;
    let more = true;
    while (more && start < length) {
      const byte = byteAt(start);
      more = byte > 127;
      size += (byte & 127) * scale;
      scale *= 128;
      start++;
    }
    if (start - at > 5) {
      return fail(MALFORMED);
    }
    if (more) {
      break;
    }
    const handler = handlers[first > 47 && first < 64 ? PUBLISH : first];
    if (handler === undefined || (!up && first !== CONNACK)) {
      return fail(MALFORMED);
    }
    if (size > largest) {
      if (skip === undefined || first < PUBLISH) {
        return fail(TOO_LARGE);
      }
      received = skip(received.substring(start), first, size);
      at = 0;
      length = received.length;
    } else {
      if (start + size > length) {
        break;
      }
      at = start + size;
      handler(first, start, at);
    }
    if (socket === undefined) {
      return;
    }
  }
  rest = received.substring(at);
  if (acks !== "") {
    send(acks);
    acks = "";
  }
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
  largest = largestBytes;
  downHandler = onDown;
  reopen();
};

/** Tries again now, where the client waits to: for when the network is known to be back. */
export const retryNow = (): void => {
  if (socket === undefined) {
    windowMs = FIRST_WINDOW_MS;
    arm(Math.floor(Math.random() * FIRST_WINDOW_MS), reopen);
  }
};

/** Sends DISCONNECT and stays away [MQTT-3.14.4-1, -2]: the broker publishes no will. */
export const stop = (): void => {
  cancel(timer);
  if (socket !== undefined) {
    if (up) {
      send(DISCONNECT_PACKET);
    }
    drop(up);
  }
};

/** Publishes, by QoS; those above 0 are there when their module is. */
export const publishers: ((this: void, topic: string, payload: string, retain: boolean) => boolean)[] = [];

/**
 * Publishes at QoS 0. `topic` is a length-prefixed field (`packet.field`), made once.
 * @returns false when it was not accepted: no session, or the network does not take more.
 */
export const publish = (topic: string, payload: string, retain: boolean): boolean => {
  if (!up || undrained > roomBytes) {
    return false;
  }
  send(header(retain ? 49 : 48, topic.length + payload.length) + topic + payload);
  return true;
};

publishers[0] = publish;
