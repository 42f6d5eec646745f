/**
 * Flashing a node onto a board that runs Espruino. Nothing is believed that the chip has not confirmed, and until
 * it has booted the new firmware the previous one is a restart away.
 */
import { ChipError, espruinoPrompt, RestartError, type EspruinoPrompt } from "./espruino-command.ts";
import { checkBoard, connect, type EspruinoBoard, type Expected } from "./espruino-connect.ts";
import { isSame, roomFor, storageOf, sumOf, type Storage } from "./espruino-files.ts";
import { bootMode, slotMode, survey, type Mode, type UploadMode } from "./espruino-modes.ts";
import { watchStart } from "./boot.ts";
import { converse } from "./conversation.ts";
import { Failure, type BoardState } from "./failure.ts";
import { LIMITS, realTiming, sleep, type Limits, type Progress, type Timing, type Transport } from "./transport.ts";

export interface EspruinoJob {
  /** What the node says when it has booted: "motelet greenhouse". */
  banner: string;
  /** The built file, a binary string. */
  firmware: string;
  expected: Expected;
  mode: UploadMode;
  /** "reboot": the chip restarts; "load": the interpreter does, and the connection stays. */
  restart: "reboot" | "load";
  chunkBytes: number;
  /** Erase all that the board stores first: there is nothing to go back to then. */
  erase?: boolean;
  /** Ask and check, change nothing. */
  dryRun?: boolean;
}

export interface Surroundings {
  port: string;
  timing?: Timing;
  limits?: Partial<Limits>;
  onProgress?: (progress: Progress) => void;
  /** Aborted: the flash ends, and the board runs what it ran before. */
  signal?: AbortSignal;
}

export interface EspruinoResult {
  board: EspruinoBoard;
  mode: UploadMode;
  /** File on the board. */
  file: string;
  bytes: number;
  crc32: number;
  /** Whether there is a previous firmware to go back to. */
  previous: boolean;
  ms: number;
}

/** Flashes, or throws a Failure that says what the board runs now. Closes nothing. */
export async function flashEspruino(
  transport: Transport, job: EspruinoJob, surroundings: Surroundings,
): Promise<EspruinoResult> {
  const timing = surroundings.timing ?? realTiming;
  const limits: Limits = { ...LIMITS, ...surroundings.limits };
  const talk = converse(transport, timing, surroundings.port, surroundings.signal);
  const prompt = espruinoPrompt(talk, limits);
  const storage = storageOf(prompt, limits);
  const tell = surroundings.onProgress ?? (() => {});
  const began = timing.now();

  tell({ step: "connect", text: `looking for Espruino on ${surroundings.port}` });
  const board = await connect(prompt, limits);
  tell({ step: "check", text: `${board.board}, Espruino ${board.version}` });
  checkBoard(board, job.expected);
  const flash: Flash = { job, prompt, storage, limits, tell, timing };
  const result = (mode: Mode | undefined): EspruinoResult => ({
    board, mode: job.mode, file: mode?.staging ?? "", ...sumOf(job.firmware), previous: mode?.hasPrevious ?? false,
    ms: Math.round(timing.now() - began),
  });
  if (job.dryRun) {
    const mode = await plan(flash);
    await checkRoom(flash, mode, false);
    return result(mode);
  }
  const mode = await upload(flash);
  await install(flash, mode);
  tell({ step: "done", text: "done" });
  return result(mode);
}

interface Flash {
  job: EspruinoJob;
  prompt: EspruinoPrompt;
  storage: Storage;
  limits: Limits;
  tell: (progress: Progress) => void;
  timing: Timing;
}

async function plan({ job, storage }: Flash): Promise<Mode> {
  const found = await survey(storage);
  if (found.image) throw new Failure("saved-image");
  const options = { storage, found, firmware: job.firmware };
  return job.mode === "storage" ? slotMode(options) : bootMode(options);
}

async function checkRoom({ job, storage, tell }: Flash, mode: Mode, mayTidy: boolean): Promise<void> {
  const needed = roomFor(job.firmware.length) + mode.extraBytes;
  let { free, trash } = await storage.free();
  if (free < needed && free + trash >= needed) {
    if (!mayTidy) return;
    tell({ step: "upload", text: "the board tidies its flash: leave it connected" });
    await storage.compact();
    ({ free, trash } = await storage.free());
  }
  if (free < needed) throw new Failure("full", { free, needed });
}

/** Stops what runs: an interpreter that has just started has its memory free, and nothing else talks. */
async function stop({ prompt, limits, timing, tell }: Flash): Promise<void> {
  const { talk } = prompt;
  tell({ step: "stop", text: "stopping what runs" });
  talk.doing = "stopping what runs";
  await prompt.mark(true);
  await prompt.run("reset()");
  await prompt.mark(false);
  const until = timing.now() + limits.connectMs;
  while (timing.now() < until) {
    await sleep(timing, 300);
    const reply = await prompt.attempt("typeof global.__motelet", limits.replyMs);
    if (reply?.value === "undefined") {
      await prompt.mark(true);
      return;
    }
  }
  throw new Failure("no-reply", { doing: talk.doing });
}

