/**
 * QoS 2, "exactly once" (4.3.3), both ways. Out: a slot holds the PUBLISH until PUBREC, then the PUBREL until PUBCOMP.
 * In: the ids of messages that were delivered and not yet released, a bounded number of them.
 */
import { fail, handlers, upHandlers } from "./client.ts";
import { settle, slots } from "./inflight.ts";
import { PUBACK, PUBACK_HEAD, PUBCOMP, PUBCOMP_HEAD, PUBREC, PUBREC_HEAD, PUBREL, PUBREL_HEAD } from "./packet.ts";
import { acknowledge, acknowledgers, flushAcks, packetAt, packetEnd, received } from "./reader.ts";
import "./qos1.ts";
import { MALFORMED, TOO_LARGE } from "./reason.ts";

/** Mosquitto sends at most 20 at once by default; a broker that sends more is disconnected, and begins again. */
let mostHeld = 32;

/** The ids of messages that were delivered and not yet released. */
export const held: string[] = [];

/** Sets how many ids may be held, once, before the client starts: for a host that has the memory. */
export const holdAtMost = (ids: number): void => {
  mostHeld = ids;
};

/** Has what waits for the PUBREC with the id of this packet wait for another packet. Returns where it is, or 0. */
const awaitNext = (head: string): number => {
  const id = received.substring(packetAt + 2, packetEnd);
  const at = slots.indexOf(PUBREC_HEAD + id);
  if (at >= 0) {
    slots[at] = head + id;
  }
  return at + 1;
};

/** A PUBREC is always answered, also one that comes twice [MQTT-4.3.3-1]. After it the PUBLISH is not sent again. */
handlers[PUBREC] = () => {
  const at = awaitNext(PUBCOMP_HEAD);
  const release = PUBREL_HEAD + received.substring(packetAt + 2, packetEnd);
  if (release.length !== 4) {
    return fail(MALFORMED);
  }
  if (at > 0) {
    slots[at] = release;
  }
  acknowledge(release);
};

handlers[PUBCOMP] = settle;

/**
 * A broker without QoS 2 (RabbitMQ before 3.12) answers such a message by PUBACK: it has the message, and nothing more
 * will come.
 */
handlers[PUBACK] = () => {
  awaitNext(PUBACK_HEAD);
  settle();
};

acknowledgers[4] = (id) => {
  const known = held.indexOf(id) >= 0;
  if (!known) {
    if (held.length >= mostHeld) {
      // What was acknowledged before has to reach the broker, or the next connection would end the same way.
      flushAcks();
      fail(TOO_LARGE);
      return false;
    }
    held.push(id);
  }
  acknowledge(PUBREC_HEAD + id);
  return !known;
};

/** PUBCOMP answers a PUBREL of an unknown id, too [MQTT-4.3.3-2]. */
handlers[PUBREL] = () => {
  const id = received.substring(packetAt + 2, packetEnd);
  if (id.length !== 2) {
    return fail(MALFORMED);
  }
  const at = held.indexOf(id);
  if (at >= 0) {
    held.splice(at, 1);
  }
  acknowledge(PUBCOMP_HEAD + id);
};

upHandlers.push((present) => {
  if (!present) {
    held.splice(0, held.length);
  }
});
