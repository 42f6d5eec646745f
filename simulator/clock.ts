/** Simulated time: real (or scaled) and virtual. Timers of equal time run in the order in which they were set. */
import type { Clock } from "./types.ts";

/** A clock that moves only when told to. */
export interface VirtualClock extends Clock {
  /**
   * Moves time forward by `ms`, running the timers that become due at their own times, those that they set
   * included. What a timer throws comes out of here; the time is then that of the timer.
   */
  advance(ms: number): void;
  /** When the next timer is due (simulated ms), undefined without timers. */
  nextDeadline(): number | undefined;
}

/** A clock that runs by itself. */
export interface RealClock extends Clock {
  /** Drops all timers, so that the process can end. */
  close(): void;
}

interface Timer { due: number; order: number; fn: () => void }

/** So many timers at one instant are a loop that would never end. */
const MOST_AT_ONE_INSTANT = 1_000_000;

/** Longest delay that Node's setTimeout takes, ms. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/**
 * Timers by due time, then by the order of their setting: a binary heap, cancelled ones are skipped when they
 * surface.
 */
class Timers {
  private heap: Timer[] = [];
  private live = new Set<number>();
  private orders = 0;

  add(due: number, fn: () => void): number {
    const timer = { due, order: ++this.orders, fn };
    this.live.add(timer.order);
    let at = this.heap.length;
    this.heap.push(timer);
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!before(timer, this.heap[up]!)) break;
      this.heap[at] = this.heap[up]!;
      at = up;
    }
    this.heap[at] = timer;
    return timer.order;
  }

  cancel(handle: number): void {
    this.live.delete(handle);
  }

  clear(): void {
    this.heap = [];
    this.live.clear();
  }

  /** The next timer, left in place. */
  peek(): Timer | undefined {
    while (this.heap.length > 0 && !this.live.has(this.heap[0]!.order)) this.removeTop();
    return this.heap[0];
  }

  /** The next timer when it is due at `time` or earlier, taken out. */
  take(time: number): Timer | undefined {
    const timer = this.peek();
    if (timer === undefined || timer.due > time) return undefined;
    this.live.delete(timer.order);
    this.removeTop();
    return timer;
  }

  private removeTop(): void {
    const last = this.heap.pop()!;
    const size = this.heap.length;
    if (size === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && before(this.heap[child + 1]!, this.heap[child]!)) child++;
      if (!before(this.heap[child]!, last)) break;
      this.heap[at] = this.heap[child]!;
      at = child;
    }
    this.heap[at] = last;
  }
}

function before(a: Timer, b: Timer): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

/** A delay as the clocks take it: what is no number or negative is at once. */
function delay(ms: number): number {
  return ms > 0 ? ms : 0;
}

/** A clock that stands still but for `advance`. Starts at 0. */
export function virtualClock(): VirtualClock {
  const timers = new Timers();
  let now = 0;
  let advancing = false;
  return {
    now: () => now,
    after: (ms, fn) => timers.add(now + delay(ms), fn),
    cancel: (handle) => timers.cancel(handle),
    nextDeadline: () => timers.peek()?.due,
    advance(ms) {
      if (advancing) throw new Error("the clock was advanced from inside one of its own timers");
      const until = now + delay(ms);
      let atOneInstant = 0;
      advancing = true;
      try {
        for (let timer = timers.take(until); timer !== undefined; timer = timers.take(until)) {
          atOneInstant = timer.due === now ? atOneInstant + 1 : 0;
          if (atOneInstant > MOST_AT_ONE_INSTANT) {
            throw new Error(`timers without delay set each other for ever at ${now} ms of simulated time`);
          }
          now = timer.due;
          timer.fn();
        }
        now = until;
      } finally {
        advancing = false;
      }
    },
  };
}

/** A clock whose milliseconds are those of the host times `speed` (10: ten times as fast). Starts at 0. */
export function realClock(speed = 1): RealClock {
  if (!(speed > 0 && speed < Infinity)) throw new Error(`the speed of a clock is a number above 0, not ${speed}`);
  const timers = new Timers();
  const start = performance.now();
  let wake: ReturnType<typeof setTimeout> | undefined;
  let wakeDue = Infinity;

  const now = (): number => (performance.now() - start) * speed;

  const arm = (): void => {
    const next = timers.peek();
    if (next !== undefined && wake !== undefined && wakeDue <= next.due) return;
    clearTimeout(wake);
    wake = undefined;
    if (next === undefined) return;
    wakeDue = next.due;
    wake = setTimeout(run, Math.min(Math.ceil(delay((next.due - now()) / speed)), LONGEST_DELAY_MS));
  };

  const run = (): void => {
    wake = undefined;
    try {
      // Timers that these set for the present wait for the next round, so that the host's own events get their turn.
      const until = now();
      for (let timer = timers.take(until); timer !== undefined; timer = timers.take(until)) timer.fn();
    } finally {
      arm();
    }
  };

  return {
    now,
    after(ms, fn) {
      const handle = timers.add(now() + delay(ms), fn);
      arm();
      return handle;
    },
    cancel(handle) {
      timers.cancel(handle);
      arm();
    },
    close() {
      timers.clear();
      arm();
    },
  };
}
