/** What is going on, for people: a bar on a terminal, lines elsewhere; and for programs as JSON. */
import kleur from "kleur";
import type { Failure } from "./protocol/failure.ts";
import { rate } from "./protocol/rate.ts";
import type { Progress } from "./protocol/transport.ts";

export interface Report {
  progress(progress: Progress): void;
  /** Ends the bar. */
  line(text: string): void;
  failed(failure: Failure): void;
  done(text: string, details: Record<string, unknown>): void;
}

const WIDTH = 24;
const REFRESH_MS = 100;

const number = (value: number): string => Math.round(value).toLocaleString("en-US");

/** "[########--------] 3,072 of 6,204 bytes  5.1 KB/s  1 s left" */
export function bar(bytes: number, total: number, ms: number): string {
  const filled = total === 0 ? WIDTH : Math.round((WIDTH * bytes) / total);
  const { rate: speed, left } = rate(bytes, total, ms);
  return `[${"#".repeat(filled)}${"-".repeat(WIDTH - filled)}] ${number(bytes)} of ${number(total)} bytes  ${speed}  ${left}`;
}

export interface Output {
  write(text: string): void;
  isTty: boolean;
  now(): number;
}

const stdout: Output = {
  write: (text) => void process.stdout.write(text),
  isTty: process.stdout.isTTY === true,
  now: () => performance.now(),
};

/** For people. */
export function humanReport(out: Output = stdout): Report {
  let began: number | undefined;
  let shownAt = -Infinity;
  let hasBar = false;
  let latest = "";
  const clear = (): void => {
    if (hasBar) out.write("\r\x1b[2K");
    hasBar = false;
  };
  const line = (text: string): void => {
    clear();
    out.write(`${text}\n`);
  };
  return {
    line,
    progress({ step, text, bytes, total }) {
      if (bytes === undefined || total === undefined) {
        began = undefined;
        if (step !== "done" && text !== latest) line(`  ${text}`);
        latest = text;
        return;
      }
      began ??= out.now();
      const isLast = bytes >= total;
      const shown = bar(bytes, total, out.now() - began);
      if (!out.isTty) {
        if (isLast) line(`  ${shown}`);
      } else if (isLast || out.now() - shownAt > REFRESH_MS) {
        shownAt = out.now();
        out.write(`\r\x1b[2K  ${shown}`);
        hasBar = true;
        if (isLast) {
          out.write("\n");
          hasBar = false;
        }
      }
    },
    failed(failure) {
      clear();
      out.write(`${kleur.red("error")}: ${failure.message}\n  ${failure.advice}\n`);
      if (failure.exit >= 3) out.write(`  ${failure.stateText}\n`);
    },
    done: (text) => line(`  ${kleur.green(text)}`),
  };
}

/** One JSON object a line, each with the name of its board. */
export function jsonReport(board: string, write: (line: string) => void = (line) => console.log(line)): Report {
  const say = (event: Record<string, unknown>): void => write(JSON.stringify({ board, ...event }));
  return {
    line: () => {},
    progress: (progress) => say({ type: "progress", ...progress }),
    failed: ({ code, exit, message, advice, board: state, fields }) =>
      say({ type: "failed", exit, code, message, advice, state, fields }),
    done: (_text, details) => say({ type: "done", exit: 0, ...details }),
  };
}
