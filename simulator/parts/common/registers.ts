/** Parts with a pointer and registers of 8 bits that a message goes on through. */
import { hex } from "../../buses/i2c.ts";
import type { I2cPart, PartContext } from "../../types.ts";

export abstract class RegisterPart implements I2cPart {
  private pointer = 0;

  constructor(protected readonly context: PartContext) {}

  write(bytes: Uint8Array): number {
    if (!this.acknowledges()) return -1;
    this.begin();
    this.pointer = bytes[0] ?? this.pointer;
    for (const byte of bytes.subarray(1)) {
      this.writeRegister(this.address(this.pointer), byte);
      this.pointer = this.next(this.pointer);
    }
    this.end();
    return bytes.length;
  }

  read(count: number): Uint8Array | undefined {
    if (!this.acknowledges()) return undefined;
    this.begin();
    const bytes = Uint8Array.from({ length: count }, () => {
      const register = this.address(this.pointer);
      this.pointer = this.next(this.pointer);
      return this.has(register) ? this.readRegister(register) : this.unmapped(register);
    });
    this.end();
    return bytes;
  }

  /** Whether there is such a register, be it a reserved one that may be read over. */
  protected abstract has(register: number): boolean;
  protected abstract readRegister(register: number): number;
  protected abstract writeRegister(register: number, value: number): void;
  /** Before each access: catches up with the clock. */
  protected abstract begin(): void;
  /** After each access. */
  protected abstract end(): void;

  /** False while it does not answer at all. */
  protected acknowledges(): boolean {
    return true;
  }

  /** The register that a pointer stands for. */
  protected address(pointer: number): number {
    return pointer;
  }

  protected next(pointer: number): number {
    return (pointer + 1) & 0xff;
  }

  /** A write that has no effect. */
  protected ignored(register: number, value: number): void {
    this.context.warn(`write of ${hex(value)} to ${this.has(register) ? "read-only" : "unmapped"} register ${hex(register)}`);
  }

  private unmapped(register: number): number {
    this.context.warn(`read of unmapped register ${hex(register)}`);
    return 0;
  }
}
