/**
 * Parts of Sensirion: commands of 16 bits, words of 16 bits each followed by a CRC. Busy, they do not acknowledge; an
 * answer can be read once. See e.g. SCD4x 1.6 (May 2024), 3.3 and 3.12; SGP30 1.0 (May 2020), 6.1 to 6.6.
 */
import type { I2cPart, PartContext } from "../../types.ts";
import { crc8, wordsWithCrc } from "./crc8.ts";

export interface Command {
  /** Words that follow; optional ones may be left out all together. */
  words?: number;
  optional?: boolean;
  /** How long it is busy with it. */
  ms: number;
  /** Does it; gives the words of the answer, or undefined where there is nothing to be read. */
  run: (words: number[]) => number[] | undefined;
  /** The answer has been read. */
  afterRead?: () => void;
}

const CRC_INITIAL = 0xff;

export abstract class CommandPart implements I2cPart {
  private busyUntilMs = -Infinity;
  private answer: number[] | undefined;
  private afterRead: (() => void) | undefined;

  constructor(protected readonly context: PartContext) {}

  protected abstract readonly commands: Map<number, Command>;
  /** Before each access: catches up with the clock. */
  protected abstract begin(): void;
  /** After each access. */
  protected abstract end(): void;
  /** Whether it takes a command in its present state; what it does not take it does not acknowledge. */
  protected abstract takes(code: number): boolean;

  /** Nothing is acknowledged until then. */
  protected beBusy(ms: number): void {
    this.busyUntilMs = ms;
  }

  write(bytes: Uint8Array): number {
    this.begin();
    const count = this.isBusy() ? -1 : bytes.length === 0 ? 0 : this.take(bytes);
    this.end();
    return count;
  }

  read(count: number): Uint8Array | undefined {
    this.begin();
    this.end();
    if (this.isBusy() || this.answer === undefined) return undefined;
    if (count === 0) return new Uint8Array();
    const bytes = wordsWithCrc(this.answer, CRC_INITIAL, false);
    if (count > bytes.length) this.context.warn(`read of ${count} bytes from an answer of ${bytes.length}`);
    this.answer = undefined;
    this.afterRead?.();
    return Uint8Array.from({ length: count }, (_, i) => bytes[i] ?? 0xff);
  }

  protected isBusy(): boolean {
    return this.context.clock.now() < this.busyUntilMs;
  }

  private take(bytes: Uint8Array): number {
    if (bytes.length < 2) {
      this.context.warn("a command of one byte");
      return bytes.length;
    }
    const code = (bytes[0]! << 8) | bytes[1]!;
    const name = `0x${code.toString(16).padStart(4, "0")}`;
    const command = this.commands.get(code);
    if (command === undefined) {
      this.context.warn(`${name} is no command`);
      return 1;
    }
    if (!this.takes(code)) return 1;
    const wanted = command.words ?? 0;
    if (bytes.length !== 2 + 3 * wanted && !(command.optional && bytes.length === 2)) {
      this.context.warn(`${name} with ${bytes.length - 2} bytes after it: it takes ${3 * wanted}`);
      return Math.min(bytes.length, 2 + 3 * wanted);
    }
    const words: number[] = [];
    for (let at = 2; at < bytes.length; at += 3) {
      if (crc8(bytes.subarray(at, at + 2), CRC_INITIAL) !== bytes[at + 2]) {
        this.context.warn(`${name}: wrong CRC of a word`);
        return at + 2;
      }
      words.push((bytes[at]! << 8) | bytes[at + 1]!);
    }
    this.answer = command.run(words);
    this.afterRead = command.afterRead;
    this.beBusy(this.context.clock.now() + command.ms);
    return bytes.length;
  }
}
