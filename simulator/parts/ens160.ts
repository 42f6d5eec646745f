/**
 * ScioSense ENS160: volatile organic compounds, an equivalent of CO2, an air quality index. I2C, 0x52 with ADDR low,
 * 0x53 high.
 *
 * Datasheet SC-001224-DS-9, version 1.1 (chapter 16 of 0.95): 6 air quality signals (table 5: UBA index), 10 single and
 * initial start-up (3 minutes, 1 hour), 16.1 register overview, 16.2 registers. All are little-endian.
 *
 * Signals: TVOC and eCO2 themselves; the index follows from TVOC. A part whose non-volatile memory says nothing has had
 * its first hour. Assumed: the checksum begins anew with each message; what the modes take to change is nothing.
 */
import type { PartContext, PartDefinition } from "../types.ts";
import { Converter } from "./common/converter.ts";
import { RegisterPart } from "./common/registers.ts";

const PART_ID = 0x00;
const OPMODE = 0x10;
const CONFIG = 0x11;
const COMMAND = 0x12;
const TEMP_IN = 0x13;
const RH_IN_END = 0x17;
const STATUS = 0x20;
const DATA_AQI = 0x21;
const DATA_TVOC = 0x22;
const DATA_ECO2 = 0x24;
const DATA_T = 0x30;
const DATA_RH = 0x32;
const DATA_END = 0x38;
const DATA_MISR = 0x38;
const GPR_WRITE = 0x40;
const GPR_READ = 0x48;
const GPR_END = 0x50;

const DEEP_SLEEP = 0;
const IDLE = 1;
const STANDARD = 2;
const RESET = 0xf0;
// Commands, taken in idle mode.
const NOP = 0x00;
const GET_APPVER = 0x0e;
const CLRGPR = 0xcc;
/** Version of the firmware that GET_APPVER tells. */
const APPVER = [5, 4, 6];

// DEVICE_STATUS.
const STATAS = 0x80;
const NEWDAT = 0x02;
const NEWGPR = 0x01;
const WARM_UP = 1 << 2;
const INITIAL = 2 << 2;
const INVALID = 3 << 2;

const PERIOD_MS = 1000;
const WARM_UP_MS = 3 * 60_000;
const INITIAL_MS = 60 * 60_000;
/** Table 5: the index is one more than the number of limits (ppb) that TVOC exceeds. */
const AQI_LIMITS = [65, 220, 660, 2200];

type Name = "tvoc" | "eco2";

class Ens160 extends RegisterPart {
  private mode = DEEP_SLEEP;
  private config = 0;
  /** TEMP_IN and RH_IN: 25 degC and 50 %. */
  private ambient = [0x8a, 0x4a, 0x00, 0x64];
  private data = { aqi: 0, tvoc: 0, eco2: 0 };
  private isNew = false;
  private isNewGpr = false;
  private gpr = [0, 0, 0, 0, 0, 0, 0, 0];
  private written = [0, 0, 0, 0, 0, 0, 0, 0];
  private misr = 0;
  private isSummed = false;
  private standardMs = 0;
  private readonly converter: Converter<Name>;

  constructor(context: PartContext) {
    super(context);
    this.converter = new Converter(context, ["tvoc", "eco2"]);
  }

  protected has(register: number): boolean {
    return register < 2 || (register >= OPMODE && register < RH_IN_END) || (register >= STATUS && register <= DATA_MISR)
      || (register >= GPR_WRITE && register < GPR_END);
  }

  protected readRegister(register: number): number {
    const value = this.value(register);
    if (register >= DATA_AQI && register < DATA_END) {
      this.isNew = false;
      // DATA_MISR is about the last message that read data: the first byte of one begins it.
      const sum = this.isSummed ? this.misr : 0;
      this.misr = ((sum << 1) ^ value ^ (sum & 0x80 ? 0x1d : 0)) & 0xff;
      this.isSummed = true;
    }
    if (register >= GPR_READ) this.isNewGpr = false;
    return value;
  }

  protected writeRegister(register: number, value: number): void {
    if (register === OPMODE) this.setMode(value);
    else if (register === CONFIG) this.config = value;
    else if (register === COMMAND) this.command(value);
    else if (register >= TEMP_IN && register < RH_IN_END) this.ambient[register - TEMP_IN] = value;
    else if (register >= GPR_WRITE && register < GPR_READ) this.written[register - GPR_WRITE] = value;
    else this.ignored(register, value);
  }

