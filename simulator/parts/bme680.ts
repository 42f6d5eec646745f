/**
 * Bosch BME680: temperature, humidity, pressure, resistance of a gas sensor. I2C, 0x76 or 0x77.
 *
 * Datasheet BST-BME680-DS001, revision 1.0 to 1.9. Sections used: 1 (start-up), 3.1 modes, 3.2 sensor configuration,
 * 3.3 measurement and heater, 3.4 data readout, 5.2 memory map (table 16 of revision 1.0), 5.3 registers, 6.2 I2C. It
 * has no measurement times: those are of Bosch's BME68x API (bme68x_get_meas_dur). Else "assumed". Compensation:
 * bme680/trimming.ts.
 */
import { hex } from "../buses/i2c.ts";
import type { I2cPart, PartContext, PartDefinition, SignalSpec } from "../types.ts";
import { byteOf20, filtered, OVERSAMPLING, quantised } from "./bme280/measurement.ts";
import {
  gasAdc, heaterTarget, humidityAdc, pressureAdc, temperatureAdc, trimmingBytes, trimmingOf, type Trimming,
} from "./bme680/trimming.ts";

// Memory map, 5.2; the trimming is in bme680/trimming.ts.
const MEAS_STATUS = 0x1d;
const PRESS_MSB = 0x1f;
const TEMP_MSB = 0x22;
const HUM_MSB = 0x25;
const GAS_MSB = 0x2a;
const GAS_LSB = 0x2b;
const IDAC_HEAT = 0x50; // ten of each
const RES_HEAT = 0x5a;
const GAS_WAIT = 0x64;
const CTRL_GAS_0 = 0x70;
const CTRL_GAS_1 = 0x71;
const CTRL_HUM = 0x72;
const STATUS = 0x73;
const CTRL_MEAS = 0x74;
const CONFIG = 0x75;
const ID = 0xd0;
const RESET = 0xe0;

const CHIP_ID = 0x61;
const RESET_WORD = 0xb6;

// meas_status_0, 5.3.5.
const NEW_DATA = 1 << 7;
const GAS_MEASURING = 1 << 6;
const MEASURING = 1 << 5;
// gas_r_lsb.
const GAS_VALID = 1 << 5;
const HEATER_STABLE = 1 << 4;

const HEAT_OFF = 1 << 3; // ctrl_gas_0
const RUN_GAS = 1 << 4; // ctrl_gas_1
const FORCED = 1;

/** Bits that a control register has. */
const WRITABLE: Record<number, number> = {
  [CTRL_GAS_0]: HEAT_OFF, [CTRL_GAS_1]: 0x1f, [CTRL_HUM]: 0x47, [CTRL_MEAS]: 0xff, [CONFIG]: 0x1d, [STATUS]: 0x10,
};

const SKIPPED = 0x80000;
const SKIPPED_HUMIDITY = 0x8000;
/** Table 1: start-up time. */
const START_UP_MS = 2;
/** bme68x_get_meas_dur, the longest, us: each reading; switching between T, P, H, and gas; the start. */
const READING_US = 1963;
const SWITCHING_US = 477 * 4 + 477 * 5;
const WAKE_US = 1500;
/** Assumed, after the BME280: a part takes 87 % of the longest time. */
const TYPICAL = 0.87;

/** 3.3.5: "approximately 20-30 ms are necessary for the heater to reach the target". */
const HEAT_UP_MS = 20;
/** 3.3.5: 200 to 400 degC; the code for them depends on the ambient temperature that the driver took. */
const HEATER_C = { least: 180, most: 420 };
/** Assumed: a plate that is not hot has so many times the resistance. */
const COLD = 3;

const SIGNALS: SignalSpec[] = [
  { name: "temperature", unit: "°C", mean: 21, swing: 5, min: -40, max: 85 },
  { name: "humidity", unit: "%", mean: 55, swing: -12, min: 0, max: 100 },
  { name: "pressure", unit: "hPa", mean: 1013, swing: 4, min: 300, max: 1100 },
  { name: "gas_resistance", unit: "Ω", mean: 90_000, swing: 40_000, min: 200, max: 12_000_000 },
];

/** What a measurement gives when it ends. */
interface Sample { temperature: number; humidity: number; pressure: number; ohms: number }
interface Running { tphEndMs: number; endMs: number; sample: Sample; point: number; stable: boolean; gas: boolean }

