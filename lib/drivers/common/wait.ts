/** Waits for a part that can be asked whether it is ready. */
import { after } from "#platform/timer";
import type { ReadError } from "../types.ts";

/** What a question gives while the part is not ready, and what becomes of it when it never is. */
export const LATE: ReadError = "timeout";

/**
 * Asks after `ms`, and as long as the answer is {@link LATE} again every `againMs`, `times` times more. `done` gets the
 * last answer: "" when the part is ready.
 */
export const askAfter = (
  ms: number,
  againMs: number,
  times: number,
  ask: (this: void) => ReadError,
  done: (this: void, error: ReadError) => void,
): void => {
  after(() => {
    const answer = ask();
    if (answer === LATE && times > 0) {
      askAfter(againMs, againMs, times - 1, ask, done);
    } else {
      done(answer);
    }
  }, ms);
};
