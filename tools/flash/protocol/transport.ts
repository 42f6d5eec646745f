/**
 * What a protocol needs of the way to a board, and of time. Nothing of Node is here or in the files beside it: a
 * browser runs them, too.
 */

/** A way to a board: serial port, TCP connection, Web Serial, Web Bluetooth, a simulated board. */
export interface Transport {
  /** Sends bytes; resolves when they have left, as far as one can tell. Rejects when the way is gone. */
  write(bytes: Uint8Array): Promise<void>;
  /** Set by the protocol: what the board says. */
  onData?: ((bytes: Uint8Array) => void) | undefined;
  /** Set by the protocol: the way has ended by itself, with the reason if one is known. */
  onClose?: ((reason: string) => void) | undefined;
  close(): Promise<void>;
  /** Control lines, where there are any. */
  setSignals?(signals: { dtr?: boolean; rts?: boolean }): Promise<void>;
  setBaud?(baud: number): Promise<void>;
  /** Bits a second, where that says how long a byte takes. */
  readonly baud?: number;
  /**
   * Opens it again after it has ended, as a USB port that vanishes while its board restarts. Rejects when it is not
   * there (yet). Absent: what has ended stays so.
   */
  reopen?(): Promise<void>;
}

/** Time, so that tests need not wait. */
export interface Timing {
  /** Milliseconds. */
  now(): number;
  /** Calls `fn` once, later; returns how to take that back. */
  after(ms: number, fn: () => void): () => void;
}

/** Time as it passes. */
export const realTiming: Timing = {
  now: () => performance.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => clearTimeout(timer);
  },
};

export const sleep = (timing: Timing, ms: number): Promise<void> =>
  new Promise((done) => void timing.after(ms, done));

/** What is going on, for people. */
export type Step =
  | "connect" | "check" | "stop" | "upload" | "verify" | "switch" | "restart" | "confirm" | "rollback" | "done";

export interface Progress {
  step: Step;
  /** A short sentence. */
  text: string;
  /** While bytes are under way. */
  bytes?: number;
  total?: number;
}

/** How long things may take, ms, and how often they are tried. */
export interface Limits {
  /** Until a board that may be starting answers. */
  connectMs: number;
  /** Until a command is answered, sending aside; doubled with each attempt. */
  replyMs: number;
  /** How often a command is sent before it counts as lost. */
  attempts: number;
  /** How often an upload that was cut off (a restart of the board) or that has a wrong checksum begins again. */
  uploads: number;
  /** Until the node says that it has booted. */
  bootMs: number;
  /** How long it has to go on without an error after that. */
  settleMs: number;
  /** What the chip may need to tidy its flash. */
  compactMs: number;
}

export const LIMITS: Limits = {
  connectMs: 12_000, replyMs: 1500, attempts: 4, uploads: 3, bootMs: 20_000, settleMs: 2500, compactMs: 60_000,
};