  protected begin(): void {
    const done = this.converter.finished();
    if (!done) return;
    const { tvoc, eco2 } = done.world;
    this.data = {
      aqi: 1 + AQI_LIMITS.filter((limit) => tvoc >= limit).length,
      tvoc: Math.round(tvoc), eco2: Math.round(eco2),
    };
    this.isNew = true;
  }

  protected end(): void {
    this.converter.touch();
  }

  override read(count: number): Uint8Array | undefined {
    this.isSummed = false;
    return super.read(count);
  }

  private value(register: number): number {
    const word = (value: number, at: number): number => (value >> (8 * (register - at))) & 0xff;
    if (register < 2) return word(0x0160, PART_ID);
    if (register === OPMODE) return this.mode;
    if (register === CONFIG) return this.config;
    if (register >= TEMP_IN && register < RH_IN_END) return this.ambient[register - TEMP_IN]!;
    if (register === STATUS) return this.status();
    if (register === DATA_AQI) return this.data.aqi;
    if (register === DATA_TVOC || register === DATA_TVOC + 1) return word(this.data.tvoc, DATA_TVOC);
    if (register === DATA_ECO2 || register === DATA_ECO2 + 1) return word(this.data.eco2, DATA_ECO2);
    if (register >= DATA_T && register < DATA_RH + 2) return this.ambient[register - DATA_T]!;
    if (register === DATA_MISR) return this.misr;
    if (register >= GPR_READ) return this.gpr[register - GPR_READ]!;
    // What lies between the data, and what is only written.
    return register >= GPR_WRITE ? this.written[register - GPR_WRITE]! : 0;
  }

  private status(): number {
    const isRunning = this.mode === STANDARD;
    return (isRunning ? STATAS | this.validity() : 0) | (this.isNew ? NEWDAT : 0) | (this.isNewGpr ? NEWGPR : 0);
  }

  /** 10: how far the signals can be trusted. */
  private validity(): number {
    if (this.context.faults.has("invalid")) return INVALID;
    const ms = this.context.clock.now() - this.standardMs;
    const { nonVolatile } = this.context;
    if (nonVolatile.get("isNew") === 1) {
      if (ms < INITIAL_MS) return INITIAL;
      nonVolatile.set("isNew", 0);
    }
    return ms < WARM_UP_MS ? WARM_UP : 0;
  }

  private setMode(mode: number): void {
    if (mode !== DEEP_SLEEP && mode !== IDLE && mode !== STANDARD && mode !== RESET) {
      return this.context.warn(`0x${mode.toString(16)} is no operating mode: ignored`);
    }
    if (mode === STANDARD && this.mode !== STANDARD) {
      this.standardMs = this.context.clock.now();
      this.converter.start(PERIOD_MS, true);
    } else if (mode !== STANDARD) {
      this.converter.stop();
    }
    this.mode = mode === RESET ? DEEP_SLEEP : mode;
    if (mode !== RESET) return;
    this.config = 0;
    this.ambient = [0x8a, 0x4a, 0x00, 0x64];
    this.data = { aqi: 0, tvoc: 0, eco2: 0 };
    this.isNew = this.isNewGpr = false;
  }

  private command(code: number): void {
    if (this.mode !== IDLE) return this.context.warn(`command 0x${code.toString(16)} in another mode than idle: ignored`);
    if (code === CLRGPR) {
      this.gpr.fill(0);
    } else if (code === GET_APPVER) {
      this.gpr.splice(4, 3, ...APPVER);
      this.isNewGpr = true;
    } else if (code !== NOP) {
      this.context.warn(`0x${code.toString(16)} is no command`);
    }
  }
}

export const part: PartDefinition = {
  title: "ScioSense ENS160",
  bus: "i2c",
  signals: () => [
    { name: "tvoc", unit: "ppb", mean: 150, swing: 120, min: 0, max: 65_000 },
    { name: "eco2", unit: "ppm", mean: 700, swing: 250, min: 400, max: 65_000 },
  ],
  faults: {
    invalid: "its signals are invalid: it says so by the validity flag",
  },
  create: (context) => new Ens160(context),
};
