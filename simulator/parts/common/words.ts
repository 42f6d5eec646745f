/** Parts with a pointer register and words of 16 bits, high byte first: those of Texas Instruments, and others. */
import { hex } from "../../buses/i2c.ts";
import type { I2cPart, PartContext } from "../../types.ts";

/** `value` as it is in a register of 16 bits: whole, within -32768 to 32767, two's complement. */
export function word16(value: number): number {
  return Math.min(32767, Math.max(-32768, Math.round(value))) & 0xffff;
}

/** The number that a word of two's complement stands for. */
export function signed16(word: number): number {
  return (word << 16) >> 16;
}

export abstract class WordPart implements I2cPart {
  private pointer = 0;

  constructor(protected readonly context: PartContext) {}

  write(bytes: Uint8Array): number {
    this.begin();
    this.pointer = bytes[0] ?? this.pointer;
    if (bytes.length === 3) {
      this.writeWord(this.pointer, (bytes[1]! << 8) | bytes[2]!);
    } else if (bytes.length > 1) {
      this.context.warn(`write of ${bytes.length - 1} bytes to the word at ${hex(this.pointer)}: ignored`);
    } else if (bytes.length === 1 && !this.has(this.pointer)) {
      this.context.warn(`the pointer is set to ${hex(this.pointer)}, where no register is`);
    }
    this.end();
    return bytes.length;
  }

  read(count: number): Uint8Array {
    this.begin();
    const word = count > 0 && this.has(this.pointer) ? this.readWord(this.pointer) : 0;
    this.end();
    if (count > 2) this.context.warn(`read of ${count} bytes from the word at ${hex(this.pointer)}: 1 bits beyond it`);
    return Uint8Array.from({ length: count }, (_, i) => [word >> 8, word & 0xff][i] ?? 0xff);
  }

  /** Whether there is such a register. */
  protected abstract has(register: number): boolean;
  protected abstract readWord(register: number): number;
  protected abstract writeWord(register: number, word: number): void;
  /** Before each access: catches up with the clock. */
  protected abstract begin(): void;
  /** After each access. */
  protected abstract end(): void;

  protected ignored(register: number, word: number): void {
    const kind = this.has(register) ? "read-only" : "unmapped";
    this.context.warn(`write of 0x${word.toString(16).toUpperCase().padStart(4, "0")} to ${kind} register ${hex(register)}`);
  }
}
