/**
 * A 1-Wire bus at the level of bytes: reset and presence, the ROM commands, and the wired AND of all who
 * drive the line.
 *
 * Maxim/Analog Devices DS18B20 datasheet (19-7487 Rev 6), "1-Wire Bus System" and "ROM Commands"; application
 * notes 187 (search algorithm) and 27 (CRC). Search ROM goes by bits, not bytes: `search` does the whole of
 * it.
 */
import type { OneWirePart } from "../types.ts";

const READ_ROM = 0x33;
const MATCH_ROM = 0x55;
const SKIP_ROM = 0xcc;
export const SEARCH_ROM = 0xf0;
export const ALARM_SEARCH = 0xec;

const ROM_BYTES = 8;

/**
 * What the bus expects since the last reset: a ROM command, the 8 bytes after Match ROM, function commands of
 * the selected parts, the master reading ROM codes, nothing until the next reset.
 */
type Phase = "rom command" | "match" | "selected" | "read rom" | "deaf";

export interface OneWireBus {
  attach(part: OneWirePart): void;
  /** Reset pulse: true when somebody answered with a presence pulse. */
  reset(): boolean;
  write(bytes: Uint8Array): void;
  /** Drives the line high until the next reset ("strong pull-up"). */
  power(): void;
  /** Bytes as the master samples them: 1 bits where nobody pulls the line low. */
  read(count: number): Uint8Array;
  /**
   * A whole search, resets included: ROM codes (16 lower-case hex digits) with a right CRC, of the parts that
   * are there.
   */
  search(command?: number): string[];
}

export function createOneWireBus(name: string, warn: (message: string) => void): OneWireBus {
  const parts: { part: OneWirePart; rom: Uint8Array }[] = [];
  let present: typeof parts = [];
  let selected: typeof parts = [];
  let phase: Phase = "deaf";
  /** The 8 bytes after Match ROM, or how many bytes of the ROM code the master has read. */
  let matching: number[] = [];
  let romRead = 0;

  const reset = (): boolean => {
    present = parts.filter(({ part }) => part.reset());
    selected = [];
    matching = [];
    phase = "rom command";
    return present.length > 0;
  };

  const romCommand = (byte: number): void => {
    if (byte === SKIP_ROM) {
      selected = present;
      phase = "selected";
    } else if (byte === MATCH_ROM) {
      phase = "match";
    } else if (byte === READ_ROM) {
      romRead = 0;
      // A single part stays selected after its code was read; several have collided.
      selected = present;
      phase = "read rom";
    } else {
      phase = "deaf";
      warn(byte === SEARCH_ROM || byte === ALARM_SEARCH
        ? `${name}: a search goes by bits, not bytes: use the search of the bus`
        : `${name}: ${hexByte(byte)} is no ROM command: all parts wait for a reset`);
    }
  };

  const write = (byte: number): void => {
    if (phase === "rom command") {
      romCommand(byte);
    } else if (phase === "match") {
      if (matching.push(byte) < ROM_BYTES) return;
      selected = present.filter(({ rom }) => rom.every((value, i) => value === matching[i]));
      phase = "selected";
    } else if (phase === "selected" || (phase === "read rom" && romRead >= ROM_BYTES)) {
      phase = "selected";
      for (const { part } of selected) part.write(byte);
    }
  };

  const readByte = (): number => {
    let line = 0xff;
    if (phase === "selected") {
      for (const { part } of selected) line &= part.read();
    } else if (phase === "read rom" && romRead < ROM_BYTES) {
      for (const { rom } of present) line &= rom[romRead]!;
      romRead++;
    }
    return line;
  };

  return {
    attach(part) {
      parts.push({ part, rom: romBytes(part.rom) });
    },
    reset,
    write: (bytes) => bytes.forEach(write),
    power: () => parts.forEach(({ part }) => part.power?.()),
    read: (count) => Uint8Array.from({ length: count }, readByte),
    search: (command = SEARCH_ROM) => {
      const roms = searchAll(() => {
        reset();
        phase = "deaf";
        return present.filter(({ part }) => command !== ALARM_SEARCH || part.alarm?.() === true).map(({ rom }) => rom);
      });
      return roms.filter((rom) => crc8(rom) === 0).map(romText);
    },
  };
}

/**
 * The search of application note 187, bit by bit on the line: each part that still takes part sends a bit of
 * its code and the complement of it; where both read 0 there are parts with 0 and with 1, and the master
 * takes each way once.
 */
function searchAll(begin: () => Uint8Array[]): Uint8Array[] {
  const found: Uint8Array[] = [];
  let last = new Uint8Array(ROM_BYTES);
  let lastDiscrepancy = -1;
  do {
    let listening = begin();
    const rom = new Uint8Array(ROM_BYTES);
    let lastZero = -1;
    for (let bit = 0; bit < ROM_BYTES * 8; bit++) {
      const one = listening.every((code) => bitOf(code, bit) === 1);
      const zero = listening.every((code) => bitOf(code, bit) === 0);
      // Both lines high: nobody is there (any more).
      if (one && zero) return found;
      let direction = one ? 1 : 0;
      if (!one && !zero) {
        direction = bit < lastDiscrepancy ? bitOf(last, bit) : bit === lastDiscrepancy ? 1 : 0;
        if (direction === 0) lastZero = bit;
      }
      if (direction === 1) rom[bit >> 3]! |= 1 << (bit & 7);
      listening = listening.filter((code) => bitOf(code, bit) === direction);
    }
    found.push(rom);
    last = rom;
    lastDiscrepancy = lastZero;
  } while (lastDiscrepancy >= 0);
  return found;
}

function bitOf(bytes: Uint8Array, bit: number): number {
  return (bytes[bit >> 3]! >> (bit & 7)) & 1;
}

/** CRC of 1-Wire: x^8 + x^5 + x^4 + 1, least significant bit first, from 0. Over data and its CRC it is 0. */
export function crc8(bytes: Iterable<number>): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? 0x8c : 0);
  }
  return crc;
}

/** Bytes of a ROM code, family code first. What is not 16 hex digits is an Error. */
export function romBytes(rom: string): Uint8Array {
  if (!/^[0-9a-f]{16}$/i.test(rom)) throw new Error(`"${rom}" is no ROM code: write 16 hex digits, family code first`);
  return Uint8Array.from({ length: ROM_BYTES }, (_, i) => parseInt(rom.slice(2 * i, 2 * i + 2), 16));
}

/** 16 lower-case hex digits. */
export function romText(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function hexByte(byte: number): string {
  return `${byte.toString(16).toUpperCase().padStart(2, "0")}h`;
}
