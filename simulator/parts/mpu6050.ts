/**
 * InvenSense (TDK) MPU-6050: acceleration and rotation on three axes, temperature. I2C, 0x68 with AD0 low, 0x69 high.
 *
 * Product specification PS-MPU-6000A-00 revision 3.4 (6.1, 6.2: sensitivities; 6.3: start-up) and register map
 * RM-MPU-6000A-00 revision 4.2: 3 (map), 4.2 to 4.5 (rate, ranges), 4.14 to 4.19 (interrupts, data), 4.28 to 4.33
 * (power, who am I); motion by revision 3.2, 4.12 and 4.13: MOT_THR in 2 mg, behind a high-pass filter. FIFO, I2C
 * master and self test are not modelled: their registers can be written and read. Assumed of motion: a change of the
 * world above the threshold is found at once if the filter is on, whatever its corner and MOT_DUR are.
 */
import type { PartContext, PartDefinition } from "../types.ts";
import { Converter, oscillator } from "./common/converter.ts";
import { RegisterPart } from "./common/registers.ts";
import { word16 } from "./common/words.ts";

const SELF_TEST = 0x0d;
const SMPLRT_DIV = 0x19;
const CONFIG = 0x1a;
const GYRO_CONFIG = 0x1b;
const ACCEL_CONFIG = 0x1c;
const MOT_THR = 0x1f;
const INT_PIN_CFG = 0x37;
const INT_ENABLE = 0x38;
const INT_STATUS = 0x3a;
const ACCEL_XOUT = 0x3b;
const GYRO_ZOUT_END = 0x49;
const EXT_SENS_END = 0x61;
const PWR_MGMT_1 = 0x6b;
const PWR_MGMT_2 = 0x6c;
const FIFO_COUNT = 0x72;
const WHO_AM_I = 0x75;

// 4.14 to 4.16: stays high until the status is read; motion. A pulse otherwise.
const LATCH_INT_EN = 0x20;
const MOT_INT = 0x40;
const PULSE_MS = 0.05;
const DEVICE_RESET = 0x80;
const SLEEP = 0x40;
const CYCLE = 0x20;
const TEMP_DIS = 0x08;
const DATA_RDY = 0x01;
const INT_RD_CLEAR = 0x10;

/** 6.3: from power to a part that answers, and from sleep to a gyroscope that measures, ms. */
const POWER_MS = 100;
const GYRO_MS = 30;
/** PWR_MGMT_2 LP_WAKE_CTRL: measurements of the cycle mode, Hz. */
const CYCLE_HZ = [1.25, 5, 20, 40];
/** 6.1, 6.2: digits a g and a degree a second by range. */
const PER_G = [16384, 8192, 4096, 2048];
const PER_DPS = [131, 65.5, 32.8, 16.4];
/** 6.3: the internal clock is within 5 %. */
const TIME_OFF = 0.05;

const NAMES = ["ax", "ay", "az", "temperature", "gx", "gy", "gz"] as const;
type Name = (typeof NAMES)[number];

class Mpu6050 extends RegisterPart {
  private values = new Map<number, number>([[PWR_MGMT_1, SLEEP]]);
  private data = [0, 0, 0, 0, 0, 0, 0];
  private isReady = false;
  private hasMoved = false;
  /** The acceleration that a motion is seen against, g. */
  private rest: number[];
  private gyroMs = Infinity;
  private readonly poweredMs: number;
  private readonly factor: number;
  private readonly converter: Converter<Name>;

  constructor(context: PartContext) {
    super(context);
    this.poweredMs = context.poweredMs + POWER_MS;
    this.factor = oscillator(context, TIME_OFF);
    this.converter = new Converter(context, NAMES);
    this.rest = this.acceleration();
    for (const name of ["ax", "ay", "az"]) context.onSignal(name, () => this.feel());
    this.tell();
  }

  private acceleration(): number[] {
    return ["ax", "ay", "az"].map((name) => this.context.signal(name));
  }

  /** The world may have moved. */
  private feel(): void {
    const now = this.acceleration();
    const change = Math.max(...now.map((g, axis) => Math.abs(g - this.rest[axis]!)));
    this.rest = now;
    const isOff = (this.get(PWR_MGMT_1) & SLEEP) !== 0 || (this.get(ACCEL_CONFIG) & 7) === 0;
    if (isOff || this.context.faults.has("stuck") || change * 500 <= this.get(MOT_THR)) return;
    this.hasMoved = true;
    this.tell();
  }

  /** 4.14: INT is high while there is what it is enabled for, latched; else for 50 us. */
  private tell(): void {
    const isOn = this.hasMoved && (this.get(INT_ENABLE) & MOT_INT) !== 0;
    this.context.interrupt?.(isOn ? 1 : 0);
    if (isOn && (this.get(INT_PIN_CFG) & LATCH_INT_EN) === 0) {
      this.context.interrupt?.(0, this.context.clock.now() + PULSE_MS);
    }
  }

