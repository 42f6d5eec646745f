/** A serial port and the part on it: bytes take their time, and come in pieces. */
import type { SeededRng } from "../rng.ts";
import type { Clock, UartPart } from "../types.ts";

/** How the board is wired: the pins of the board file. */
export interface UartWiring { rx: string; tx: string }

export interface Uart {
  attach(part: UartPart): void;
  /** What the firmware set up; undefined: it uses other pins. */
  setup(rx: string, tx: string, baud: number): void;
  write(bytes: Uint8Array): void;
  /** The bytes that have come in. */
  take(): Uint8Array;
}

/** Sums of fractions of a millisecond are not exact. */
const EPSILON_MS = 1e-6;
/** A start bit, eight bits, a stop bit. */
const BITS = 10;
/** The interpreter finds so many bytes at a time, at most. */
const LARGEST_PIECE = 16;
/** Rates that differ by less are understood (half a bit in ten). */
const TOLERANCE = 0.05;

/** @param onBytes there is something to take */
export function createUart(
  name: string, wiring: UartWiring, clock: Clock, rng: SeededRng, warn: (message: string) => void, onBytes: () => void,
): Uart {
  let part: UartPart | undefined;
  let baud = 0;
  let arriving: { ms: number; byte: number }[] = [];
  let sentMs = -Infinity;
  let heardMs = -Infinity;
  let isWarned = false;

  const understood = (): boolean => Math.abs(baud / part!.baud - 1) < TOLERANCE;
  /** What a receiver makes of bits of another length: something else. */
  const garbled = (bytes: Uint8Array): Uint8Array => {
    if (!isWarned) {
      warn(`${name}: the firmware speaks ${baud} bits a second, the part ${part!.baud}: neither understands the other`);
    }
    isWarned = true;
    return bytes.map(() => rng.below(256));
  };
  const send = (bytes: Uint8Array): void => {
    if (baud === 0 || bytes.length === 0) return;
    const byteMs = BITS * 1000 / part!.baud;
    sentMs = Math.max(sentMs, clock.now());
    const start = sentMs;
    for (const byte of understood() ? bytes : garbled(bytes)) arriving.push({ ms: sentMs += byteMs, byte });
    for (let at = 0; at < bytes.length;) {
      at = Math.min(bytes.length, at + 1 + rng.below(LARGEST_PIECE));
      clock.after(start + at * byteMs - clock.now(), onBytes);
    }
  };
  return {
    attach(attached) {
      if (part !== undefined) throw new Error(`${name}: two parts on a serial port`);
      part = attached;
      part.attach(send);
    },
    setup(rx, tx, newBaud) {
      baud = rx === wiring.rx && tx === wiring.tx ? newBaud : 0;
      arriving = [];
      if (baud === 0) {
        warn(`${name}: set up on rx ${rx}, tx ${tx}, but the board has it on rx ${wiring.rx}, tx ${wiring.tx}: nothing answers`);
      }
    },
    write(bytes) {
      if (part === undefined || baud === 0) return;
      heardMs = Math.max(heardMs, clock.now()) + bytes.length * BITS * 1000 / baud;
      const heard = understood() ? bytes : garbled(bytes);
      clock.after(heardMs - clock.now(), () => part!.write(heard));
    },
    take() {
      const now = clock.now();
      const there = arriving.filter(({ ms }) => ms <= now + EPSILON_MS);
      arriving = arriving.slice(there.length);
      return Uint8Array.from(there, ({ byte }) => byte);
    },
  };
}
