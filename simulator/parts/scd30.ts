/**
 * Sensirion SCD30: CO2, temperature, humidity. I2C, 0x61.
 *
 * Interface description version 1.0 D1 (May 2020): 1.1 protocol (3 ms between a command and its read, boot-up below
 * 2 s, no repeated start), 1.4.1 to 1.4.10 commands, 1.5 big-endian floats. Clock stretching is not modelled. A part
 * without new data does not acknowledge the read (assumed: 1.4.5 only asks to look at the data ready status first).
 *
 * Signals: CO2, temperature, humidity, and the pressure of the air. Assumed, as there are no formulas: what is measured
 * of CO2 is proportional to the pressure, and compensated for the one that was given, or for that of the altitude.
 */
import type { PartContext, PartDefinition } from "../types.ts";
import { humidityAt, pressureAt } from "./common/air.ts";
import { CommandPart, type Command } from "./common/commands.ts";
import { Converter } from "./common/converter.ts";

const BOOT_MS = 2000;
/** 1.1: "with a delay of > 3 ms": an answer is there after it. */
const ANSWER_MS = 3;
/** 1.4.3: the shortest and the longest interval, s. */
const SHORTEST_S = 2;
const LONGEST_S = 1800;
/** 1.4.9: factory values: firmware 3.66. */
const FIRMWARE = 0x0342;
/** The measuring range of the data sheet; the output has room for 40,000 ppm. */
const MOST_PPM = 40_000;

type Name = "co2" | "temperature" | "humidity" | "pressure";

/** All of them survive a loss of power (1.4.1 to 1.4.8). `running` is 1 during continuous measurement. */
const FACTORY = {
  running: 0, pressure: 0, intervalS: SHORTEST_S, selfCalibration: 0, reference: 400, offset: 0, altitude: 0,
};
type Setting = keyof typeof FACTORY;

class Scd30 extends CommandPart {
  private result: number[] | undefined;
  private readonly converter: Converter<Name>;

  constructor(context: PartContext) {
    super(context);
    this.converter = new Converter(context, ["co2", "temperature", "humidity", "pressure"]);
    this.boot(context.poweredMs);
  }

  protected readonly commands = new Map<number, Command>([
    [0x0010, { ms: ANSWER_MS, words: 1, run: ([word]) => this.startAt(word!) }],
    [0x0104, { ms: ANSWER_MS, run: () => this.stop() }],
    [0x4600, this.setting("intervalS")],
    [0x0202, { ms: ANSWER_MS, run: () => [this.result ? 1 : 0] }],
    [0x0300, { ms: ANSWER_MS, run: () => this.result, afterRead: () => this.empty() }],
    [0x5306, this.setting("selfCalibration")],
    [0x5204, this.setting("reference")],
    [0x5403, this.setting("offset")],
    [0x5102, this.setting("altitude")],
    [0xd100, { ms: ANSWER_MS, run: () => [FIRMWARE] }],
    [0xd304, { ms: 0, run: () => this.boot(this.context.clock.now()) }],
  ]);

  protected takes(): boolean {
    return true;
  }

  protected begin(): void {
    const done = this.converter.finished();
    if (done) this.result = this.words(done.world);
  }

  protected end(): void {
    this.converter.touch();
  }

  /** A command without a word asks for the setting, with one it sets it. */
  private setting(name: Setting): Command {
    const run: Command["run"] = ([word]) => word === undefined ? [this.get(name)] : this.set(name, word);
    return { ms: ANSWER_MS, words: 1, optional: true, run };
  }

  private get(name: Setting): number {
    return this.context.nonVolatile.get(name) ?? FACTORY[name];
  }

  private set(name: Setting, word: number): undefined {
    if (name === "intervalS" && (word < SHORTEST_S || word > LONGEST_S)) {
      return this.context.warn(`an interval of ${word} s (${SHORTEST_S} to ${LONGEST_S}): ignored`) as undefined;
    }
    this.context.nonVolatile.set(name, word);
    if (name === "intervalS" && this.get("running") === 1) this.measure(this.context.clock.now());
  }

  private startAt(hectopascals: number): undefined {
    if (hectopascals !== 0 && (hectopascals < 700 || hectopascals > 1400)) {
      this.context.warn(`a pressure of ${hectopascals} mbar (0, or 700 to 1400)`);
    }
    const wasRunning = this.get("running") === 1;
    this.set("pressure", hectopascals);
    this.set("running", 1);
    // A new pressure does not disturb a measurement that is under way.
    if (!wasRunning) this.measure(this.context.clock.now());
  }

  private stop(): undefined {
    this.set("running", 0);
    this.converter.stop();
  }

  private measure(fromMs: number): void {
    this.converter.start(this.get("intervalS") * 1000, true, fromMs);
  }

  private empty(): void {
    this.result = undefined;
  }

  private boot(atMs: number): undefined {
    this.result = undefined;
    this.converter.stop();
    if (this.get("running") === 1) this.measure(Math.max(0, atMs));
    this.beBusy(atMs + BOOT_MS);
  }

  private words({ co2, temperature, humidity, pressure }: Record<Name, number>): number[] {
    // 1.4.8: the altitude is disregarded where a pressure was given.
    const given = this.get("pressure");
    const assumed = given > 0 ? given : pressureAt(this.get("altitude"));
    // 1.4.7: the offset, in 0.01 degC, is taken off what the part measures; it does not warm itself here.
    const shown = temperature - this.get("offset") / 100;
    return [
      Math.min(MOST_PPM, (co2 * pressure) / assumed), shown, humidityAt(humidity, temperature, shown),
    ].flatMap(float);
  }
}

/** The two words of a float. */
function float(value: number): number[] {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return [view.getUint16(0), view.getUint16(2)];
}

export const part: PartDefinition = {
  title: "Sensirion SCD30",
  bus: "i2c",
  signals: () => [
    { name: "co2", unit: "ppm", mean: 800, swing: 300, min: 400, max: 10_000 },
    { name: "temperature", unit: "°C", mean: 21, swing: 3, min: -40, max: 70 },
    { name: "humidity", unit: "%", mean: 50, swing: -10, min: 0, max: 100 },
    { name: "pressure", unit: "hPa", mean: 1013.25, swing: 0, min: 700, max: 1013.25 },
  ],
  faults: {},
  create: (context) => new Scd30(context),
};
