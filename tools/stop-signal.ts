/** Ctrl-C, and being asked to end. */

/** A second signal within this time is the same Ctrl-C: npm and the terminal both pass it on. */
const SAME_SIGNAL_MS = 1000;

export interface StopSignal {
  /** Aborted by the first signal. */
  signal: AbortSignal;
  /** Resolved by it. */
  promise: Promise<void>;
  release(): void;
}

/**
 * Listens until it is released. Another signal later, when the shutdown hangs or the board is not yet as it was, ends
 * the process at once.
 */
export function stopSignal(): StopSignal {
  const controller = new AbortController();
  const { signal } = controller;
  let firstMs = 0;
  const onSignal = (): void => {
    if (signal.aborted && performance.now() - firstMs > SAME_SIGNAL_MS) process.exit(130);
    if (!signal.aborted) firstMs = performance.now();
    controller.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    signal,
    promise: new Promise((done) => signal.addEventListener("abort", () => done(), { once: true })),
    release() {
      // The same Ctrl-C may come again until the process has ended.
      if (signal.aborted) return;
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
