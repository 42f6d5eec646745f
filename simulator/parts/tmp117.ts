/**
 * Texas Instruments TMP117: temperature. I2C, 0x48 to 0x4B.
 *
 * Datasheet SNOS D82, revision D (SNOSD82D, 2022). Sections used: 6.5 (conversion and reset times), 7.3.2 averaging,
 * 7.4 modes, table 7-7 (conversion cycle time), 7.5.1 EEPROM, 7.6 register map. Where it is silent the comment says
 * "assumed". The alert pin is wired to nothing, its flags are there.
 */
import { hex } from "../buses/i2c.ts";
import type { I2cPart, PartContext, PartDefinition, SignalSpec } from "../types.ts";
import { Cycles } from "./common/cycles.ts";

// Register map, 7.6.
const TEMP_RESULT = 0x00;
const CONFIGURATION = 0x01;
const HIGH_LIMIT = 0x02;
const LOW_LIMIT = 0x03;
const EEPROM_UNLOCK = 0x04;
const EEPROM1 = 0x05;
const EEPROM2 = 0x06;
const OFFSET = 0x07;
const EEPROM3 = 0x08;
const DEVICE_ID = 0x0f;

const ID = 0x0117; // revision 0 in the upper four bits
/** 7.6.2: -256 degC until the first conversion has ended. */
const NOTHING = 0x8000;

// Configuration, 7.6.3.
const HIGH_ALERT = 1 << 15;
const LOW_ALERT = 1 << 14;
const DATA_READY = 1 << 13;
const WRITABLE = 0x0ffc;
const SOFT_RESET = 1 << 1;
const SHUTDOWN = 1; // MOD, bits 11 and 10: 00 and 10 are continuous
const ONE_SHOT = 3;
const THERM = 1 << 4;

const EUN = 1 << 15;
const EEPROM_BUSY = 1 << 14;

/** 6.5: one conversion, typical and maximum. */
const CONVERSION_MS = { typical: 15.5, maximum: 17.5 };
const AVERAGED = [1, 8, 32, 64] as const;
/** Table 7-7: from start to start; at least the active time. */
const CYCLE_MS = [15.5, 125, 250, 500, 1000, 4000, 8000, 16_000] as const;
/** 6.5: reset time, from power-on or soft reset. */
const RESET_MS = 2;
/** 7.5.1.2: programming of the EEPROM. */
const PROGRAMMING_MS = 7;

/** What the factory programs: configuration, limits, offset; EEPROM1 to 3 hold the part's own number. */
const FACTORY: [register: number, value: number][] = [
  [CONFIGURATION, 0x0220], [HIGH_LIMIT, 0x6000], [LOW_LIMIT, 0x8000], [OFFSET, 0],
];

const SIGNALS: SignalSpec[] = [{ name: "temperature", unit: "°C", mean: 21, swing: 5, min: -55, max: 150 }];

const signed = (word: number): number => (word << 16) >> 16;

class Tmp117 implements I2cPart {
  private readonly registers = new Map<number, number>();
  private readonly eeprom = new Map<number, number>(FACTORY);
  private pointer = TEMP_RESULT;
  private result = NOTHING;
  private flags = 0;
  private unlocked = false;
  private programmedMs = -Infinity;
  private running: Cycles | undefined;
  private asleepUntilMs: number;

  constructor(private readonly context: PartContext) {
    for (const register of [EEPROM1, EEPROM2, EEPROM3]) this.eeprom.set(register, context.rng.below(0x10000));
    this.asleepUntilMs = context.poweredMs + RESET_MS;
    this.start(Math.max(this.asleepUntilMs, context.clock.now() - 5000));
  }

  write(bytes: Uint8Array): number {
    this.settle();
    if (this.context.clock.now() < this.asleepUntilMs) return -1;
    if (bytes.length === 0) return 0;
    this.pointer = bytes[0]!;
    if (bytes.length === 3) this.writeWord(this.pointer, (bytes[1]! << 8) | bytes[2]!);
    else if (bytes.length > 1) this.context.warn(`write of ${bytes.length - 1} bytes to ${hex(this.pointer)}: it takes words`);
    return bytes.length;
  }

  read(count: number): Uint8Array | undefined {
    this.settle();
    if (this.context.clock.now() < this.asleepUntilMs) return undefined;
    if (count === 0) return new Uint8Array();
    const word = this.readWord(this.pointer);
    return Uint8Array.from({ length: count }, (_, i) => (i === 0 ? word >> 8 : i === 1 ? word & 0xff : 0xff));
  }

