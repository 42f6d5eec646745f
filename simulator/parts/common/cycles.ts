/** Conversions that a part repeats by itself, looked at only when the part is accessed. */
export class Cycles {
  private seen = 0;

  /** @param conversionMs from the start of each to its end @param periodMs from start to start */
  constructor(readonly startMs: number, readonly conversionMs: number, readonly periodMs: number) {}

  /** How many have ended since this was asked last. */
  ended(nowMs: number): number {
    const sinceFirstMs = nowMs - this.startMs - this.conversionMs;
    // A clock that adds up fractions is a hair early at times.
    const all = sinceFirstMs < -1e-6 ? 0 : Math.floor((sinceFirstMs + 1e-6) / this.periodMs) + 1;
    const fresh = all - this.seen;
    this.seen = all;
    return fresh;
  }
}
