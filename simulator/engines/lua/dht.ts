/** Reads a DHT part as the firmwares do: they hold the processor until the answer is over. */
import type { Machine } from "../../types.ts";

/** An answer takes no longer. */
const ANSWER_MS = 8;
const BITS = 40;
/** The head of the answer is high, too. */
const BEFORE_BITS = 1;
/** Longer is a 1 (app/dht/dht.c). */
const LONG_MS = 0.04;

/** The five bytes; "" when the part does not answer, or stops before its end. */
export function readDht(machine: Machine, pin: string, lowMs: number): string {
  machine.pinMode(pin, "opendrain_pullup");
  machine.digitalPulse(pin, 0, [lowMs]);
  const edges = machine.capture(pin, lowMs + ANSWER_MS);
  const highs: number[] = [];
  edges.forEach(({ level, ms }, i) => {
    if (level === 0 && edges[i - 1]?.level === 1) highs.push(ms - edges[i - 1]!.ms);
  });
  const bits = highs.slice(BEFORE_BITS, BEFORE_BITS + BITS).map((ms) => (ms > LONG_MS ? "1" : "0"));
  if (bits.length < BITS) return "";
  return bits.join("").replace(/.{8}/g, (byte) => String.fromCharCode(parseInt(byte, 2)));
}
