/** Talking over a transport: text goes out, what comes back is collected and waited for. */
import { fromBinary, toBinary } from "./bytes.ts";
import { Failure } from "./failure.ts";
import { sleep, type Timing, type Transport } from "./transport.ts";

/** Older text than this is forgotten: a board may chatter for hours. */
const MOST_HEARD = 32_768;
/** A board that says "stop sending" (XOFF) is heeded for so long: noise may say it, too. */
const XOFF_MS = 3000;
const XON = "\x11";
const XOFF = "\x13";
/** Sent at once; in between "stop sending" is looked at. */
const SLICE_BYTES = 256;
const REOPEN_MS = 250;
/** Bits of a byte on a serial line. */
const BITS = 10;

export interface Conversation {
  readonly timing: Timing;
  /** What it is about, for messages: "writing byte 512 of 6204". */
  doing: string;
  /** The port, for messages. */
  readonly port: string;
  send(text: string): Promise<void>;
  /** How many characters were heard. */
  position(): number;
  /** What was heard from a position on. Flow control is taken out. */
  heard(from?: number): string;
  /**
   * Asks `test` for a result now and with all that is heard from a position on, until it gives one: that, or undefined
   * after `ms`. Rejects when the transport ends.
   */
  wait<T>(test: (heard: string) => T | undefined, ms: number, from: number): Promise<T | undefined>;
  /**
   * The same, where the transport is expected to end, and may come back: it is opened again, if it can be.
   */
  waitOverRestart<T>(test: (heard: string) => T | undefined, ms: number, from: number): Promise<T | undefined>;
  /** How long so many bytes are on the line. */
  lineMs(bytes: number): number;
}

/** `signal`: whoever aborts it makes the next exchange a Failure, once: what is left to do can be done then. */
export function converse(transport: Transport, timing: Timing, port: string, signal?: AbortSignal): Conversation {
  let kept = "";
  let count = 0;
  let ended: string | undefined;
  let pausedAt: number | undefined;
  let look: (() => void) | undefined;

  let interrupted = false;
  signal?.addEventListener("abort", () => {
    interrupted = true;
    look?.();
  });
  /** True, and it is over, when somebody has interrupted. */
  const isInterrupted = (): boolean => {
    const was = interrupted;
    interrupted = false;
    return was;
  };
  const failure = (): Failure => new Failure("closed", { doing: self.doing, reason: ended ?? "it is closed" });

  transport.onData = (bytes) => {
    let text = toBinary(bytes);
    const flow = Math.max(text.lastIndexOf(XON), text.lastIndexOf(XOFF));
    if (flow >= 0) {
      pausedAt = text[flow] === XOFF ? timing.now() : undefined;
      text = text.replace(/[\x11\x13]/g, "");
    }
    kept = (kept + text).slice(-MOST_HEARD);
    count += text.length;
    look?.();
  };
  transport.onClose = (reason) => {
    ended = reason === "" ? "the port is gone" : reason;
    look?.();
  };

  const heard = (from = 0): string => (from >= count ? "" : kept.slice(Math.max(0, kept.length - (count - from))));

  const waitFor = <T>(
    test: (text: string) => T | undefined, ms: number, from: number, overRestart: boolean,
  ): Promise<T | undefined> => new Promise((resolve, reject) => {
    const cancel = timing.after(Math.max(0, ms), () => {
      look = undefined;
      resolve(undefined);
    });
    look = () => {
      const result = test(heard(from));
      const isOver = interrupted || (ended !== undefined && !overRestart);
      if (result === undefined && !isOver) return;
      look = undefined;
      cancel();
      if (isInterrupted()) reject(new Failure("interrupted", { doing: self.doing }));
      else if (result === undefined) reject(failure());
      else resolve(result);
    };
    look();
  });

  const self: Conversation = {
    timing, port, doing: "connecting",
    heard,
    position: () => count,
    lineMs: (bytes) => (transport.baud === undefined ? 0 : Math.ceil((bytes * BITS * 1000) / transport.baud)),
    async send(text) {
      for (let at = 0; at < text.length; at += SLICE_BYTES) {
        const since = timing.now();
        while (pausedAt !== undefined && timing.now() - since < XOFF_MS && ended === undefined) await sleep(timing, 10);
        pausedAt = undefined;
        if (ended !== undefined) throw failure();
        try {
          await transport.write(fromBinary(text.slice(at, at + SLICE_BYTES)));
        } catch (error) {
          ended ??= error instanceof Error ? error.message : String(error);
          throw failure();
        }
      }
    },
    wait: (test, ms, from) => waitFor(test, ms, from, false),
    async waitOverRestart(test, ms, from) {
      const until = timing.now() + ms;
      while (timing.now() < until) {
        if (ended !== undefined) {
          if (transport.reopen === undefined) throw failure();
          try {
            await transport.reopen();
            ended = undefined;
          } catch {
            await sleep(timing, REOPEN_MS);
            continue;
          }
        }
        // In turns, to see whether it has ended.
        const result = await waitFor(test, Math.min(REOPEN_MS, until - timing.now()), from, true);
        if (result !== undefined) return result;
      }
      return undefined;
    },
  };
  return self;
}
