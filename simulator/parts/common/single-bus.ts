/**
 * The single-wire bus of Aosong's DHT11 and DHT22, as the AM2302 product manual has it: 7.3 (start signal, response,
 * bits with their lengths: tables 6 and 7), 7.1 (an answer holds the last measurement and begins a new one).
 */
import type { Level, PartContext, PinPart, Wire } from "../../types.ts";

/** Table 7, typical values in us: release to response, the response, a bit of 0 and of 1, the end. */
const RELEASE_US = 30;
const RESPONSE_US = 80;
const BIT_LOW_US = 50;
const ZERO_US = 26;
const ONE_US = 70;

/** 5.2: a measurement takes no less. */
const MEASURE_MS = 2000;

/** Faults of their own. */
export const SINGLE_BUS_FAULTS = {
  checksum: "the checksum of its answer is wrong",
  reset: "loses its power in the middle of each answer",
  held: "holds its line low for ever",
};

/**
 * @param startMs the shortest start signal that it hears
 * @param measure the first four bytes of an answer, now
 */
export function singleBusPart(context: PartContext, startMs: number, measure: () => number[]): PinPart {
  const { clock, faults } = context;
  let wire: Wire;
  let lowSinceMs = Infinity;
  let last = measure();
  let measuredMs = -Infinity;

  const answer = (releasedMs: number): void => {
    const sum = last.reduce((a, b) => a + b, 0) & 0xff;
    const bytes = [...last, faults.has("checksum") ? sum ^ 0x10 : sum];
    let us = RELEASE_US;
    const hold = (level: Level | undefined, forUs: number): void => {
      wire.drive(level, releasedMs + us / 1000);
      us += forUs;
    };
    hold(0, RESPONSE_US);
    hold(undefined, RESPONSE_US);
    const bits = bytes.flatMap((byte) => [7, 6, 5, 4, 3, 2, 1, 0].map((bit) => byte >> bit & 1));
    for (const bit of faults.has("reset") ? bits.slice(0, bits.length >> 1) : bits) {
      hold(0, BIT_LOW_US);
      hold(undefined, bit === 1 ? ONE_US : ZERO_US);
    }
    hold(0, BIT_LOW_US);
    hold(undefined, 0);
    // What it measures from now on is for the next one who asks.
    if (clock.now() - measuredMs >= MEASURE_MS) {
      measuredMs = clock.now();
      last = measure();
    }
  };
  return {
    pulls: { pin: 1 },
    attach(wires) {
      wire = wires["pin"]!;
    },
    driven(_pin, level, ms) {
      if (level === 0) {
        lowSinceMs = ms;
      } else {
        const lowMs = ms - lowSinceMs;
        lowSinceMs = Infinity;
        if (faults.has("held")) wire.drive(0, ms);
        else if (lowMs >= startMs) answer(ms);
        else if (lowMs > 0) context.warn(`a start signal of ${lowMs.toFixed(2)} ms, which takes ${startMs} ms: not heard`);
      }
    },
  };
}
