/** Files of Espruino's Storage through the prompt: all of it may be repeated without harm. */
import { base64, crc32 } from "./bytes.ts";
import { ChipError, type EspruinoPrompt } from "./espruino-command.ts";
import { Failure } from "./failure.ts";
import type { Limits } from "./transport.ts";

/** Length and CRC-32. */
export interface Sum { bytes: number; crc32: number }

/** Half of it after a chunk that was not acknowledged, down to this. */
const LEAST_CHUNK = 64;
/** Header of a file in Storage (src/jsflash.h, JsfFileHeader), and what alignment may add. */
const FILE_BYTES = 32 + 8;
/** A checksum of 200 KB on the slowest chip, or a copy. */
const LONG_MS = 15_000;

/** What a file of so many bytes takes. */
export const roomFor = (bytes: number): number => bytes + FILE_BYTES;

const quoted = (name: string): string => `'${name}'`;

export interface Storage {
  /** Runs statements, in which `s` is the module; an exception is a Failure. */
  act(doing: string, statements: string, ms?: number): Promise<unknown>;
  sums(names: string[]): Promise<(Sum | undefined)[]>;
  free(): Promise<{ free: number; trash: number }>;
  compact(): Promise<void>;
  erase(names: string[]): Promise<void>;
  eraseAll(): Promise<void>;
  /** Writes a small file whole. */
  write(name: string, text: string): Promise<void>;
  copy(from: string, to: string): Promise<void>;
  /**
   * Writes `data` from byte `from` on, in chunks. The chip acknowledges each when it has compared what it stored with
   * what it got. `done` is told how far it is.
   */
  upload(name: string, data: string, from: number, chunkBytes: number, done: (bytes: number) => void): Promise<void>;
}

export function storageOf(prompt: EspruinoPrompt, limits: Limits): Storage {
  const { talk } = prompt;
  const act = async (doing: string, statements: string, ms: number = limits.replyMs): Promise<unknown> => {
    talk.doing = doing;
    try {
      return await prompt.run(`(function(s){${statements}})(require('Storage'))`, { ms });
    } catch (error) {
      if (error instanceof ChipError) throw new Failure("refused", { doing, reason: error.message });
      throw error;
    }
  };
  const must = async (doing: string, statements: string, ms?: number): Promise<void> => {
    const result = await act(doing, statements, ms);
    if (result !== true && result !== 1) {
      throw new Failure("refused", { doing, reason: `it says ${JSON.stringify(result)}` });
    }
  };
  return {
    act,
    async sums(names) {
      const found: (Sum | undefined)[] = [];
      for (const name of names) {
        const sum = await act(`looking at ${name}`,
          `var d=s.read(${quoted(name)});return d===undefined?0:[d.length,E.CRC32(d)]`, LONG_MS) as 0 | [number, number];
        found.push(sum === 0 ? undefined : { bytes: sum[0], crc32: sum[1] >>> 0 });
      }
      return found;
    },
    async free() {
      const [free, trash] = await act("looking at the flash",
        "return[s.getFree(),s.getStats?s.getStats().trashBytes:0]") as [number, number];
      return { free, trash };
    },
    async compact() {
      await act("tidying the flash", "s.compact();return 1", limits.compactMs);
    },
    async erase(names) {
      for (const name of names) {
        await must(`erasing ${name}`, `s.read(${quoted(name)},0,1)===undefined||s.erase(${quoted(name)});`
          + `return s.read(${quoted(name)},0,1)===undefined`);
      }
    },
    async eraseAll() {
      await must("erasing the flash", "s.eraseAll();return s.list().length===0", limits.compactMs);
    },
    async write(name, text) {
      const file = quoted(name);
      await must(`writing ${name}`, `var d=atob('${base64(text)}');if(s.read(${file})!==d){`
        + `s.read(${file},0,1)===undefined||s.erase(${file});s.write(${file},d)}return s.read(${file})===d`);
    },
    async copy(from, to) {
      // Through an array in RAM: ESP8266 cannot write from flash to flash.
      const result = await act(`keeping ${from} as ${to}`, `var a=${quoted(from)},b=${quoted(to)},d=s.read(a),n=d.length,i;`
        + "function c(f){var x=s.read(f);return x===undefined?-1:E.CRC32(x)}"
        + "if(c(a)!==c(b)){c(b)<0||s.erase(b);for(i=0;i<n;i+=256)s.write(b,E.toUint8Array(s.read(a,i,256)),i,n)}"
        + "return c(a)===c(b)", LONG_MS);
      if (result !== true) throw new Failure("refused", { doing: talk.doing, reason: "the copy differs" });
    },
    async upload(name, data, from, chunkBytes, done) {
      let size = chunkBytes;
      let at = from;
      while (at < data.length) {
        const chunk = data.slice(at, at + size);
        try {
          await must(`writing byte ${at} of ${data.length}`, `var f=${quoted(name)},d=atob('${base64(chunk)}'),n=d.length;`
            + `if(s.read(f,${at},n)!==d)s.write(f,d,${at},${data.length});return s.read(f,${at},n)===d`);
        } catch (error) {
          // A line that the chip's input buffer cannot take is lost each time.
          if (!(error instanceof Failure && error.code === "no-reply") || size <= LEAST_CHUNK) throw error;
          size = Math.max(LEAST_CHUNK, size >> 1);
          continue;
        }
        at += chunk.length;
        done(at);
      }
    },
  };
}

/** The sum of what is to be stored. */
export const sumOf = (data: string): Sum => ({ bytes: data.length, crc32: crc32(data) });

export const isSame = (a: Sum | undefined, b: Sum | undefined): boolean =>
  a?.bytes === b?.bytes && a?.crc32 === b?.crc32;
