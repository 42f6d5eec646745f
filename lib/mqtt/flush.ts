/** Leaving with nothing left behind, so that a board may sleep. */
import { after } from "#platform/timer";
import { isDrained, leave, socket, stop } from "./client.ts";

const POLL_MS = 20;

/**
 * Waits until nothing waits, sends DISCONNECT, waits until the network has taken all bytes, and closes the connection.
 * The client stays away until `start`. What is published meanwhile is sent, up to DISCONNECT.
 * @param deadlineMs after this time it leaves as it is
 * @param isEmpty whether nothing waits: of `slots` (inflight.ts) and `entries` (queue.ts), what the program has
 * @param done told once: whether all was sent and acknowledged, DISCONNECT is out and the socket is drained
 */
export const flush = (
  deadlineMs: number, isEmpty: (this: void) => boolean, done: (this: void, complete: boolean) => void,
): void => {
  let leftMs = deadlineMs;
  let leaving = false;
  const check = (): void => {
    if (!leaving && isEmpty()) {
      leaving = true;
      leave();
    }
    const complete = leaving && isDrained;
    // A link that is lost before that: the broker may not have the DISCONNECT.
    if (complete || leftMs <= 0 || (leaving && !socket)) {
      stop();
      done(complete);
    } else {
      leftMs -= POLL_MS;
      after(check, POLL_MS);
    }
  };
  check();
};
