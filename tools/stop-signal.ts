/** Ctrl-C, and being asked to end. */

/** A second signal within this time is the same Ctrl-C: npm and the terminal both pass it on. */
const SAME_SIGNAL_MS = 1000;

/**
 * Resolves at Ctrl-C, or when asked to end. Another one later, when the shutdown hangs, ends the process at
 * once.
 */
export function stopSignal(): { promise: Promise<void>; happened(): boolean; release(): void } {
  let happened = false;
  let resolve: () => void;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  let firstMs = 0;
  const onSignal = (): void => {
    if (happened && performance.now() - firstMs > SAME_SIGNAL_MS) process.exit(130);
    if (!happened) firstMs = performance.now();
    happened = true;
    resolve();
  };
  const release = (): void => {
    // The same Ctrl-C may come again until the process has ended.
    if (happened) return;
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return { promise, happened: () => happened, release };
}
