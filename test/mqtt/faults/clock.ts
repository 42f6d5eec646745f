/** A clock that goes from one event to the next. */

export interface Event {
  at: number;
  order: number;
  fn: (() => void) | undefined;
  ran?: boolean;
}

export class Clock {
  now = 0;
  private made = 0;
  /** The next event is the last. */
  private readonly events: Event[] = [];

  /** Calls `fn` in so many milliseconds; events of one time in the order of their making. */
  after(ms: number, fn: () => void): Event {
    const event = { at: this.now + ms, order: this.made++, fn };
    let place = this.events.length;
    while (place > 0 && this.events[place - 1]!.at <= event.at) place--;
    this.events.splice(place, 0, event);
    return event;
  }

  /** Goes on to the next event before `end`; false where there is none, and `end` is reached. */
  step(end: number): boolean {
    const next = this.events.at(-1);
    if (!next || next.at > end) {
      this.now = end;
      return false;
    }
    this.events.pop();
    this.now = next.at;
    next.ran = true;
    next.fn?.();
    return true;
  }
}
