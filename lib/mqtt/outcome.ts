/** What becomes of a message. */

/** At QoS 0: handed to the network. Of the offline queue: given on to be sent. */
export const SENT = 0;
/** At QoS 1 and 2: the broker has it. */
export const ACKNOWLEDGED = 1;
/** Refused, thrown out of a full queue, or its session ended before it was acknowledged. */
export const DROPPED = 2;
/** It waited for longer than it is worth sending. */
export const EXPIRED = 3;
/** Of the offline queue: taken in, at its end. */
export const QUEUED = 4;
/** Of the offline queue: what was SENT is kept in flight now, the last there. */
export const KEPT = 5;
