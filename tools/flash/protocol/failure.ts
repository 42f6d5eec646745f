/** A flash that did not succeed: what happened, what to do, and what the board runs now. */
import { FAILURES, type FailureCode } from "./failures-table.ts";

/**
 * "untouched": nothing on it was changed; "previous": it runs what it ran before, "none": which was nothing; "new": the
 * new firmware is on it; "trial": so it is, until the next start brings the previous one back; "unsure": so it
 * is, perhaps for good; "unknown".
 */
export type BoardState = "untouched" | "previous" | "none" | "new" | "trial" | "unsure" | "unknown";

const STATES: Record<BoardState, string> = {
  untouched: "Nothing on the board was changed.",
  previous: "The board runs its previous firmware.",
  none: "The board runs no firmware, as before.",
  new: "The new firmware is on the board.",
  trial: "The board runs its previous firmware, or the new one until its next start.",
  unsure: "The board runs the new firmware; whether it keeps that at its next start is not certain.",
  unknown: "What the board runs now is not known.",
};

const fill = (text: string, fields: Record<string, string | number>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => String(fields[name] ?? whole));

export class Failure extends Error {
  readonly code: FailureCode;
  readonly advice: string;
  readonly exit: number;
  readonly fields: Record<string, string | number>;
  board: BoardState;

  constructor(code: FailureCode, fields: Record<string, string | number> = {}, board: BoardState = "untouched") {
    const row = FAILURES[code];
    super(fill(row.message, fields));
    this.name = "Failure";
    this.code = code;
    this.advice = fill(row.advice, fields);
    this.exit = row.exit;
    this.fields = fields;
    this.board = board;
  }

  /** The state of the board as a sentence. */
  get stateText(): string {
    return STATES[this.board];
  }
}

/** Text without the commands to a terminal in it. */
export const plain = (text: string): string => text.replace(/\x1b\[[0-9;?]*[A-Za-z]|\x08/g, "");

/** What came from a board, fit to be shown: control characters and long text are not. */
export function sample(text: string, most = 60): string {
  const shown = plain(text).replace(/[^ -~]+/g, (odd) =>
    (/^[\r\n]+$/.test(odd) ? " " : "\u{fffd}")).trim();
  return shown === "" ? "\"\"" : JSON.stringify(shown.length > most ? `${shown.slice(0, most)}...` : shown);
}
