/**
 * Sensirion SGP30: volatile organic compounds and an equivalent of CO2. I2C, 0x58.
 *
 * Datasheet version 1.0 (May 2020): 1.1 (table 1: steps of the outputs), 3 and tables 7 to 10 (commands, times), 6.1
 * power-up, 6.2 measurement, 6.3 air quality signals (15 s after the init, one measurement a second), 6.3 humidity
 * compensation, 6.4 feature set, 6.5 self test, 6.6 CRC.
 *
 * Signals: both outputs themselves. The baseline algorithm is not modelled but for its words: what was set is got back.
 * The raw signals follow the sensor equation ln(c/c0) = (s0 - s)/512 with an assumed s0 of 13,119 and 18,472.
 */
import type { PartContext, PartDefinition } from "../types.ts";
import { CommandPart, type Command } from "./common/commands.ts";

/** Table 7: 0.6 ms from power to idle at most. */
const POWER_UP_MS = 0.6;
/** 6.3: fixed values after Init_air_quality. */
const INIT_MS = 15_000;
const FIXED = [400, 0];
/** 6.3: the algorithm wants a measurement each second. */
const REGULAR_MS = 3000;
/** Table 2 of the feature sets: SGP30, version 0x22. */
const FEATURES = 0x0022;
const SELF_TEST_OK = 0xd400;
/** Baseline of a part that has none yet (assumed). */
const BASELINE = 0x8a00;

/** Table 1: from a value on, steps of this size. */
const STEPS_CO2 = [[400, 1], [1479, 3], [5144, 9], [17597, 31]] as const;
const STEPS_TVOC = [[0, 1], [2008, 6], [11110, 32]] as const;
const MOST = 60_000;

function stepped(value: number, steps: readonly (readonly [number, number])[]): number {
  const [from, step] = steps.findLast(([start]) => value >= start) ?? steps[0]!;
  return Math.min(MOST, from + Math.round(Math.max(0, value - from) / step) * step);
}

class Sgp30 extends CommandPart {
  /** When the air quality algorithm was begun; undefined: it sleeps. */
  private initMs: number | undefined;
  private lastMs = 0;
  private baseline = [BASELINE, BASELINE];
  private readonly serial: number[];

  constructor(context: PartContext) {
    super(context);
    this.serial = [0, context.rng.below(65536), context.rng.below(65536)];
    this.beBusy(context.poweredMs + POWER_UP_MS);
  }

  protected readonly commands = new Map<number, Command>([
    [0x2003, { ms: 10, run: () => this.init() }],
    [0x2008, { ms: 12, run: () => this.measure() }],
    [0x2015, { ms: 10, run: () => this.baseline }],
    [0x201e, { ms: 10, words: 2, run: (words) => this.setBaseline(words) }],
    [0x2061, { ms: 10, words: 1, run: () => undefined }],
    [0x2032, { ms: 220, run: () => [SELF_TEST_OK] }],
    [0x202f, { ms: 10, run: () => [FEATURES] }],
    [0x2050, { ms: 25, run: () => this.raw() }],
    [0x20b3, { ms: 10, run: () => [this.baseline[1]!] }],
    [0x2077, { ms: 10, words: 1, run: ([word]) => this.setBaseline([word!, this.baseline[0]!]) }],
    [0x3682, { ms: 0.5, run: () => this.serial }],
  ]);

  protected takes(): boolean {
    return true;
  }

  protected begin(): void {
    // It measures when it is told to.
  }

  protected end(): void {
    // Nothing goes on by itself.
  }

  private init(): undefined {
    this.initMs = this.lastMs = this.context.clock.now();
  }

  private measure(): number[] {
    const now = this.context.clock.now();
    if (this.initMs === undefined) {
      this.context.warn("Measure_air_quality before Init_air_quality: fixed values");
      return FIXED;
    }
    if (now - this.lastMs > REGULAR_MS) {
      this.context.warn("the last Measure_air_quality is over 3 s ago: the baseline algorithm wants one each second");
    }
    this.lastMs = now;
    if (now - this.initMs < INIT_MS) return FIXED;
    return [stepped(this.context.signal("eco2"), STEPS_CO2), stepped(this.context.signal("tvoc"), STEPS_TVOC)];
  }

  /** TVOC first when it is set, CO2eq first when it is got (6.3). */
  private setBaseline([tvoc, co2]: number[]): undefined {
    this.baseline = [co2!, tvoc!];
  }

  /** H2 and ethanol. */
  private raw(): number[] {
    const share = Math.log((this.context.signal("tvoc") + 100) / 100);
    return [Math.round(13_119 - 512 * share), Math.round(18_472 - 512 * share)];
  }
}

export const part: PartDefinition = {
  title: "Sensirion SGP30",
  bus: "i2c",
  signals: () => [
    { name: "eco2", unit: "ppm", mean: 700, swing: 250, min: 400, max: MOST },
    { name: "tvoc", unit: "ppb", mean: 120, swing: 100, min: 0, max: MOST },
  ],
  faults: {},
  create: (context) => new Sgp30(context),
};
