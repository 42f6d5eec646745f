/**
 * A rotary encoder by the data sheet of ALPS' EC11: two contacts to ground, A and B, that are a quarter of a period
 * apart; turned clockwise A closes first. Contacts bounce (chattering: 3 ms at most, here 0.4). The signal is the
 * position in detents, of which the option `detents` are in a period; it is turned at once when it is set, a quarter in
 * 5 ms: two and a half turns a second of an encoder with 20 periods, as fast as a hand does.
 */
import type { Level, PartContext, PartDefinition, PinPart, Wire } from "../types.ts";

const QUARTER_MS = 5;
const BOUNCE_MS = 0.4;
/** Open is true: by the quarter, clockwise. */
const A_OPEN = [true, false, false, true];
const B_OPEN = [true, true, false, false];

class Rotary implements PinPart {
  readonly pulls: Record<string, Level>;
  private quarter = 0;
  private wires: Record<string, Wire> = {};

  constructor(private readonly context: PartContext) {
    this.pulls = context.options.pull === "none" ? { a: 1, b: 1 } : {};
  }

  attach(wires: Record<string, Wire>): void {
    this.wires = wires;
    this.context.onSignal("position", () => this.turn());
    this.turn();
  }

  private turn(): void {
    const { detents = 1, reverse } = this.context.options as { detents?: number; reverse?: boolean };
    const wanted = Math.round(this.context.signal("position")) * 4 / detents * (reverse ? -1 : 1);
    let ms = this.context.clock.now();
    while (this.quarter !== wanted) {
      const was = this.quarter & 3;
      this.quarter += wanted > this.quarter ? 1 : -1;
      const is = this.quarter & 3;
      ms += QUARTER_MS;
      if (A_OPEN[is] !== A_OPEN[was]) this.bounce("a", A_OPEN[is]!, ms);
      if (B_OPEN[is] !== B_OPEN[was]) this.bounce("b", B_OPEN[is]!, ms);
    }
  }

  private bounce(pin: string, isOpen: boolean, ms: number): void {
    const put = (open: boolean, atMs: number): void => this.wires[pin]!.drive(open ? undefined : 0, atMs);
    put(isOpen, ms);
    put(!isOpen, ms + BOUNCE_MS / 2);
    put(isOpen, ms + BOUNCE_MS);
  }
}

export const part: PartDefinition = {
  title: "Rotary encoder",
  bus: "pins",
  signals: () => [{ name: "position", unit: "", mean: 0, swing: 0, min: -100, max: 100 }],
  faults: {},
  create: (context) => new Rotary(context),
};
