/** Parts on a serial port that answer a command with one frame of a fixed size, and need a while after power-on. */
import { after, cancel, noTimer, now } from "#platform/timer";
import type { UartPort } from "../../platform/types.ts";
import type { ReadError } from "../types.ts";

/** Gets "" and the frame, or the error. */
export type FrameDone = (this: void, error: ReadError, frame: string) => void;

/**
 * Returns how to ask for a frame, one at a time. What comes while nobody asks is passed over, and so is what does not
 * begin like a frame, byte by byte. Errors: "timeout": no answer; "checksum": none that is right; "preheating": it
 * has had power, as far as the node knows, for too short a time. One that did not answer may have lost its power.
 * @param command what is sent
 * @param head how a frame begins
 * @param bytes of a frame
 * @param answerMs the longest that an answer takes
 * @param preheatMs time after power-on in which an answer is no reading
 * @param isRight whether the checksum of what begins with a frame is right
 */
export const frames = (
  port: UartPort, command: string, head: string, bytes: number, answerMs: number, preheatMs: number,
  isRight: (this: void, buffer: string) => boolean,
): ((this: void, done: FrameDone) => void) => {
  let buffer = "";
  let problem: ReadError = "";
  let timer = noTimer;
  let poweredMs = now();
  let end: FrameDone | undefined;

  const finish = (error: ReadError): void => {
    const done = end!;
    const frame = buffer;
    cancel(timer);
    end = undefined;
    buffer = "";
    if (error === "timeout") {
      poweredMs = now();
    }
    done(error, frame);
  };
  port.onData((more) => {
    buffer = end === undefined ? "" : buffer + more;
    while (buffer.length >= bytes) {
      if (buffer.substring(0, head.length) !== head) {
        buffer = buffer.substring(1);
      } else if (isRight(buffer)) {
        finish(now() - poweredMs < preheatMs ? "preheating" : "");
      } else {
        problem = "checksum";
        buffer = buffer.substring(1);
      }
    }
  });
  return (done) => {
    end = done;
    problem = "timeout";
    port.write(command);
    timer = after(() => finish(problem), answerMs);
  };
};