class Bme680 implements I2cPart {
  private readonly trimming: Trimming;
  private readonly calibration: Map<number, number>;
  private pointer = 0;
  private controls = new Map<number, number>();
  private press = SKIPPED;
  private temp = SKIPPED;
  private hum = SKIPPED_HUMIDITY;
  private gas = { adc: 0, flags: 0 };
  private status = 0;
  private filterT: number | undefined;
  private filterP: number | undefined;
  private running: Running | undefined;
  private readyMs: number;

  constructor(private readonly context: PartContext) {
    this.trimming = trimmingOf(context.rng);
    this.calibration = trimmingBytes(this.trimming);
    this.readyMs = context.poweredMs + START_UP_MS;
  }

  write(bytes: Uint8Array): number {
    this.settle();
    // 6.2.1: pairs of register address and data; a lone address begins a read.
    for (let i = 0; i < bytes.length; i += 2) {
      this.pointer = bytes[i]!;
      if (i + 1 < bytes.length) this.writeRegister(this.pointer, bytes[i + 1]!);
    }
    return bytes.length;
  }

  read(count: number): Uint8Array | undefined {
    this.settle();
    return Uint8Array.from({ length: count }, () => {
      const value = this.readRegister(this.pointer);
      this.pointer = (this.pointer + 1) & 0xff;
      return value;
    });
  }

  private writeRegister(register: number, value: number): void {
    const setPoint = register >= IDAC_HEAT && register < GAS_WAIT + 10;
    const writable = setPoint ? 0xff : WRITABLE[register];
    if (register === RESET) {
      if (value === RESET_WORD) this.reset();
    } else if (writable === undefined) {
      this.context.warn(`write of ${hex(value)} to unmapped or read-only register ${hex(register)}: ignored`);
    } else if (this.context.clock.now() < this.readyMs) {
      this.context.warn(`write to register ${hex(register)} within the start-up time of ${START_UP_MS} ms: ignored`);
    } else if (this.running !== undefined) {
      // 5.3.5.2: "should not be changed when the device is measuring".
      this.context.warn(`write to register ${hex(register)} while it measures: ignored`);
    } else {
      this.controls.set(register, value & writable);
      if (register === CONFIG) this.filterT = this.filterP = undefined;
      if (register === CTRL_MEAS && (value & 3) === FORCED) this.start();
      else if (register === CTRL_MEAS && (value & 3) > FORCED) this.context.warn(`there is no mode ${value & 3}`);
    }
  }

  private control(register: number): number {
    return this.controls.get(register) ?? 0;
  }

  private factors(): [t: number, p: number, h: number] {
    const meas = this.control(CTRL_MEAS);
    return [OVERSAMPLING[meas >> 5]!, OVERSAMPLING[(meas >> 2) & 7]!, OVERSAMPLING[this.control(CTRL_HUM) & 7]!];
  }

  private start(): void {
    const { clock, faults } = this.context;
    const [t, p, h] = this.factors();
    const share = faults.has("slow") ? 1 : TYPICAL;
    const tphMs = (((t + p + h) * READING_US + SWITCHING_US + WAKE_US) / 1000) * share;
    const gas = (this.control(CTRL_GAS_1) & RUN_GAS) !== 0;
    const point = this.control(CTRL_GAS_1) & 0x0f;
    if (gas && point > 9) this.context.warn(`there is no heater set-point ${point}`);
    // 5.3.3.3: 64 steps of 1 ms, times 1, 4, 16 or 64.
    const wait = this.control(GAS_WAIT + Math.min(9, point));
    const waitMs = (wait & 0x3f) * 4 ** (wait >> 6);
    const sample = this.present();
    const target = heaterTarget(this.trimming, this.control(RES_HEAT + Math.min(9, point)), sample.temperature);
    const stable = (this.control(CTRL_GAS_0) & HEAT_OFF) === 0 && !faults.has("cold") && waitMs >= HEAT_UP_MS
      && target >= HEATER_C.least && target <= HEATER_C.most;
    const tphEndMs = clock.now() + tphMs;
    this.status = MEASURING | (gas ? point : 0);
    this.running = { tphEndMs, endMs: tphEndMs + (gas ? waitMs : 0), sample, point, stable, gas };
  }

