/** Quantities as people read them. */

const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");

/** The simulated clock: "0:00:12", "1 d 3:04:05". */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const days = Math.floor(seconds / 86_400);
  return `${days > 0 ? `${days} d ` : ""}${Math.floor(seconds / 3600) % 24}:${two(seconds / 60 % 60)}:${two(seconds % 60)}`;
}

/** A stretch of time: "250 ms", "12 s", "4 min", "2.5 h", "3.1 d". */
export function stretch(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const units: [number, string][] = [[86_400_000, "d"], [3_600_000, "h"], [60_000, "min"], [1000, "s"]];
  const [unit, name] = units.find(([least]) => ms >= least)!;
  return `${Number((ms / unit).toFixed(ms / unit < 10 && name !== "s" ? 1 : 0))} ${name}`;
}

export function bytes(count: number): string {
  return count < 1024 ? `${count} bytes` : `${(count / 1024).toFixed(count < 10_240 ? 1 : 0)} KB`;
}

export const count = (value: number): string => value.toLocaleString("en");

export const plural = (value: number, word: string): string => `${count(value)} ${word}${value === 1 ? "" : "s"}`;

/** As short as an axis needs it: "1013", "200k". */
export function brief(value: number, range: number): string {
  return Math.abs(value) >= 10_000 && range >= 1000 ? `${rounded(value / 1000, range / 1000)}k` : rounded(value, range);
}

/** A number with at most so many digits behind the point as its range makes sense. */
export function rounded(value: number, range: number): string {
  const decimals = range >= 1000 ? 0 : range >= 50 ? 1 : range >= 1 ? 2 : 4;
  return String(Number(value.toFixed(decimals)));
}

export const withUnit = (text: string, unit: string): string => (unit === "" ? text : `${text} ${unit}`);
