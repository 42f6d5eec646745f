/**
 * Completion: each message can have one function that is told once what became of it. A program that uses it calls
 * `trackMessages` once, after `configureQueue` where it has a queue, which then also needs
 * `watchQueue(queueMoved)`. What was brought back from a store has lost its function with the program before.
 */
import { caught } from "#platform/system";
import { onKept, onSettled, settledHandler } from "./inflight.ts";
import { ACKNOWLEDGED, DROPPED, QUEUED, SENT } from "./outcome.ts";
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

/** For `watchQueue`: what happens to the message at a place of the queue. */
export const queueMoved = (at: number, outcome: number): void => {
  const mine = current;
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
  onKept((id) => {
    if (current) {
      keptIds.push(id);
      keptDones.push(current);
      current = undefined;
    }
  });
  onSettled((slot, acknowledged, answered) => {
    const at = keptIds.indexOf(slot.substring(0, 2));
    if (at >= 0) {
      const done = keptDones[at]!;
      keptIds.splice(at, 1);
      keptDones.splice(at, 1);
      tell(done, acknowledged ? ACKNOWLEDGED : DROPPED);
    }
    next(slot, acknowledged, answered);
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
    // Neither kept nor queued.
    current = undefined;
    tell(done, accepted ? SENT : DROPPED);
  }
  return accepted;
};
