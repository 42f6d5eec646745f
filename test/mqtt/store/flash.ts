/** NOR flash as it is: programming clears bits, erasing a page sets them, and power can fail at any byte of either. */

/** Power has failed: what called has ended there. */
export class PowerLoss extends Error {}

/** One for all, for each of its own would have a stack that nobody looks at. */
const LOSS = new PowerLoss("the power fails");

/** A loss of power as it was thrown, whatever an engine has made of it on the way. */
export const lossOf = (error: unknown): PowerLoss => (error instanceof PowerLoss ? error : LOSS);

/** CRC-32 (IEEE 802.3) by a table: records are short, and a Buffer for each took longer. */
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let c = byte;
  for (let bit = 0; bit < 8; bit++) c = (c & 1) === 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

/** Points within the erasure of a page at which power can fail. */
const ERASE_POINTS = 4;

export class FakeFlash {
  readonly bytes: Buffer;
  readonly pageBytes: number;
  /** How often each page was erased. */
  readonly erases: number[];
  programmed = 0;
  /** Bytes and points of erasures until power fails. */
  left = Infinity;
  /** What was done in all, in the same unit. */
  done = 0;
  dead = false;
  /** Of a page that does not take what is written to it. */
  wornPage = -1;
  /** Called before a write, and after one that reads back as it was written. */
  onWrite: (address: number, complete: boolean) => void = () => {};
  onErase: () => void = () => {};
  private readonly random: () => number;

  constructor(pages: number, pageBytes: number, random: () => number) {
    this.bytes = Buffer.alloc(pages * pageBytes, 255);
    this.pageBytes = pageBytes;
    this.erases = Array<number>(pages).fill(0);
    this.random = random;
  }

  /** Power is back. */
  revive(): void {
    this.dead = false;
    this.left = Infinity;
  }

  private byte(): number {
    return Math.floor(this.random() * 256);
  }

  /** Something that takes no flash, as sending: power may fail before it, when all that was written is whole. */
  step(): void {
    if (this.spend()) {
      this.dead = true;
      throw LOSS;
    }
  }

  private spend(): boolean {
    if (this.dead) throw LOSS;
    this.done++;
    return this.left-- <= 0;
  }

  readonly readFlash = (address: number, count: number): string => {
    if (this.dead) throw LOSS;
    if ((address | count) % 4 !== 0) throw new Error(`a read of ${count} bytes at ${address}: no multiples of 4`);
    return this.bytes.toString("latin1", address, address + count).padEnd(count, "\xff");
  };

  readonly writeFlash = (bytes: string, address: number): void => {
    // An interpreter may go on for some calls when an exception has ended one.
    if (this.dead) throw LOSS;
    if (address % 4 !== 0) throw new Error(`a write at ${address}, which is no multiple of 4`);
    this.onWrite(address, false);
    for (let i = 0; i < bytes.length; i++) {
      if (this.spend()) {
        // The byte itself, and the next ones as flash programs many at once: some of their bits.
        const reach = this.random() < 0.5 ? 1 : 8;
        for (let at = i; at < Math.min(bytes.length, i + reach); at++) {
          this.bytes[address + at]! &= bytes.charCodeAt(at) | this.byte();
        }
        this.dead = true;
        throw LOSS;
      }
      this.programmed++;
      const page = Math.floor((address + i) / this.pageBytes);
      this.bytes[address + i]! &= page === this.wornPage ? bytes.charCodeAt(i) & 0xfe : bytes.charCodeAt(i);
    }
    this.step();
    if (this.bytes.toString("latin1", address, address + bytes.length) === bytes) this.onWrite(address, true);
  };

  readonly eraseFlash = (address: number, count: number): void => {
    if (this.dead) throw LOSS;
    if (address % this.pageBytes !== 0 || count % this.pageBytes !== 0) throw new Error("only whole pages are erased");
    this.onErase();
    for (let page = address / this.pageBytes; page < (address + count) / this.pageBytes; page++) {
      const start = page * this.pageBytes;
      for (let point = 0; point < ERASE_POINTS; point++) {
        if (this.spend()) {
          // Some bits are set already, anywhere in the page; at the later points most of them.
          for (let at = 0; at < this.pageBytes; at++) {
            for (let n = 0; n <= point; n++) this.bytes[start + at]! |= this.byte();
          }
          this.dead = true;
          throw LOSS;
        }
      }
      this.erases[page]!++;
      this.bytes.fill(255, start, start + this.pageBytes);
    }
  };

  readonly crc32 = (bytes: string): number => {
    let c = -1;
    for (let i = 0; i < bytes.length; i++) c = TABLE[(c ^ bytes.charCodeAt(i)) & 255]! ^ (c >>> 8);
    return ~c >>> 0;
  };
}

/** Chance from a seed (mulberry32). */
export const chance = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};