/** Brings the bytes onto the board and has them checked. A board that restarts in between is stopped again. */
async function upload(flash: Flash): Promise<Mode> {
  const { job, prompt, storage, limits, tell } = flash;
  let mode: Mode | undefined;
  let done = 0;
  let restarts = 0;
  let badSums = 0;
  const failed = (error: unknown): unknown => {
    if (!(error instanceof Failure)) return error;
    error.board = mode === undefined ? "untouched" : mode.hasPrevious ? "previous" : "none";
    return error;
  };
  for (;;) {
    try {
      await stop(flash);
      if (mode === undefined) {
        if (job.erase) await storage.eraseAll();
        mode = await plan(flash);
        await mode.clear();
        await checkRoom(flash, mode, true);
      }
      await mode.prepare();
      await storage.upload(mode.staging, job.firmware, done, job.chunkBytes, (bytes) => {
        done = bytes;
        tell({ step: "upload", text: mode!.staging, bytes, total: job.firmware.length });
      });
      tell({ step: "verify", text: "the chip computes the checksum" });
      const [sum] = await storage.sums([mode.staging]);
      const wanted = sumOf(job.firmware);
      if (isSame(sum, wanted)) return mode;
      done = 0;
      if (++badSums >= limits.uploads) {
        throw new Failure("checksum", { found: sum?.crc32.toString(16) ?? "none", wanted: wanted.crc32.toString(16), times: badSums });
      }
      await storage.erase([mode.staging]);
    } catch (error) {
      if (error instanceof RestartError) {
        if (++restarts < limits.uploads) continue;
        await resume(flash, false);
        throw failed(new Failure("restarts", { times: restarts }));
      }
      await resume(flash, true);
      throw failed(error instanceof ChipError ? new Failure("refused", { doing: prompt.talk.doing, reason: error.message }) : error);
    }
  }
}

/** After a failure: what the board ran before is to run again. */
async function resume(flash: Flash, restart: boolean): Promise<void> {
  try {
    await flash.prompt.mark(false);
    if (restart) await order(flash, "");
  } catch {
    // It does so with its next start.
  }
}

/**
 * Orders a restart. It is acknowledged first; an order that is repeated finds the chip restarted, which is as good.
 * Returns from where on the start is to be heard.
 */
async function order({ job, prompt, storage }: Flash, before: string): Promise<number> {
  const restart = job.restart === "load" ? "load()" : "E.reboot()";
  const from = prompt.talk.position();
  try {
    await storage.act("restarting", `${before}setTimeout(function(){${restart}},99)`);
    return prompt.talk.position();
  } catch (error) {
    if (!(error instanceof RestartError)) throw error;
    return from;
  }
}

/** Switches to the new firmware, and stays with it only if it boots. */
async function install(flash: Flash, mode: Mode): Promise<void> {
  const { job, prompt, limits, tell } = flash;
  const { talk } = prompt;
  tell({ step: "switch", text: "switching to the new firmware" });
  let failure: Failure | undefined;
  try {
    await mode.switchOver();
    const from = await order(flash, mode.atRestart);
    await prompt.mark(false);
    tell({ step: "restart", text: `waiting for "${job.banner}"` });
    failure = await watchStart(talk, job.banner, from, limits);
  } catch (error) {
    if (!(error instanceof Failure || error instanceof RestartError)) throw error;
    failure = error instanceof Failure ? error : new Failure("restarts", { times: 1 });
  }
  if (failure === undefined) failure = await confirm(flash, mode);
  if (failure === undefined) return;
  if (failure.code === "closed") {
    throw new Failure("closed-switching", failure.fields, mode.undoesItself && mode.hasPrevious ? "trial" : "unknown");
  }
  if (failure.code !== "unconfirmed") await goBack(flash, mode, failure);
  throw failure;
}

async function confirm({ tell }: Flash, mode: Mode): Promise<Failure | undefined> {
  tell({ step: "confirm", text: "telling the board to keep it" });
  try {
    if (!await mode.isRunning()) return new Failure("boot-undone");
    await mode.confirm();
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return new Failure("unconfirmed", { reason: error.message }, mode.undoesItself && mode.hasPrevious ? "unsure" : "new");
  }
}

/** The new firmware is no good: the previous one again. */
async function goBack(flash: Flash, mode: Mode, failure: Failure): Promise<void> {
  const { prompt, limits, tell } = flash;
  const before: BoardState = mode.hasPrevious ? "previous" : "none";
  tell({ step: "rollback", text: `${failure.message}: going back` });
  try {
    await prompt.mark(false);
    await connect(prompt, limits);
    await stop(flash);
    await mode.goBack();
    await prompt.mark(false);
    await order(flash, "");
    failure.board = before;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure("rollback-failed", { failed: failure.message, reason }, "unknown");
  }
}
