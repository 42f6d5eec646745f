/**
 * Sensirion SCD41 (and SCD40, which lacks the single shots): CO2, temperature, humidity. I2C, 0x62.
 *
 * Datasheet SCD4x version 1.6 (May 2024; chapters as in 1.3): 3.3 communication, 3.4 table of commands, 3.5 basic
 * commands, 3.6 compensation, 3.8 low power, 3.9 advanced features, 3.10 single shot. Busy, and for commands that are
 * not for the mode it is in, it does not acknowledge.
 *
 * Signals: CO2, temperature, humidity, and the pressure of the air. Assumed, as the datasheet has no formulas: what is
 * measured of CO2 is proportional to the pressure and compensated for the pressure that was set, or that of the
 * altitude that was set; the part warms itself by the 4 degC of its default offset.
 */
import type { PartContext, PartDefinition } from "../types.ts";
import { humidityAt, pressureAt } from "./common/air.ts";
import { CommandPart, type Command } from "./common/commands.ts";
import { Converter } from "./common/converter.ts";

const WAKE_UP = 0x36f6;
/** 3.4: what it takes during a periodic measurement. */
const DURING = [0xec05, 0x3f86, 0xe000, 0xe4b8];

/** 3.5.1, 3.8.1, 3.10. */
const PERIOD_MS = 5000;
const LOW_POWER_MS = 30_000;
const SINGLE_MS = 5000;
const RHT_MS = 50;
/** Table 5: from power or power_down to idle. */
const START_UP_MS = 30;

/** 3.6.1: default of the offset, degC, and what the part warms itself (assumed: that). */
const SELF_HEATING = 4;
const TICK = 175 / 65535;
/** 3.9.4: it can show no more. */
const MOST_PPM = 40_000;

type Name = "co2" | "temperature" | "humidity" | "pressure";
type Mode = "idle" | "periodic" | "single" | "rht" | "asleep";

/** Settings, in the units of their commands. */
const FACTORY = { offset: Math.round(SELF_HEATING / TICK), altitude: 0, selfCalibration: 1 };
type Setting = keyof typeof FACTORY;

class Scd4x extends CommandPart {
  private mode: Mode = "idle";
  private settings = { ...FACTORY };
  /** hPa; 0: the altitude counts. */
  private pressure = 0;
  private result: number[] | undefined;
  private readonly serial: number[];
  private readonly converter: Converter<Name>;

  constructor(context: PartContext) {
    super(context);
    this.serial = [0, 1, 2].map(() => context.rng.below(65536));
    this.converter = new Converter(context, ["co2", "temperature", "humidity", "pressure"]);
    this.recall();
    this.beBusy(context.poweredMs + START_UP_MS);
  }

  protected readonly commands = new Map<number, Command>([
    [0x21b1, { ms: 0, run: () => this.measure("periodic", PERIOD_MS) }],
    [0x21ac, { ms: 0, run: () => this.measure("periodic", LOW_POWER_MS) }],
    // 3.5.2: reading empties the buffer; without data the read is not acknowledged.
    [0xec05, { ms: 1, run: () => this.result, afterRead: () => this.empty() }],
    [0x3f86, { ms: 500, run: () => this.stop() }],
    [0xe4b8, { ms: 1, run: () => [this.result ? 0x8006 : 0x8000] }],
    [0x241d, { ms: 1, words: 1, run: ([word]) => this.set("offset", word!) }],
    [0x2318, { ms: 1, run: () => [this.settings.offset] }],
    [0x2427, { ms: 1, words: 1, run: ([word]) => this.set("altitude", word!) }],
    [0x2322, { ms: 1, run: () => [this.settings.altitude] }],
    [0xe000, { ms: 1, words: 1, run: ([word]) => this.setPressure(word!) }],
    [0x2416, { ms: 1, words: 1, run: ([word]) => this.set("selfCalibration", word! & 1) }],
    [0x2313, { ms: 1, run: () => [this.settings.selfCalibration] }],
    // 3.7.1: 0xffff is a recalibration that failed: there was no measurement for 3 minutes, which is not modelled.
    [0x362f, { ms: 400, words: 1, run: () => [0xffff] }],
    [0x3615, { ms: 800, run: () => this.persist() }],
    [0x3682, { ms: 1, run: () => this.serial }],
    [0x3639, { ms: 10_000, run: () => [0] }],
    [0x3632, { ms: 1200, run: () => this.factoryReset() }],
    [0x3646, { ms: 30, run: () => this.recall() }],
    [0x202f, { ms: 1, run: () => [0x1440] }],
    [0x219d, { ms: SINGLE_MS, run: () => this.measure("single", SINGLE_MS) }],
    [0x2196, { ms: RHT_MS, run: () => this.measure("rht", RHT_MS) }],
    [0x36e0, { ms: 1, run: () => this.sleep() }],
    [WAKE_UP, { ms: START_UP_MS, run: () => this.wake() }],
  ]);

