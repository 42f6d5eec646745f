/**
 * QoS 2, "exactly once" (4.3.3), both ways. Out: a slot holds the PUBLISH until PUBREC, then the PUBREL until PUBCOMP.
 * In: the ids of messages that were delivered and not yet released, a bounded number of them.
 */
import {
  acknowledge, acknowledgers, bodyEnd, bodyStart, fail, flushAcks, handlers, received, upHandlers,
} from "./client.ts";
import { ids, KIND, settle, slots } from "./inflight.ts";
import { char, PUBCOMP, PUBLISH, PUBREC, PUBREL } from "./packet.ts";
import { publishers } from "./publish.ts";
import { publishKept } from "./qos1.ts";
import { MALFORMED, TOO_LARGE } from "./reason.ts";

/** Mosquitto sends at most 20 at once by default; a broker that sends more is disconnected, and begins again. */
let mostHeld = 32;

/** The ids of messages that were delivered and not yet released. */
export const held: string[] = [];

/** Sets how many ids may be held, once, before the client starts: for a host that has the memory. */
export const holdAtMost = (ids: number): void => {
  mostHeld = ids;
};

publishers[2] = publishKept;

/** A PUBREC is always answered, also one that comes twice [MQTT-4.3.3-1]. After it the PUBLISH is not sent again. */
handlers[PUBREC] = () => {
  const id = received.substring(bodyStart, bodyEnd);
  if (id.length !== 2) {
    return fail(MALFORMED);
  }
  const at = ids.indexOf(id);
  if (at >= 0 && (slots[at]!.charCodeAt(2) & KIND) === PUBLISH + 4) {
    slots[at] = id + char(PUBREL, 2) + id;
  }
  acknowledge(PUBREL, id);
};

handlers[PUBCOMP] = settle;

acknowledgers[2] = (id) => {
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
  acknowledge(PUBREC, id);
  return !known;
};

/** PUBCOMP answers a PUBREL of an unknown id, too [MQTT-4.3.3-2]. */
handlers[PUBREL] = () => {
  const id = received.substring(bodyStart, bodyEnd);
  if (id.length !== 2) {
    return fail(MALFORMED);
  }
  const at = held.indexOf(id);
  if (at >= 0) {
    held.splice(at, 1);
  }
  acknowledge(PUBCOMP, id);
};

upHandlers.push((present) => {
  if (!present) {
    held.splice(0, held.length);
  }
});
