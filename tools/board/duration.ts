/** Durations as board files write them: "500ms", "30s", "5m", "1h", "1d". */

const UNITS_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** JSON Schema pattern of a duration. */
export const DURATION_PATTERN = "^[0-9]{1,9}(ms|s|m|h|d)$";

export const DURATION_ERROR = "write a duration such as \"500ms\", \"30s\", \"5m\", \"1h\" or \"1d\"";

/** JSON Schema of a duration, but for its description. */
export const DURATION_SCHEMA = { type: "string", pattern: DURATION_PATTERN, patternErrorMessage: DURATION_ERROR };

/** The longest duration, ms: timers of JavaScript hosts count in 31 bits. */
export const LONGEST_MS = 2 ** 31 - 1;

/** Milliseconds of a duration, undefined when it is none. */
export function durationMs(text: unknown): number | undefined {
  if (typeof text !== "string") return undefined;
  const parts = /^([0-9]{1,9})(ms|s|m|h|d)$/.exec(text);
  return parts ? Number(parts[1]) * UNITS_MS[parts[2]!]! : undefined;
}

/** The shortest text of a duration: 90000 is "90s". */
export function durationText(ms: number): string {
  for (const unit of ["d", "h", "m", "s"]) {
    const size = UNITS_MS[unit]!;
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}
