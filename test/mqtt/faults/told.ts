/** What the functions of messages are told: each once, the truth, in the life of the client that published it. */
import type { Monitor } from "./monitor.ts";

/** As in lib/mqtt/outcome.ts. */
const SENT = 0;
const ACKNOWLEDGED = 1;
const DROPPED = 2;
const EXPIRED = 3;

export class Told {
  /** By message, of this life; undefined: nothing yet. */
  private outcomes = new Map<number, number | undefined>();

  /** @param ages whether messages may wait for too long */
  constructor(
    private readonly monitor: Monitor, private readonly isTaken: (n: number) => boolean, private readonly ages: boolean,
  ) {}

  /** The function of a message. */
  hear(n: number, qos: number, isOff: () => boolean): (outcome: number) => void {
    const { outcomes } = this;
    outcomes.set(n, undefined);
    return (outcome) => {
      if (isOff()) return;
      const before = outcomes.get(n);
      this.check(outcomes === this.outcomes && before === undefined, n, `${before}, then ${outcome}`);
      const isTrue = outcome === SENT ? qos === 0 : outcome === ACKNOWLEDGED ? qos > 0 && this.isTaken(n)
        : outcome === DROPPED || (outcome === EXPIRED && this.ages);
      this.check(isTrue, n, `${outcome} at QoS ${qos}`);
      outcomes.set(n, outcome);
    };
  }

  /** `publish` has returned: what it refused has been told so. */
  returned(n: number, accepted: boolean): void {
    this.check((this.outcomes.get(n) === DROPPED) !== accepted, n, `${this.outcomes.get(n)}, and accepted is ${accepted}`);
  }

  /** All has drained. */
  checkAll(): void {
    for (const [n, outcome] of this.outcomes) this.check(outcome !== undefined, n, "nothing");
  }

  /** The client is gone with its power, and what it had to tell with it. */
  forget(): void {
    this.outcomes = new Map();
  }

  private check(holds: boolean, n: number, what: string): void {
    this.monitor.check(holds, "told once", () => `message ${n} is told: ${what}`);
  }
}
