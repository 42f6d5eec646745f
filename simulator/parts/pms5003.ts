/**
 * Plantower PMS5003, by its series data manual V2.3: appendix I (frames of 32 bytes with 13 words and the sum of all
 * bytes before it), appendix II (commands of 7 bytes and the answers to them), "Output result" (active mode after
 * power-on, a frame every 2.3 s), "Circuit attentions" 4 (stable 30 s after it was woken up: the fan gathers speed).
 *
 * Signals are the three concentrations of the atmospheric environment; the words of standard particles (CF=1) are the
 * same up to 30 ug/m3 and larger by up to a half above, as the part's own curve has them. Numbers of particles follow
 * the concentrations.
 */
import type { PartContext, PartDefinition, UartPart } from "../types.ts";

const MODE = 0xe1;
const READ = 0xe2;
const SLEEP = 0xe4;
const COMMAND_BYTES = 7;

const ACTIVE_MS = 2300;
const ANSWER_MS = 10;
const STABLE_MS = 30_000;
/** The largest number of particles in 0.1 l that a word holds. */
const MOST = 65_535;

const sumOf = (bytes: number[]): number => bytes.reduce((sum, byte) => sum + byte, 0) & 0xffff;
const word = (value: number): number[] => [value >> 8 & 0xff, value & 0xff];

class Pms5003 implements UartPart {
  readonly baud = 9600;
  private send: (bytes: Uint8Array) => void = () => {};
  private heard: number[] = [];
  private isActive = true;
  private isAsleep = false;
  private wokenMs: number;

  constructor(private readonly context: PartContext) {
    this.wokenMs = context.poweredMs;
  }

  attach(send: (bytes: Uint8Array) => void): void {
    this.send = send;
    this.later(ACTIVE_MS, () => this.report());
  }

  write(bytes: Uint8Array): void {
    for (const byte of bytes) {
      this.heard.push(byte);
      // Resynchronises at the next "BM".
      while (this.heard.length > 0 && !(this.heard[0] === 0x42 && (this.heard[1] ?? 0x4d) === 0x4d)) this.heard.shift();
      if (this.heard.length < COMMAND_BYTES) continue;
      const command = this.heard.splice(0, COMMAND_BYTES);
      if (sumOf(command.slice(0, 5)) === command[5]! * 256 + command[6]!) this.command(command[2]!, command[4]!);
      else this.context.warn(`a command with a wrong sum: ${command.map((each) => each.toString(16)).join(" ")}`);
    }
  }

  private command(code: number, value: number): void {
    // Asleep it hears nothing but that it should wake up.
    if (this.isAsleep && !(code === SLEEP && value === 1)) return;
    if (code === MODE) {
      this.isActive = value === 1;
      this.answer(code, value);
    } else if (code === SLEEP) {
      if (this.isAsleep && value === 1) this.wokenMs = this.context.clock.now();
      this.isAsleep = value === 0;
      if (value === 0) this.answer(code, value);
    } else if (code === READ) {
      if (!this.isActive) this.later(ANSWER_MS, () => this.send(this.frame()));
    } else {
      this.context.warn(`${code.toString(16).toUpperCase()}h is no command`);
    }
  }

  private answer(code: number, value: number): void {
    const bytes = [0x42, 0x4d, 0, 4, code, value];
    this.later(ANSWER_MS, () => this.send(Uint8Array.from([...bytes, ...word(sumOf(bytes))])));
  }

  private report(): void {
    if (this.isActive && !this.isAsleep) this.send(this.frame());
    this.later(ACTIVE_MS, () => this.report());
  }

  private later(ms: number, fn: () => void): void {
    this.context.clock.after(ms, fn);
  }

  private frame(): Uint8Array {
    const { clock } = this.context;
    // The fan has not brought in enough air yet: too few particles.
    const share = Math.min(1, (clock.now() - this.wokenMs) / STABLE_MS);
    const air = ["pm1", "pm25", "pm10"].map((name) => Math.round(this.context.signal(name) * share));
    const standard = air.map((value) =>
      Math.round(value <= 30 ? value : Math.min(value * 1.5, 30 + (value - 30) * 1.6)));
    const [pm1, pm25, pm10] = air as [number, number, number];
    const counts = [180 * pm1, 52 * pm1, 9 * pm1, pm25 - pm1, (pm10 - pm25) / 4, (pm10 - pm25) / 10]
      .map((count) => Math.min(MOST, Math.max(0, Math.round(count))));
    const words = [28, ...standard, ...air, ...counts, 0x9100];
    const bytes = [0x42, 0x4d, ...words.flatMap(word)];
    const sum = sumOf(bytes) ^ (this.context.faults.has("checksum") ? 0x0100 : 0);
    return Uint8Array.from([...bytes, ...word(sum)]);
  }
}

export const part: PartDefinition = {
  title: "Plantower PMS5003",
  bus: "uart",
  signals: () => [
    { name: "pm1", unit: "µg/m³", mean: 8, swing: 5, min: 0, max: 1000 },
    { name: "pm25", unit: "µg/m³", mean: 12, swing: 8, min: 0, max: 1000 },
    { name: "pm10", unit: "µg/m³", mean: 18, swing: 10, min: 0, max: 1000 },
  ],
  faults: { checksum: "the sum of its frames is wrong" },
  create: (context) => new Pms5003(context),
};