  protected takes(code: number): boolean {
    if (this.mode === "asleep") return false;
    return this.mode !== "periodic" || DURING.includes(code);
  }

  override write(bytes: Uint8Array): number {
    const code = bytes.length === 2 ? (bytes[0]! << 8) | bytes[1]! : 0;
    // 3.10.4: wake_up is not acknowledged.
    if (code === WAKE_UP && !this.isBusy()) {
      if (this.mode === "asleep") this.wake();
      return -1;
    }
    return this.mode === "asleep" ? -1 : super.write(bytes);
  }

  protected begin(): void {
    for (let done = this.converter.finished(); done; done = this.converter.finished()) {
      this.result = this.words(done.world, this.mode !== "rht");
      if (this.mode !== "periodic") this.mode = "idle";
    }
  }

  protected end(): void {
    this.converter.touch();
  }

  private empty(): void {
    this.result = undefined;
  }

  private words(world: Record<Name, number>, withCo2: boolean): number[] {
    const { co2, temperature, humidity, pressure } = world;
    const assumed = this.pressure > 0 ? this.pressure : pressureAt(this.settings.altitude);
    const shown = temperature + SELF_HEATING - this.settings.offset * TICK;
    const word = (value: number, most = 65535): number => Math.min(most, Math.max(0, Math.round(value)));
    return [
      withCo2 ? word((co2 * pressure) / assumed, MOST_PPM) : 0,
      word((shown + 45) / TICK),
      word((humidityAt(humidity, temperature, shown) * 65535) / 100),
    ];
  }

  private measure(mode: Mode, ms: number): undefined {
    this.mode = mode;
    this.result = undefined;
    this.converter.start(ms, mode === "periodic");
  }

  private stop(): undefined {
    this.mode = "idle";
    this.result = undefined;
    this.converter.stop();
  }

  private set(name: Setting, word: number): undefined {
    this.settings[name] = word;
  }

  private setPressure(hectopascals: number): undefined {
    if (hectopascals < 700 || hectopascals > 1200) this.context.warn(`a pressure of ${hectopascals} hPa (700 to 1200)`);
    this.pressure = hectopascals;
  }

  private persist(): undefined {
    for (const [name, word] of Object.entries(this.settings)) this.context.nonVolatile.set(name, word);
  }

  /** 3.9.5: the settings of the EEPROM. */
  private recall(): undefined {
    const { nonVolatile } = this.context;
    for (const name of Object.keys(FACTORY) as Setting[]) this.settings[name] = nonVolatile.get(name) ?? FACTORY[name];
    this.pressure = 0;
    return this.stop();
  }

  private factoryReset(): undefined {
    this.context.nonVolatile.clear();
    return this.recall();
  }

  private sleep(): undefined {
    this.stop();
    this.mode = "asleep";
  }

  private wake(): undefined {
    this.mode = "idle";
    this.beBusy(this.context.clock.now() + START_UP_MS);
  }
}

export const part: PartDefinition = {
  title: "Sensirion SCD41",
  bus: "i2c",
  signals: () => [
    { name: "co2", unit: "ppm", mean: 800, swing: 300, min: 400, max: 5000 },
    { name: "temperature", unit: "°C", mean: 21, swing: 3, min: -10, max: 60 },
    { name: "humidity", unit: "%", mean: 50, swing: -10, min: 0, max: 100 },
    { name: "pressure", unit: "hPa", mean: 1013.25, swing: 0, min: 700, max: 1013.25 },
  ],
  faults: {},
  create: (context) => new Scd4x(context),
};
