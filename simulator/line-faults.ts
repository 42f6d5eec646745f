/** The common faults (part-faults.ts) of parts on serial ports and on digital pins. */
import type { PartFaults } from "./part-faults.ts";
import type { Level, PinPart, UartPart, Wire } from "./types.ts";

/** `noise`: share of edges that have a spike behind them, when it begins, how long it is. */
const SPIKE_SHARE = 0.1;
const SPIKE_AFTER_MS = 0.01;
const SPIKE_MS = 0.005;
/** `noise` of a serial port: share of messages with stray bytes before them, and how many at most. */
const STRAY_SHARE = 0.5;
const STRAY_BYTES = 8;

/** @param create makes the part as it is when power comes at this time */
export function uartFaults(faults: PartFaults, create: (poweredMs: number) => UartPart): UartPart {
  let part = create(-Infinity);
  let send: (bytes: Uint8Array) => void = () => {};
  const transmit = (bytes: Uint8Array): void => {
    if (faults.has("absent") || faults.has("low") || bytes.length === 0) return;
    if (faults.has("noise") && faults.rng.next() < STRAY_SHARE) {
      send(Uint8Array.from({ length: 1 + faults.rng.below(STRAY_BYTES) }, () => faults.rng.below(256)));
    }
    if (faults.has("reset")) {
      send(bytes.slice(0, bytes.length >> 1));
      faults.cutPower();
      part = create(faults.clock.now());
      part.attach(transmit);
    } else {
      send(faults.has("corrupt") ? faults.corrupted(bytes) : bytes);
    }
  };
  return {
    get baud() {
      return part.baud;
    },
    attach(given) {
      send = given;
      part.attach(transmit);
    },
    write(bytes) {
      if (!faults.has("absent") && !faults.has("stuck")) part.write(bytes);
    },
  };
}

/** A part on pins. */
export function pinFaults(faults: PartFaults, part: PinPart): PinPart {
  const isCut = (): boolean => faults.has("absent") || faults.has("low");
  return {
    get pulls(): Record<string, Level> {
      if (!faults.has("low")) return part.pulls ?? {};
      return Object.fromEntries(Object.keys(part.pulls ?? {}).map((pin): [string, Level] => [pin, 0]));
    },
    attach(wires) {
      // Those that it drives or holds by a resistor, with what it last did.
      const levels = new Map<string, Level | undefined>(Object.keys(part.pulls ?? {}).map((pin) => [pin, undefined]));
      faults.onSwitch((fault) => {
        if (fault !== "absent" && fault !== "low") return;
        for (const [pin, level] of levels) {
          wires[pin]!.forget(faults.clock.now());
          wires[pin]!.drive(faults.has("low") ? 0 : isCut() ? undefined : level);
        }
      });
      const through = (pin: string, wire: Wire): Wire => ({
        drive(level, atMs = faults.clock.now()) {
          levels.set(pin, level);
          if (isCut()) return;
          wire.drive(level, atMs);
          if (level === undefined || !faults.has("noise") || faults.rng.next() >= SPIKE_SHARE) return;
          wire.drive(level === 1 ? 0 : 1, atMs + SPIKE_AFTER_MS);
          wire.drive(level, atMs + SPIKE_AFTER_MS + SPIKE_MS);
        },
        forget: (fromMs) => wire.forget(fromMs),
      });
      part.attach(Object.fromEntries(Object.entries(wires).map(([pin, wire]) => [pin, through(pin, wire)])));
    },
    driven(pin, level, ms) {
      if (!isCut() && !faults.has("stuck")) part.driven?.(pin, level, ms);
    },
  };
}
