/** How fast bytes go. */

/** "6,204" and "41.2 KB/s" and "3 s left" for what has been done since `began`. */
export function rate(bytes: number, total: number, ms: number): { rate: string; left: string } {
  const perSecond = ms > 0 ? (bytes * 1000) / ms : 0;
  const seconds = perSecond > 0 ? Math.ceil((total - bytes) / perSecond) : 0;
  return {
    rate: perSecond >= 1000 ? `${(perSecond / 1000).toFixed(1)} KB/s` : `${Math.round(perSecond)} B/s`,
    left: seconds >= 60 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s left` : `${seconds} s left`,
  };
}
