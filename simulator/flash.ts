/**
 * The flash memory of the chip that no firmware uses, as Espruino's module Flash reaches it. It is NOR flash: a write
 * clears bits and sets none, a page is erased as a whole, and a power cut leaves what was under way half done. It
 * outlives every reset and every power cut of the chip, for as long as the simulation lasts.
 */
import { hex } from "./buses/i2c.ts";
import type { Rng } from "./types.ts";

/** The pages that are there: `flash.store` of a hardware file. */
export interface FlashPages {
  address: number;
  pageBytes: number;
  pages: number;
}

/** The power has failed: nothing of what called may go on. */
export class PowerFailure extends Error {}

/** Points within the erasure of a page at which power can fail. */
const ERASE_POINTS = 4;
/** The chips program this many bytes at once: a cut leaves some bits of each. */
const WORD_BYTES = 4;

export interface SimulatedFlash {
  /** Start and length of the page that holds an address, or undefined where there is no flash for programs. */
  page(address: number): { address: number; length: number } | undefined;
  /** All pages. */
  free: { address: number; length: number } | undefined;
  /** Bytes as a binary string; 0xff where there is no flash for programs, which is a warning. */
  read(address: number, count: number): string;
  /** Clears the bits that are 0 in `bytes`. Throws PowerFailure when power fails meanwhile. */
  write(address: number, bytes: string): void;
  /** Sets all bits of the page that holds an address. Throws PowerFailure when power fails meanwhile. */
  erase(address: number): void;
  /**
   * Writes `count` bytes that are kept otherwise, by the file system of the chip: `write` is told how many get there.
   * Throws PowerFailure when power fails meanwhile.
   */
  spend(count: number, write: (done: number) => void): void;
  /**
   * Fault, off until it is asked for: power fails when so many more bytes were written, the next one half; each page
   * that is erased counts for 4 bytes.
   */
  failAfter(bytes: number): void;
  /** How often each page was erased to its end. */
  erasures: readonly number[];
  /** Is called with what is about to be erased, full or empty: the number of a page, or a file's name on NodeMCU. */
  onErase: (what: string) => void;
  /** Bytes and points of erasures so far, in the unit of `failAfter`. */
  done: number;
  /** How often power has failed, as `failAfter` told it to. */
  failures: number;
}

export function createFlash(options: {
  /** Undefined: the chip has no flash that is free. */
  pages: FlashPages | undefined;
  rng: Rng;
  /** What no program should do, for people. */
  warn: (message: string) => void;
}): SimulatedFlash {
  const { rng, warn } = options;
  const { address: start, pageBytes, pages } = options.pages ?? { address: 0, pageBytes: 1, pages: 0 };
  const memory = new Uint8Array(pages * pageBytes).fill(0xff);
  const erasures = Array<number>(pages).fill(0);
  const warned = new Set<string>();
  let left = Infinity;

  const warnOnce = (message: string): void => {
    if (!warned.has(message)) warn(message);
    warned.add(message);
  };
  /** Where an address is in `memory`; what lies outside belongs to the firmware. */
  const place = (what: string, address: number, count: number): number | undefined => {
    const at = address - start;
    if (at >= 0 && at + count <= memory.length) return at;
    warnOnce(pages === 0 ? `flash: ${what} at ${hex(address)}, but this chip has none that is free for programs`
      : `flash: ${what} at ${hex(address)}, outside of what is free for programs:`
        + ` ${hex(start)} to ${hex(start + memory.length - 1)}`);
    return undefined;
  };
  const spend = (): boolean => {
    flash.done++;
    return left-- <= 0;
  };
  const fail = (): never => {
    left = Infinity;
    flash.failures++;
    throw new PowerFailure("the power failed");
  };

  const flash: SimulatedFlash = {
    free: pages === 0 ? undefined : { address: start, length: memory.length },
    erasures,
    onErase: () => {},
    done: 0,
    failures: 0,
    failAfter: (bytes) => void (left = bytes),
    page(address) {
      const at = Math.floor((address - start) / pageBytes);
      return at >= 0 && at < pages ? { address: start + at * pageBytes, length: pageBytes } : undefined;
    },
    read(address, count) {
      // ESP8266 reads whole words alone (spi_flash_read), and so does our firmware everywhere.
      if (address % WORD_BYTES !== 0 || count % WORD_BYTES !== 0) {
        warnOnce(`flash: ${count} bytes are read at ${hex(address)}: an ESP8266 reads nothing but whole words`);
      }
      const at = place("a read", address, count);
      if (at === undefined) return "\xff".repeat(count);
      return Buffer.from(memory.buffer, at, count).toString("latin1");
    },
    write(address, bytes) {
      const at = place("a write", address, bytes.length);
      if (at === undefined) return;
      for (let i = 0; i < bytes.length; i++) {
        if (spend()) {
          for (let n = i; n < Math.min(bytes.length, i + WORD_BYTES); n++) {
            memory[at + n]! &= bytes.charCodeAt(n) | rng.below(256);
          }
          fail();
        }
        memory[at + i]! &= bytes.charCodeAt(i);
      }
    },
    spend(count, write) {
      let bytes = 0;
      while (bytes < count && !spend()) bytes++;
      write(bytes);
      if (bytes < count) fail();
    },
    erase(address) {
      const at = place("an erasure", address, 1);
      if (at === undefined) return;
      const page = Math.floor(at / pageBytes);
      const from = page * pageBytes;
      flash.onErase(String(page));
      for (let point = 0; point < ERASE_POINTS; point++) {
        if (!spend()) continue;
        // The later, the more of the bits are set, anywhere in the page.
        for (let n = from; n < from + pageBytes; n++) {
          for (let times = 0; times <= point; times++) memory[n]! |= rng.below(256);
        }
        fail();
      }
      erasures[page]!++;
      memory.fill(0xff, from, from + pageBytes);
    },
  };
  return flash;
}
