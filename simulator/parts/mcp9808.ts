/**
 * Microchip MCP9808: temperature. I2C, 0x18 to 0x1F.
 *
 * Datasheet DS25095A (2011; DS20005095B has the same). Sections used: "Temperature characteristics" (conversion
 * times), 5.1 registers (table 5-1, registers 5-1 to 5-7), 5.2 alert, hysteresis. Where it is silent the comment says
 * "assumed".
 */
import { hex } from "../buses/i2c.ts";
import type { I2cPart, PartContext, PartDefinition, SignalSpec } from "../types.ts";
import { Cycles } from "./common/cycles.ts";

// Register pointers, 5.1.
const CONFIG = 0x01;
const UPPER = 0x02;
const LOWER = 0x03;
const CRITICAL = 0x04;
const AMBIENT = 0x05;
const MANUFACTURER = 0x06;
const DEVICE = 0x07;
const RESOLUTION = 0x08; // of 8 bits

const MANUFACTURER_ID = 0x0054;
const DEVICE_ID = 0x0400; // device 04, revision 00

// Configuration, register 5-2.
const HYSTERESIS_C = [0, 1.5, 3, 6] as const; // bits 10 and 9
const SHUTDOWN = 1 << 8;
const CRITICAL_LOCK = 1 << 7;
const WINDOW_LOCK = 1 << 6;
const CLEAR_INTERRUPT = 1 << 5;
const WRITABLE = 0x07cf;

// Ambient, register 5-4: flags above the 13 bits of temperature.
const AT_CRITICAL = 1 << 15;
const ABOVE_UPPER = 1 << 14;
const BELOW_LOWER = 1 << 13;

/** t_CONV, typical, by the resolution register: 0.5, 0.25, 0.125, 0.0625 degC. No maximum is given. */
const CONVERSION_MS = [30, 65, 130, 250] as const;
/** Assumed: a slow part takes a tenth more. */
const SLOW = 1.1;

const SIGNALS: SignalSpec[] = [{ name: "temperature", unit: "°C", mean: 21, swing: 5, min: -40, max: 125 }];

/** Sixteenths of a degree of a limit register: bit 12 is the sign, quarters from bit 2 on. */
function sixteenths(register: number): number {
  return (register & 0x0ffc) - (register & 0x1000);
}

class Mcp9808 implements I2cPart {
  private pointer = 0;
  private config = 0;
  /** Upper, lower, critical. */
  private readonly limits = [0, 0, 0];
  private resolution = 3;
  /** Sixteenths of a degree; 0 after power-on. */
  private ambient = 0;
  private flags = 0;
  private running: Cycles | undefined;

  constructor(private readonly context: PartContext) {
    // Conversions have run since power-on.
    this.convertFrom(Math.max(context.poweredMs, context.clock.now() - 1000));
  }

  write(bytes: Uint8Array): number {
    this.settle();
    if (bytes.length === 0) return 0;
    this.pointer = bytes[0]! & 0x0f;
    if ((bytes[0]! & 0xf0) !== 0) this.context.warn(`register pointer ${hex(bytes[0]!)}: the upper four bits are 0`);
    const value = bytes.length === 3 ? (bytes[1]! << 8) | bytes[2]! : bytes[1]!;
    if (this.pointer === RESOLUTION && bytes.length === 2) {
      this.resolution = value & 3;
      this.restart(); // assumed: with the conversion that begins now
    } else if (bytes.length === 3 && this.pointer >= CONFIG && this.pointer <= CRITICAL) this.writeWord(value);
    else if (bytes.length > 1) {
      this.context.warn(`write of ${bytes.length - 1} bytes to register ${hex(this.pointer)}: ignored`);
    }
    return bytes.length;
  }

  read(count: number): Uint8Array | undefined {
    this.settle();
    if (count === 0) return new Uint8Array();
    const word = this.readWord(this.pointer);
    const bytes = this.pointer === RESOLUTION ? [word] : [word >> 8, word & 0xff];
    return Uint8Array.from({ length: count }, (_, i) => bytes[i] ?? 0xff);
  }

  private writeWord(value: number): void {
    const isCritical = this.pointer === CRITICAL;
    const isWindow = this.pointer === UPPER || this.pointer === LOWER;
    const locks = this.config & (CRITICAL_LOCK | WINDOW_LOCK);
    if ((isCritical && (locks & CRITICAL_LOCK) !== 0) || (isWindow && (locks & WINDOW_LOCK) !== 0)) {
      return this.context.warn(`write to register ${hex(this.pointer)}, which is locked: ignored`);
    }
    if (this.pointer !== CONFIG) {
      this.limits[this.pointer - UPPER] = value & 0x1ffc;
      return;
    }
    // Register 5-2: a lock bit is cleared by power-on alone, and locked the shutdown cannot be set.
    let config = (value & WRITABLE) | locks;
    if (locks !== 0) config &= ~SHUTDOWN | (this.config & SHUTDOWN);
    const wasDown = (this.config & SHUTDOWN) !== 0;
    this.config = config & ~CLEAR_INTERRUPT;
    if (((config & SHUTDOWN) !== 0) !== wasDown) this.restart();
  }

  private readWord(register: number): number {
    const garbage = this.context.faults.has("garbage");
    switch (register) {
      case CONFIG: return this.config;
      case UPPER: case LOWER: case CRITICAL: return this.limits[register - UPPER]!;
      case AMBIENT: return this.flags | (this.ambient & 0x1fff);
      case MANUFACTURER: return garbage ? 0xffff : MANUFACTURER_ID;
      case DEVICE: return garbage ? 0xffff : DEVICE_ID;
      case RESOLUTION: return this.resolution;
    }
    this.context.warn(`read of ${register === 0 ? "the reserved" : "unmapped"} register ${hex(register)}`);
    return 0;
  }

  private restart(): void {
    this.running = undefined;
    if ((this.config & SHUTDOWN) === 0) this.convertFrom(this.context.clock.now());
  }

  private convertFrom(startMs: number): void {
    const ms = CONVERSION_MS[this.resolution]! * (this.context.faults.has("slow") ? SLOW : 1);
    this.running = new Cycles(startMs, ms, ms);
  }

  /** What the world is now stands for the last conversion, which ended a moment before. */
  private settle(): void {
    if ((this.running?.ended(this.context.clock.now()) ?? 0) === 0) return;
    const step = 8 >> this.resolution;
    this.ambient = Math.round((this.context.signal("temperature") * 16) / step) * step;
    const [upper, lower, critical] = this.limits.map(sixteenths) as [number, number, number];
    // The hysteresis counts for a falling temperature.
    const hysteresis = HYSTERESIS_C[(this.config >> 9) & 3]! * 16;
    const was = (flag: number): boolean => (this.flags & flag) !== 0;
    const t = this.ambient;
    this.flags = (t >= critical - (was(AT_CRITICAL) ? hysteresis : 0) ? AT_CRITICAL : 0)
      | (t > upper - (was(ABOVE_UPPER) ? hysteresis : 0) ? ABOVE_UPPER : 0)
      | (t < lower - (was(BELOW_LOWER) ? 0 : hysteresis) ? BELOW_LOWER : 0);
  }
}

export const part: PartDefinition = {
  title: "Microchip MCP9808",
  bus: "i2c",
  signals: () => SIGNALS,
  faults: {
    garbage: "wrong manufacturer and device ids",
    slow: "takes a tenth longer than the datasheet's typical conversion time",
  },
  create: (context) => new Mcp9808(context),
};
