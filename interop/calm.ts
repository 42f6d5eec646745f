/**
 * Some cases are about real time: what they see while the machine stands still, because others compute or the broker
 * got no processor, says nothing about client or broker. So these watch for it, and begin again.
 */
import type { Peer } from "./peer.ts";

const ATTEMPTS = 6;
const WATCH_MS = 20;
/** Of what is later than this nobody can tell whose fault it is: half of half a keep-alive of 1 s. */
const STALL_MS = 250;

/** The longest time from a packet of the client to what answers it; one that is not answered counts until now. */
export const slowestAnswerMs = ({ tap }: Peer, question: string, answer: string): number => {
  let slowest = 0;
  let askedMs: number | undefined;
  for (const { packet, atMs } of tap.packets) {
    if (packet === question) askedMs ??= atMs;
    if (packet === answer && askedMs !== undefined) {
      slowest = Math.max(slowest, atMs - askedMs);
      askedMs = undefined;
    }
  }
  return askedMs === undefined ? slowest : Math.max(slowest, Date.now() - askedMs);
};

/**
 * Runs what may fail because the machine stood still, and again where it did so.
 * @param attempt gets a name of its own for its client, and tells how long answers took
 */
export const whileCalm = async (attempt: (id: string, slow: (ms: number) => void) => Promise<void>): Promise<void> => {
  for (let left = ATTEMPTS - 1; ; left--) {
    let worst = 0;
    let last = Date.now();
    const look = (): void => {
      worst = Math.max(worst, Date.now() - last - WATCH_MS);
      last = Date.now();
    };
    const watch = setInterval(look, WATCH_MS);
    try {
      return await attempt(`attempt-${left}`, (ms) => (worst = Math.max(worst, ms)));
    } catch (error) {
      look();
      if (worst < STALL_MS) throw error;
      if (left === 0) throw new Error(`${String(error)} (the machine stood still for ${worst} ms: run it on one that is less busy)`, { cause: error });
    } finally {
      clearInterval(watch);
    }
  }
};
