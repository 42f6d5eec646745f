/**
 * Winsen MH-Z19B, by its user's manual V1.0: "Commands" (9 bytes, FFh, 01h, a code, five bytes, a checksum), 86h
 * (answer: FFh, 86h, the concentration), 79h (self-calibration, no answer), 99h (range; no answer, and the range in
 * bytes 6 and 7, as revspace.nl/MHZ19 found), "Checksum", "Technical parameters" (preheating for 3 minutes: the part
 * says 410 ppm, as those of firmware 5 do). Self-calibration is not simulated: the simulated air has no 400 ppm.
 */
import type { PartContext, PartDefinition, UartPart } from "../types.ts";

const READ = 0x86;
const SELF_CALIBRATION = 0x79;
const RANGE = 0x99;
const COMMAND_BYTES = 9;
const ANSWER_MS = 5;
const PREHEAT_MS = 180_000;
const PREHEAT_PPM = 410;
/** What it is delivered with. */
const FACTORY_RANGE = 2000;

/** The negative of the sum of bytes 1 to 7. */
const checksum = (bytes: number[]): number => -bytes.slice(1, 8).reduce((sum, byte) => sum + byte, 0) & 0xff;

class MhZ19 implements UartPart {
  readonly baud = 9600;
  private send: (bytes: Uint8Array) => void = () => {};
  private heard: number[] = [];
  private range = FACTORY_RANGE;

  constructor(private readonly context: PartContext) {}

  attach(send: (bytes: Uint8Array) => void): void {
    this.send = send;
  }

  write(bytes: Uint8Array): void {
    for (const byte of bytes) {
      this.heard.push(byte);
      while (this.heard.length > 0 && this.heard[0] !== 0xff) this.heard.shift();
      if (this.heard.length < COMMAND_BYTES) continue;
      const command = this.heard.splice(0, COMMAND_BYTES);
      if (checksum(command) === command[8]) this.command(command);
      else this.context.warn(`a command with a wrong checksum: ${command.map((each) => each.toString(16)).join(" ")}`);
    }
  }

  private command(bytes: number[]): void {
    const code = bytes[2]!;
    if (code === RANGE) {
      this.range = bytes[6]! * 256 + bytes[7]!;
    } else if (code === READ) {
      this.context.clock.after(ANSWER_MS, () => this.answer());
    } else if (code !== SELF_CALIBRATION) {
      this.context.warn(`${code.toString(16).toUpperCase()}h is no command`);
    }
  }

  private answer(): void {
    const { clock, poweredMs, faults } = this.context;
    const isWarm = clock.now() - poweredMs >= PREHEAT_MS;
    const ppm = isWarm ? Math.min(this.range, Math.round(this.context.signal("co2"))) : PREHEAT_PPM;
    const bytes = [0xff, 0x86, ppm >> 8, ppm & 0xff, 0x47, 0, 0, 0];
    this.send(Uint8Array.from([...bytes, checksum(bytes) ^ (faults.has("checksum") ? 1 : 0)]));
  }
}

export const part: PartDefinition = {
  title: "Winsen MH-Z19B",
  bus: "uart",
  signals: (options) => [
    { name: "co2", unit: "ppm", mean: 650, swing: 200, min: 0, max: (options.range as number | undefined) ?? 5000 },
  ],
  faults: { checksum: "the checksum of its answers is wrong" },
  create: (context) => new MhZ19(context),
};
