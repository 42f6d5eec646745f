/** Virtual time with a broker in the same process: no time passes while bytes are under way. */
import type { VirtualClock } from "./clock.ts";
import type { Network } from "./network.ts";

/**
 * Turns of the event loop without any movement after which streams and the broker are believed to be at rest.
 */
const QUIET_TURNS = 6;
/** The host's own events (a signal, a timer of a test) get a turn at least this often. */
const STEPS_BETWEEN_TURNS = 1000;

/**
 * Moves `clock` on by `ms`, from timer to timer; after each, everything that it set off comes to its end
 * first.
 */
export async function settle(clock: VirtualClock, network: Network, ms: number, stop?: () => boolean): Promise<void> {
  const until = clock.now() + ms;
  await rest(network);
  for (let steps = 1; ; steps++) {
    const next = clock.nextDeadline();
    if (next === undefined || next > until || stop?.() === true) break;
    const before = network.activity;
    clock.advance(Math.max(0, next - clock.now()));
    if (network.activity !== before) await rest(network);
    else if (steps % STEPS_BETWEEN_TURNS === 0) await new Promise((done) => setImmediate(done));
  }
  if (stop?.() !== true) clock.advance(Math.max(0, until - clock.now()));
}

async function rest(network: Network): Promise<void> {
  let seen = network.activity;
  for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
    await new Promise((done) => setImmediate(done));
    if (network.activity !== seen) quiet = 0;
    seen = network.activity;
  }
}