  private present(): Sample {
    const value = (name: string): number => this.context.signal(name);
    return {
      temperature: value("temperature"), humidity: value("humidity"), pressure: value("pressure"),
      ohms: value("gas_resistance"),
    };
  }

  private readRegister(register: number): number {
    if (this.context.faults.has("garbage") && (register === ID || (register >= PRESS_MSB && register <= GAS_LSB))) {
      const byte = this.context.rng.below(256);
      return register === ID && byte === CHIP_ID ? 0xff : byte;
    }
    const calibration = this.calibration.get(register);
    if (calibration !== undefined) return this.context.clock.now() < this.readyMs ? 0 : calibration;
    if (register >= PRESS_MSB && register < TEMP_MSB) return byteOf20(this.press, register - PRESS_MSB);
    if (register >= TEMP_MSB && register < HUM_MSB) return byteOf20(this.temp, register - TEMP_MSB);
    if (register >= IDAC_HEAT && register <= CONFIG && (register < GAS_WAIT + 10 || register >= CTRL_GAS_0)) {
      return this.control(register);
    }
    switch (register) {
      case MEAS_STATUS: return this.measStatus();
      case HUM_MSB: return this.hum >> 8;
      case HUM_MSB + 1: return this.hum & 0xff;
      case GAS_MSB: return this.gas.adc >> 2;
      case GAS_LSB: return ((this.gas.adc & 3) << 6) | this.gas.flags;
      case ID: return CHIP_ID;
      case RESET: return 0;
    }
    // Reserved ones between the status and the gas registers are read over in one burst.
    if (register < MEAS_STATUS || register > GAS_LSB) this.context.warn(`read of unmapped register ${hex(register)}`);
    return 0;
  }

  private measStatus(): number {
    const { running } = this;
    const gas = running !== undefined && running.gas && this.context.clock.now() >= running.tphEndMs;
    return this.status | (gas ? GAS_MEASURING : 0);
  }

  private settle(): void {
    const { running } = this;
    if (running === undefined || this.context.clock.now() < running.endMs) return;
    this.running = undefined;
    this.controls.set(CTRL_MEAS, this.control(CTRL_MEAS) & ~3);
    const { temperature, humidity, pressure, ohms } = running.sample;
    const [t, p, h] = this.factors();
    // Table 20: coefficients 0, 1, 3, ... 127 of the old value, one of the new one.
    const coefficient = 1 << ((this.control(CONFIG) >> 2) & 7);
    const through = (adc: number, factor: number, memory: number | undefined): number =>
      filtered(memory, coefficient === 1 ? quantised(adc, factor) : Math.round(adc), coefficient);
    this.temp = this.press = SKIPPED;
    this.hum = SKIPPED_HUMIDITY;
    if (t > 0) {
      this.filterT = through(temperatureAdc(this.trimming, temperature), t, this.filterT);
      this.temp = Math.round(this.filterT);
    }
    if (p > 0) {
      this.filterP = through(pressureAdc(this.trimming, pressure * 100, temperature), p, this.filterP);
      this.press = Math.round(this.filterP);
    }
    if (h > 0) this.hum = humidityAdc(this.trimming, humidity, temperature);
    const { range, adc } = gasAdc(this.trimming, running.stable ? ohms : ohms * COLD);
    // 5.3.5.5: without a gas measurement the slot is a dummy, and not valid.
    this.gas = running.gas
      ? { adc, flags: GAS_VALID | (running.stable ? HEATER_STABLE : 0) | range } : { adc: 0, flags: 0 };
    this.status = NEW_DATA | (running.gas ? running.point : 0);
  }

  private reset(): void {
    this.controls = new Map();
    this.press = this.temp = SKIPPED;
    this.hum = SKIPPED_HUMIDITY;
    this.gas = { adc: 0, flags: 0 };
    this.status = 0;
    this.filterT = this.filterP = this.running = undefined;
    this.readyMs = this.context.clock.now() + START_UP_MS;
  }
}

export const part: PartDefinition = {
  title: "Bosch BME680",
  bus: "i2c",
  signals: () => SIGNALS,
  faults: {
    garbage: "a wrong chip id, and random bytes in the data registers",
    cold: "the heater does not reach its temperature: gas values are not stable",
    slow: "takes the longest measurement time",
  },
  create: (context) => new Bme680(context),
};