  private writeWord(register: number, value: number): void {
    const now = this.context.clock.now();
    if (register === CONFIGURATION && (value & SOFT_RESET) !== 0) {
      this.asleepUntilMs = now + RESET_MS;
      return this.start(this.asleepUntilMs);
    }
    if (register === EEPROM_UNLOCK) this.unlocked = (value & EUN) !== 0;
    else if (!this.eeprom.has(register)) {
      const kind = register === TEMP_RESULT || register === DEVICE_ID ? "read-only" : "unmapped";
      this.context.warn(`write of 0x${value.toString(16)} to ${kind} register ${hex(register)}: ignored`);
    } else {
      if (this.unlocked) {
        this.eeprom.set(register, register === CONFIGURATION ? value & WRITABLE : value);
        this.programmedMs = now + PROGRAMMING_MS;
      }
      this.registers.set(register, register === CONFIGURATION ? value & WRITABLE : value);
      if (register === CONFIGURATION) this.convert(now);
    }
  }

  private readWord(register: number): number {
    const value = this.registers.get(register);
    if (register === TEMP_RESULT) {
      this.flags &= ~DATA_READY;
      return this.result;
    }
    if (register === CONFIGURATION) {
      // 7.6.3: reading clears data ready, and in alert mode the alert flags.
      const word = value! | this.flags | (this.context.clock.now() < this.programmedMs ? 1 << 12 : 0);
      this.flags &= (value! & THERM) === 0 ? 0 : ~DATA_READY;
      return word;
    }
    if (register === EEPROM_UNLOCK) {
      return (this.unlocked ? EUN : 0) | (this.context.clock.now() < this.programmedMs ? EEPROM_BUSY : 0);
    }
    if (register === DEVICE_ID) return this.context.faults.has("garbage") ? 0xffff : ID;
    if (value === undefined) this.context.warn(`read of unmapped register ${hex(register)}`);
    return value ?? 0;
  }

  /** After power-on or soft reset: the registers are what the EEPROM holds. */
  private start(ms: number): void {
    for (const [register, value] of this.eeprom) this.registers.set(register, value);
    this.result = NOTHING;
    this.flags = 0;
    this.unlocked = false;
    this.convert(ms);
  }

  private mode(): number {
    return (this.registers.get(CONFIGURATION)! >> 10) & 3;
  }

  /** A write of the configuration begins anew. */
  private convert(startMs: number): void {
    const config = this.registers.get(CONFIGURATION)!;
    const each = CONVERSION_MS[this.context.faults.has("slow") ? "maximum" : "typical"];
    const activeMs = each * AVERAGED[(config >> 5) & 3]!;
    this.running = this.mode() === SHUTDOWN
      ? undefined : new Cycles(startMs, activeMs, Math.max(activeMs, CYCLE_MS[(config >> 7) & 7]!));
  }

  /** What the world is now stands for the last conversion, which ended a moment before. */
  private settle(): void {
    if ((this.running?.ended(this.context.clock.now()) ?? 0) === 0) return;
    const config = this.registers.get(CONFIGURATION)!;
    // 7.6.2: 7.8125 m degC; the offset is added, and the sum stays within the 16 bits.
    const steps = Math.round(this.context.signal("temperature") * 128) + signed(this.registers.get(OFFSET)!);
    const result = Math.min(0x7fff, Math.max(-0x8000, steps));
    this.result = result & 0xffff;
    const therm = (config & THERM) !== 0;
    const [high, low] = [signed(this.registers.get(HIGH_LIMIT)!), signed(this.registers.get(LOW_LIMIT)!)];
    this.flags |= DATA_READY;
    if (result > high) this.flags |= HIGH_ALERT;
    if (therm && result < low) this.flags &= ~HIGH_ALERT;
    if (!therm && result < low) this.flags |= LOW_ALERT;
    if (this.mode() === ONE_SHOT) {
      // 7.4.3: then it is in shutdown mode.
      this.registers.set(CONFIGURATION, (config & ~(3 << 10)) | (SHUTDOWN << 10));
      this.running = undefined;
    }
  }
}

export const part: PartDefinition = {
  title: "Texas Instruments TMP117",
  bus: "i2c",
  signals: () => SIGNALS,
  faults: {
    garbage: "a wrong device id",
    slow: "takes the maximum conversion time instead of the typical one",
  },
  create: (context) => new Tmp117(context),
};