  protected override acknowledges(): boolean {
    return this.context.clock.now() >= this.poweredMs;
  }

  protected has(register: number): boolean {
    return (register >= SELF_TEST && register <= 0x10) || (register >= SMPLRT_DIV && register <= WHO_AM_I);
  }

  protected readRegister(register: number): number {
    if (register === WHO_AM_I) return 0x68;
    if (register >= ACCEL_XOUT && register < GYRO_ZOUT_END) {
      if ((this.get(INT_PIN_CFG) & INT_RD_CLEAR) !== 0) this.isReady = false;
      const at = register - ACCEL_XOUT;
      return at & 1 ? this.data[at >> 1]! & 0xff : this.data[at >> 1]! >> 8;
    }
    if (register === INT_STATUS) {
      const status = (this.isReady ? DATA_RDY : 0) | (this.hasMoved ? MOT_INT : 0);
      this.isReady = this.hasMoved = false;
      this.tell();
      return status;
    }
    return this.get(register);
  }

  protected writeRegister(register: number, value: number): void {
    const isOutput = register === INT_STATUS || (register >= ACCEL_XOUT && register < EXT_SENS_END)
      || (register >= FIFO_COUNT && register <= FIFO_COUNT + 1) || register === WHO_AM_I;
    if (!this.has(register) || isOutput) return this.ignored(register, value);
    if (register === PWR_MGMT_1) return this.setPower(value);
    this.values.set(register, value);
    if (register === SMPLRT_DIV || register === CONFIG || register === PWR_MGMT_2) this.run();
  }

  protected begin(): void {
    const done = this.converter.finished();
    if (!done) return;
    this.isReady = true;
    const { world, endMs } = done;
    const perG = PER_G[(this.get(ACCEL_CONFIG) >> 3) & 3]!;
    const perDps = PER_DPS[(this.get(GYRO_CONFIG) >> 3) & 3]!;
    const standby = this.get(PWR_MGMT_2);
    // 4.30: STBY_XA is bit 5, STBY_ZG bit 0. An axis in standby keeps its value, as does a gyroscope that starts.
    NAMES.forEach((name, i) => {
      if (name === "temperature") {
        if ((this.get(PWR_MGMT_1) & TEMP_DIS) === 0) this.data[i] = word16((world[name] - 36.53) * 340);
      } else if (name.startsWith("a")) {
        if ((standby & (0x20 >> i)) === 0) this.data[i] = word16(world[name] * perG);
      } else if (endMs >= this.gyroMs && (standby & (4 >> (i - 4))) === 0 && (this.get(PWR_MGMT_1) & CYCLE) === 0) {
        this.data[i] = word16(world[name] * perDps);
      }
    });
  }

  protected end(): void {
    this.converter.touch();
  }

  private get(register: number): number {
    return this.values.get(register) ?? 0;
  }

  private setPower(value: number): void {
    if ((value & DEVICE_RESET) !== 0) {
      this.values = new Map([[PWR_MGMT_1, SLEEP]]);
      this.data.fill(0);
      this.isReady = this.hasMoved = false;
      this.tell();
    } else {
      const was = this.get(PWR_MGMT_1);
      this.values.set(PWR_MGMT_1, value);
      if ((was & SLEEP) !== 0 && (value & SLEEP) === 0) this.gyroMs = this.context.clock.now() + GYRO_MS;
    }
    this.run();
  }

  /** 4.2: the gyroscope's 8 kHz (without filter) or 1 kHz, divided. */
  private run(): void {
    const power = this.get(PWR_MGMT_1);
    if ((power & SLEEP) !== 0) return this.converter.stop();
    const filter = this.get(CONFIG) & 7;
    const hertz = (power & CYCLE) !== 0
      ? CYCLE_HZ[this.get(PWR_MGMT_2) >> 6]!
      : (filter === 0 || filter === 7 ? 8000 : 1000) / (1 + this.get(SMPLRT_DIV));
    this.converter.start((1000 / hertz) * this.factor, true);
  }
}

export const part: PartDefinition = {
  title: "InvenSense MPU-6050",
  bus: "i2c",
  signals: () => [
    { name: "ax", unit: "g", mean: 0, swing: 0.2, min: -16, max: 16 },
    { name: "ay", unit: "g", mean: 0, swing: 0.3, min: -16, max: 16 },
    { name: "az", unit: "g", mean: 1, swing: 0.1, min: -16, max: 16 },
    { name: "gx", unit: "°/s", mean: 0, swing: 5, min: -2000, max: 2000 },
    { name: "gy", unit: "°/s", mean: 0, swing: 5, min: -2000, max: 2000 },
    { name: "gz", unit: "°/s", mean: 0, swing: 20, min: -2000, max: 2000 },
    { name: "temperature", unit: "°C", mean: 25, swing: 5, min: -40, max: 85 },
  ],
  faults: {},
  create: (context) => new Mpu6050(context),
};
