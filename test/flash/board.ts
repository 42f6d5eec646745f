/** A simulated Espruino board at the end of a cable that can be made worse, on virtual time: for tests. */
import { createV8Engine } from "../../simulator/engines/v8.ts";
import type { Engine as AnyEngine, EngineOptions } from "../../simulator/engines/types.ts";
import { flashEspruino, type EspruinoJob, type EspruinoResult } from "../../tools/flash/protocol/espruino.ts";
import { fromBinary, toBinary } from "../../tools/flash/protocol/bytes.ts";
import { Failure } from "../../tools/flash/protocol/failure.ts";
import { sleep, type Limits, type Progress, type Timing, type Transport } from "../../tools/flash/protocol/transport.ts";
import { createBench, type Bench } from "../simulator/bench.ts";

type Engine = ReturnType<typeof createV8Engine>;

/** What happens to bytes on their way; gets all that pass, one at a time, with their numbers. */
export type Cable = (byte: string, at: number, to: "board" | "host") => string;

export interface WiredBoard<E extends AnyEngine> {
  bench: Bench<E>;
  transport: Transport;
  timing: Timing;
  /** Bytes that passed so far. */
  passed: { board: number; host: number };
  cable: Cable;
  /** Ends the transport, as a cable that is pulled does. */
  pull(reason?: string): void;
  /** Plugs it in again. */
  plug(): void;
  /** The supply fails for a moment: the chip starts again. */
  brownOut(): void;
  /** Power off and on. */
  powerCycle(): Promise<void>;
  /** What nodes have said when they had booted. */
  boots(): string[];
  /** Runs a promise that waits for simulated time. */
  drive<T>(promise: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface TestBoard extends WiredBoard<Engine> {
  flash(
    job?: Partial<EspruinoJob>, limits?: Partial<Limits>, onProgress?: (progress: Progress) => void,
  ): Promise<EspruinoResult>;
}

/** A firmware of some length that says its name when it has booted, or does something else then. */
export function firmwareOf(name: string, bytes = 0, atBoot = `print("motelet ${name}")`): string {
  const program = `E.on("init",function(){${atBoot}});\n`;
  const filler = Math.max(0, bytes - program.length - 3);
  const comment = "0123456789abcdef".repeat(filler / 16 + 1).slice(0, filler);
  return `//${comment}\n${program}`;
}

export const EXPECTED = { boards: ["ESP32"], minVersion: "2v20", reason: "of this and that", hardware: "ESP32 DevKit" };

export interface BoardOptions {
  /** Bits a second of the cable; undefined: no time passes on it. */
  baud?: number;
  chip?: string;
  storageBytes?: number;
}

/** Any engine at the end of the cable. */
export function wire<E extends AnyEngine>(
  make: (options: EngineOptions) => E, options: BoardOptions = {},
): WiredBoard<E> {
  const { baud } = options;
  let ended: string | undefined;
  const send = (text: string): void => {
    let arrived = "";
    for (const byte of text) arrived += self.cable(byte, self.passed.host++, "host");
    if (ended === undefined && arrived !== "") self.transport.onData?.(fromBinary(arrived));
  };
  const bench = createBench(make, {
    virtual: true, ...(options.chip ? { chip: options.chip } : {}),
    ...(options.storageBytes ? { storageBytes: options.storageBytes } : {}),
    onTransmit: (bytes) => {
      // What the board says comes later, in one piece with what it says at the same time.
      bench.clock.after(baud === undefined ? 0 : (bytes.length * 10_000) / baud, () => send(bytes));
    },
  });
  const timing: Timing = {
    now: () => bench.clock.now(),
    after: (ms, fn) => {
      const handle = bench.clock.after(ms, fn);
      return () => bench.clock.cancel(handle);
    },
  };
  const transport: Transport = {
    ...(baud === undefined ? {} : { baud }),
    async write(bytes) {
      if (ended !== undefined) throw new Error(ended);
      if (baud !== undefined) await sleep(timing, (bytes.length * 10_000) / baud);
      let arrived = "";
      for (const byte of toBinary(bytes)) {
        arrived += self.cable(byte, self.passed.board++, "board");
        if (ended !== undefined) break;
      }
      bench.engine.input!(arrived);
      if (ended !== undefined) throw new Error(ended);
    },
    async close() {
      ended = "closed";
    },
  };
  const self: WiredBoard<E> = {
    bench, transport, timing, passed: { board: 0, host: 0 }, cable: (byte) => byte,
    pull(reason = "the cable was pulled") {
      if (ended !== undefined) return;
      ended = reason;
      timing.after(0, () => transport.onClose?.(reason));
    },
    plug() {
      ended = undefined;
    },
    brownOut() {
      void bench.engine.stop().then(() => bench.engine.start());
    },
    async powerCycle() {
      await bench.engine.stop();
      await bench.engine.start();
      await bench.pass(1000);
    },
    boots: () => bench.lines.filter((line) => line.startsWith("motelet ")),
    async drive(promise) {
      let done = false;
      const finish = (): void => {
        done = true;
      };
      promise.then(finish, finish);
      await Promise.resolve();
      while (!done) {
        if (await bench.step()) continue;
        // Nothing is due: the promise must be about to end.
        for (let turn = 0; turn < 20 && !done; turn++) await new Promise((next) => setImmediate(next));
        if (!done && bench.clock.now() < Infinity && !(await bench.step())) throw new Error("everything waits for ever");
      }
      return promise;
    },
    close: () => bench.close(),
  };
  return self;
}

export function createBoard(options: BoardOptions = {}): TestBoard {
  const self: TestBoard = Object.assign(wire(createV8Engine, options), {
    flash: (
      job: Partial<EspruinoJob> = {}, limits: Partial<Limits> = {}, onProgress: (progress: Progress) => void = () => {},
    ) => self.drive(flashEspruino(self.transport, {
      banner: "motelet one", firmware: firmwareOf("one"), expected: EXPECTED, mode: "storage", restart: "reboot",
      chunkBytes: 256, ...job,
    }, { port: "the port", timing: self.timing, limits, onProgress })),
  });
  return self;
}

/** The failure that a promise ends with; an Error when it ends otherwise. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("it did not fail");
}

/** The end of a cable at whose other end something answers in its own way, on the time of a board that is not used. */
export function answering(
  { timing }: Pick<TestBoard, "timing">, answer: (text: string) => string, greeting = "",
): Transport {
  const transport: Transport = {
    async write(bytes) {
      const said = answer(toBinary(bytes));
      if (said !== "") timing.after(1, () => transport.onData?.(fromBinary(said)));
    },
    async close() {},
  };
  if (greeting !== "") timing.after(1, () => transport.onData?.(fromBinary(greeting)));
  return transport;
}
