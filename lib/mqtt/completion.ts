/**
 * Completion: each message can have one function that is told once what became of it. A program that uses it calls
 * `trackMessages` once, after `configureQueue` where it has a queue, which then also needs
 * `watchQueue(queueMoved)`. What was brought back from a store has lost its function with the program before.
 */
import { caught } from "#platform/system";
import { GONE, onSettled, settledHandler, slots } from "./inflight.ts";
import { ACKNOWLEDGED, DROPPED, KEPT, QUEUED, SENT } from "./outcome.ts";
import type { Publish } from "./publish.ts";

/** Gets SENT, ACKNOWLEDGED, DROPPED or EXPIRED (`outcome.ts`), once. */
export type Done = (this: void, outcome: number) => void;

const nobody: Done = () => {};
/** Whose message is being published. */
let current: Done | undefined;
/** Of the messages in the queue, in its order. */
const waiting: Done[] = [];
/** Of the messages in flight: their ids, and their functions in the same order. */
const keptIds: string[] = [];
const keptDones: Done[] = [];

const tell = (done: Done, outcome: number): void => {
  // eslint-disable-next-line portable/try -- one that throws must not stop the client
  try {
    done(outcome);
  } catch (e) {
    caught(e);
  }
};

/** The message that is being published has just been kept: it is the last one in flight. */
const noteKept = (): void => {
  if (current) {
    keptIds.push(slots[slots.length - 2]!.substring(2));
    keptDones.push(current);
    current = undefined;
  }
};

/** For `watchQueue`: what happens to the message at a place of the queue. */
export const queueMoved = (at: number, outcome: number): void => {
  const mine = current;
  if (outcome === KEPT) {
    return noteKept();
  }
  current = undefined;
  if (outcome === QUEUED) {
    waiting.push(mine ?? nobody);
  } else {
    const done = waiting[at]!;
    waiting.splice(at, 1);
    if (outcome === SENT) {
      current = done;
    } else {
      tell(done, outcome);
      current = mine;
    }
  }
};

/** Once, before the client starts and anything is published. */
export const trackMessages = (): void => {
  const next = settledHandler;
  onSettled((kept, how) => {
    const at = keptIds.indexOf(kept[0]!.substring(2));
    if (at >= 0) {
      const done = keptDones[at]!;
      keptIds.splice(at, 1);
      keptDones.splice(at, 1);
      tell(done, how > GONE ? ACKNOWLEDGED : DROPPED);
    }
    next(kept, how);
  });
};

/**
 * Publishes by `publish` (of QoS 0, `publishKept`, `enqueue`, `enqueueStored`), and has `done` told what became of it:
 * also when it is refused, and perhaps before this returns.
 */
export const publishWith = (publish: Publish, topic: string, payload: string, mode: number, done: Done): boolean => {
  current = done;
  const accepted = publish(topic, payload, mode);
  if (current === done) {
    if (accepted && mode > 1) {
      noteKept();
    } else {
      // Neither kept nor queued.
      current = undefined;
      tell(done, accepted ? SENT : DROPPED);
    }
  }
  return accepted;
};
