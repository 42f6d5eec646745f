/**
 * Maxim (Analog Devices) MAX17048: voltage and charge of a lithium cell. I2C, 0x36.
 *
 * Datasheet 19-6171 revision 7 (November 2016): hibernate mode, table 2 (registers), VCELL to CMD (figures 4 to 13), AC
 * characteristics (a measurement each 250 ms, each 45 s in hibernation). Registers are of 16 bits, high byte first, and
 * a message goes on through them.
 *
 * Signals: the voltage, the state of charge and its rate themselves: the model of the battery is not modelled.
 * Alerts are not either; their registers can be written and read.
 */
import type { PartContext, PartDefinition } from "../types.ts";
import { Converter, oscillator } from "./common/converter.ts";
import { RegisterPart } from "./common/registers.ts";
import { word16 } from "./common/words.ts";

const VCELL = 0x02;
const SOC = 0x04;
const MODE = 0x06;
const VERSION = 0x08;
const HIBRT = 0x0a;
const CONFIG = 0x0c;
const VALRT = 0x14;
const CRATE = 0x16;
const VRESET = 0x18;
const STATUS = 0x1a;
const TABLE = 0x40;
const TABLE_END = 0x80;
const CMD = 0xfe;

const POWER_ON_RESET = 0x5400;
const HIB_STAT = 0x1000;
const ACTIVE_MS = 250;
const HIBERNATING_MS = 45_000;
/** 3 % over its range (AC characteristics: "time base accuracy" +-3.5 %). */
const TIME_OFF = 0.035;
/** Hibernation begins when the rate has been below the threshold for 6 minutes. */
const QUIET_MS = 6 * 60_000;
const VCELL_LSB = 78.125e-6;
const CRATE_LSB = 0.208;
/** HIBRT: units of the two thresholds. */
const HIB_LSB = 0.208;
const ACT_LSB = 1.25e-3;

/** Table 2: defaults of what can be written. */
const DEFAULTS: [number, number][] = [
  [HIBRT, 0x8030], [CONFIG, 0x971c], [VALRT, 0x00ff], [VRESET, 0x9600], [STATUS, 0x0100],
];

type Name = "voltage" | "level" | "rate";

class Max17048 extends RegisterPart {
  private readonly words = new Map<number, number>(DEFAULTS);
  private readonly measured = new Map<number, number>([[VCELL, 0], [SOC, 0], [CRATE, 0]]);
  private readonly id: number;
  private readonly factor: number;
  private readonly converter: Converter<Name>;
  private isHibernating = false;
  private quietSinceMs: number | undefined;
  private lastVolts = 0;
  /** High byte of a word that is being written. */
  private high = 0;

  constructor(context: PartContext) {
    super(context);
    this.id = context.rng.below(256);
    this.factor = oscillator(context, TIME_OFF);
    this.converter = new Converter(context, ["voltage", "level", "rate"]);
    this.words.set(VRESET, 0x9600 | this.id);
    this.run(context.clock.now());
    // It has had its power for long: it knows the cell.
    if (context.poweredMs === -Infinity) this.load(context.clock.now(), this.world());
  }

  protected has(register: number): boolean {
    const word = register & 0xfe;
    return (word >= VCELL && word <= CONFIG) || (word >= VALRT && word <= STATUS) || word >= CMD
      || (word >= TABLE && word < TABLE_END);
  }

  protected readRegister(register: number): number {
    const word = this.word(register & 0xfe);
    return register & 1 ? word & 0xff : word >> 8;
  }

  protected writeRegister(register: number, value: number): void {
    const at = register & 0xfe;
    const word = (this.high << 8) | value;
    if ((register & 1) === 0) this.high = value;
    else if (at === MODE) this.setMode(this.high);
    else if (at === CMD) this.command(word);
    else if (this.words.has(at)) this.words.set(at, at === VRESET ? (word & 0xff00) | this.id : word);
    else if (at >= TABLE && at < TABLE_END) this.context.warn("the table of the model is locked: ignored");
    else this.ignored(at, value);
  }

  protected begin(): void {
    for (let done = this.converter.finished(); done; done = this.converter.finished()) {
      this.load(done.endMs, done.world, done.endMs - (done.count - 1) * (done.endMs - done.startMs));
    }
  }

  protected end(): void {
    this.converter.touch();
  }

  private word(at: number): number {
    if (at === MODE) return this.isHibernating ? HIB_STAT : 0;
    if (at === VERSION) return 0x0012;
    if (at === CMD) return 0xffff;
    // The table reads 1 bits while it is locked (assumed).
    return this.measured.get(at) ?? this.words.get(at) ?? 0xffff;
  }

  private world(): Record<Name, number> {
    const value = (name: Name): number => this.context.signal(name);
    return { voltage: value("voltage"), level: value("level"), rate: value("rate") };
  }

  private run(ms: number): void {
    const periodMs = (this.isHibernating ? HIBERNATING_MS : ACTIVE_MS) * this.factor;
    this.converter.start(periodMs, true, ms);
  }

  /** @param sinceMs when the first of the measurements was that nobody has looked at: they are taken to be alike */
  private load(ms: number, { voltage, level, rate }: Record<Name, number>, sinceMs = ms): void {
    this.measured.set(VCELL, Math.min(0xffff, Math.round(voltage / VCELL_LSB)));
    this.measured.set(SOC, Math.min(0xffff, Math.round(level * 256)));
    this.measured.set(CRATE, word16(rate / CRATE_LSB));
    this.hibernate(ms, voltage, Math.abs(rate), sinceMs);
    this.lastVolts = voltage;
  }

  /** Hibernate mode: entered after 6 minutes of little current, left when the voltage moves. */
  private hibernate(ms: number, volts: number, rate: number, sinceMs: number): void {
    const thresholds = this.words.get(HIBRT)!;
    const was = this.isHibernating;
    // The voltage is compared with that of the cell at rest; here with the last one.
    const moves = Math.abs(volts - this.lastVolts) > (thresholds & 0xff) * ACT_LSB;
    if (rate >= (thresholds >> 8) * HIB_LSB || moves) this.quietSinceMs = undefined;
    else this.quietSinceMs ??= sinceMs;
    this.isHibernating = thresholds === 0xffff
      || (thresholds !== 0 && this.quietSinceMs !== undefined && ms - this.quietSinceMs >= QUIET_MS);
    if (was !== this.isHibernating) this.run(ms);
  }

  /** Quick-start measures anew and guesses the charge from that. */
  private setMode(high: number): void {
    if ((high & 0x40) !== 0) this.load(this.context.clock.now(), this.world());
  }

  private command(word: number): void {
    if (word !== POWER_ON_RESET) return this.context.warn(`0x${word.toString(16)} is no command`);
    for (const [at, value] of DEFAULTS) this.words.set(at, at === VRESET ? value | this.id : value);
    this.isHibernating = false;
    this.quietSinceMs = undefined;
    for (const at of this.measured.keys()) this.measured.set(at, 0);
    this.run(this.context.clock.now());
  }
}

export const part: PartDefinition = {
  title: "Maxim MAX17048",
  bus: "i2c",
  signals: () => [
    { name: "voltage", unit: "V", mean: 3.8, swing: 0.2, min: 2.5, max: 4.5 },
    { name: "level", unit: "%", mean: 60, swing: 25, min: 0, max: 100 },
    { name: "rate", unit: "%/h", mean: -1, swing: 3, min: -100, max: 100 },
  ],
  faults: {},
  create: (context) => new Max17048(context),
};
