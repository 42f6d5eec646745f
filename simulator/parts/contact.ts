/**
 * A contact to ground, such as a reed switch: open or closed, with the bounces that reed switches have when they close
 * and open (data sheets: over within some milliseconds). An open contact drives nothing: the chip's pull-up resistor
 * makes the level, or with the option `pull` "none" one of the board.
 *
 * The signal has the name of the option `field` ("contact"): 1 where the option `on` ("high": an open contact) says ON.
 */
import type { Level, PartContext, PartDefinition, PinPart, Wire } from "../types.ts";

const BOUNCES = 3;
const BOUNCING_MS = 4;

const fieldOf = (options: Record<string, unknown>): string => (options.field as string | undefined) ?? "contact";

class Contact implements PinPart {
  readonly pulls: Record<string, Level>;
  private isOpen: boolean | undefined;
  private wire: Wire | undefined;

  constructor(private readonly context: PartContext) {
    this.pulls = context.options.pull === "none" ? { pin: 1 } : {};
  }

  attach(wires: Record<string, Wire>): void {
    this.wire = wires["pin"]!;
    this.context.onSignal(fieldOf(this.context.options), () => this.follow());
    this.follow();
  }

  private follow(): void {
    const { clock, rng, options } = this.context;
    const isOn = this.context.signal(fieldOf(options)) >= 0.5;
    const isOpen = isOn === (options.on !== "low");
    if (isOpen === this.isOpen) return;
    const isFirst = this.isOpen === undefined;
    this.isOpen = isOpen;
    const now = clock.now();
    this.wire!.forget(now);
    const times = isFirst ? [] : Array.from({ length: BOUNCES }, () => rng.next() * BOUNCING_MS).sort((a, b) => a - b);
    this.put(isOpen, now);
    for (const ms of times) {
      this.put(!isOpen, now + ms);
      this.put(isOpen, now + ms + 0.05);
    }
  }

  private put(isOpen: boolean, ms: number): void {
    this.wire!.drive(isOpen ? undefined : 0, ms);
  }
}

export const part: PartDefinition = {
  title: "Contact to ground",
  bus: "pins",
  signals: (options) => [{ name: fieldOf(options), unit: "", mean: 0, swing: 0, min: 0, max: 1 }],
  faults: {},
  create: (context) => new Contact(context),
};
