/**
 * Texas Instruments ADS1115: four voltages, 16 bits. I2C, 0x48 to 0x4B by what ADDR is tied to.
 *
 * Datasheet SBAS444E (December 2024; sections of SBAS444D, January 2018, in brackets): 6.5 electrical characteristics
 * (data rate within 10 %), 7.4.2 [9.4.2] operating modes, 7.5.4 [9.5.4] data format, 8.1 [9.6] registers. The four
 * signals are the voltages of AIN0 to AIN3. The comparator and its pin are not modelled: its registers can be written
 * and read.
 */
import type { PartContext, PartDefinition } from "../types.ts";
import { Converter, oscillator } from "./common/converter.ts";
import { WordPart, word16 } from "./common/words.ts";

const CONVERSION = 0;
const CONFIG = 1;
const LO_THRESH = 2;
const HI_THRESH = 3;

// Config register.
const OS = 0x8000;
const SINGLE_SHOT = 0x0100;
const AFTER_RESET = 0x8583;

const NAMES = ["a0", "a1", "a2", "a3"] as const;
type Input = (typeof NAMES)[number];

/** PGA[2:0]: full scale, V. */
const FULL_SCALE = [6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256];
/** MUX[2:0]: positive and negative input; the last four against ground. */
const INPUTS: [Input, Input | undefined][] = [
  ["a0", "a1"], ["a0", "a3"], ["a1", "a3"], ["a2", "a3"],
  ["a0", undefined], ["a1", undefined], ["a2", undefined], ["a3", undefined],
];
/** DR[2:0]: samples a second. */
const RATE = [8, 16, 32, 64, 128, 250, 475, 860];
const RATE_OFF = 0.1;
/** Single-shot: the part wakes first. */
const WAKE_MS = 0.025;

class Ads1115 extends WordPart {
  private config = AFTER_RESET;
  private low = 0x8000;
  private high = 0x7fff;
  private result = 0;
  /** Settings of the conversion under way; others count from the next one on. */
  private used = AFTER_RESET;
  private readonly converter: Converter<Input>;
  private readonly factor: number;

  constructor(context: PartContext) {
    super(context);
    this.converter = new Converter(context, NAMES);
    this.factor = oscillator(context, RATE_OFF);
  }

  protected has(register: number): boolean {
    return register <= HI_THRESH;
  }

  protected readWord(register: number): number {
    if (register === CONVERSION) return this.result;
    if (register === CONFIG) return (this.config & ~OS) | (this.isConverting() ? 0 : OS);
    return register === LO_THRESH ? this.low : this.high;
  }

  protected writeWord(register: number, word: number): void {
    if (register === LO_THRESH) this.low = word;
    else if (register === HI_THRESH) this.high = word;
    else if (register === CONFIG) this.configure(word);
    else this.ignored(register, word);
  }

  protected begin(): void {
    for (let done = this.converter.finished(); done; done = this.converter.finished()) {
      this.result = this.code(done.world);
      this.follow(done.endMs);
    }
  }

  protected end(): void {
    this.converter.touch();
  }

  /** In continuous mode OS reads 0 at all times: a conversion is always being performed. */
  private isConverting(): boolean {
    return this.converter.busy;
  }

  private configure(word: number): void {
    this.config = word;
    if (this.converter.busy) return this.converter.last();
    // Powered down: OS starts one conversion, MODE 0 starts them for good.
    if ((word & SINGLE_SHOT) === 0 || (word & OS) !== 0) this.run(this.context.clock.now(), WAKE_MS);
  }

  /** A conversion has ended: the next one has the settings of now. */
  private follow(ms: number): void {
    if ((this.config & SINGLE_SHOT) === 0 && !this.converter.busy) this.run(ms);
  }

  private run(startMs: number, wakeMs = 0): void {
    this.used = this.config;
    const isSingle = (this.used & SINGLE_SHOT) !== 0;
    const durationMs = (1000 / RATE[(this.used >> 5) & 7]!) * this.factor + (isSingle ? wakeMs : 0);
    this.converter.start(durationMs, !isSingle, startMs);
  }

  /** 7.5.4: clipped at the ends of the scale. */
  private code(volts: Record<Input, number>): number {
    const [plus, minus] = INPUTS[(this.used >> 12) & 7]!;
    const difference = volts[plus] - (minus === undefined ? 0 : volts[minus]);
    return word16((difference / FULL_SCALE[(this.used >> 9) & 7]!) * 32768);
  }
}

export const part: PartDefinition = {
  title: "Texas Instruments ADS1115",
  bus: "i2c",
  // An input may be between ground and the supply, which is at most 5.5 V.
  signals: () => NAMES.map((name, i) => ({ name, unit: "V", mean: 0.5 + i, swing: 0.3, min: 0, max: 5.5 })),
  faults: {},
  create: (context) => new Ads1115(context),
};
