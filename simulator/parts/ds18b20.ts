/**
 * Maxim (Analog Devices) DS18B20: temperature, 1-Wire, family code 28h, powered by its VDD pin or, with the option
 * `power` "parasite", by the line: a conversion during which the line is not driven high starves, and the part is as
 * after power-on ("Powering the DS18B20").
 *
 * Datasheet 19-7487 Rev 6: table 1 (temperature and data), figures 9 and 10 (memory, configuration), table 2
 * (resolution and conversion time), "Operation - Alarm Signaling", "CRC Generation", "DS18B20 Function
 * Commands", "AC Electrical Characteristics". Factory contents of the EEPROM and byte 6 of the scratchpad as
 * genuine parts have them (github.com/cpetrich/counterfeit_DS18B20).
 *
 * The sensor's option `probes`, name to ROM code, makes several parts; each measures the signal of its name.
 * Without it there is one part that measures `temperature`. A fault `f` that is switched on as `f:<probe>`
 * concerns that probe alone.
 */
import { crc8, romBytes, romText } from "../buses/onewire.ts";
import type { OneWirePart, PartContext, PartDefinition } from "../types.ts";

// Function commands, table 3.
const CONVERT_T = 0x44;
const WRITE_SCRATCHPAD = 0x4e;
const READ_SCRATCHPAD = 0xbe;
const COPY_SCRATCHPAD = 0x48;
const RECALL = 0xb8;
const READ_POWER_SUPPLY = 0xb4;

const FAMILY = 0x28;
/** Register of the temperature after power-on: +85 degC (table 1, note). */
const POWER_ON = 0x0550;
/** EEPROM when the part leaves the factory: TH 75, TL 70, configuration of 12 bits. */
const FACTORY = [0x4b, 0x46, 0x7f] as const;
/** Byte 6 after power-on; after a conversion it is 10h less the four lowest bits of the result. */
const BYTE6_POWER_ON = 0x0c;
/** Table 2: the longest conversion time at 9, 10, 11, 12 bits. The datasheet gives no typical one. */
const CONVERSION_MS = [93.75, 187.5, 375, 750] as const;
/** NV write cycle time, maximum. */
const COPY_MS = 10;

/**
 * What the part does with the bytes that follow: takes the three bytes of Write Scratchpad, sends something,
 * or nothing.
 */
type State = "idle" | "taking" | "scratchpad" | "busy bits" | "power low";

class Ds18b20 implements OneWirePart {
  private eeprom = [...FACTORY] as number[];
  /** TH, TL, configuration as they are in the scratchpad. */
  private settings = [...FACTORY] as number[];
  private raw = POWER_ON;
  private byte6 = BYTE6_POWER_ON;
  private alarmed = false;
  private state: State = "idle";
  /** Bytes taken or sent since the command. */
  private index = 0;
  private sent: Uint8Array = new Uint8Array(0);
  private converting: { endMs: number; raw: number } | undefined;
  private copyEndMs = -Infinity;
  /** The line is driven high. */
  private fed = false;

  constructor(readonly rom: string, private readonly name: string, private readonly context: PartContext) {}

  reset(): boolean {
    this.state = "idle";
    this.settle();
    this.starve();
    this.fed = false;
    return !this.has("absent");
  }

  write(byte: number): void {
    this.settle();
    if (this.has("absent")) return;
    if (this.state === "taking") this.take(byte);
    else if (this.state === "idle") this.command(byte);
    else this.context.warn(`${this.name}: byte ${hexByte(byte)} without a reset after the last command: ignored`);
  }

  read(): number {
    this.settle();
    if (this.has("absent") || this.state === "idle" || this.state === "taking") return 0xff;
    if (this.state === "scratchpad") return this.sent[this.index++] ?? 0xff;
    if (this.state === "power low") return 0x00;
    // A read pulls the line low.
    this.starve();
    if (this.isParasite()) return 0xff;
    // Table 3: 0 bits while it is busy, 1 bits when it is done.
    return this.busy() ? 0x00 : 0xff;
  }

  power(): void {
    this.fed = true;
  }

  alarm(): boolean {
    this.settle();
    return this.alarmed && !this.has("absent");
  }

  private has(fault: string): boolean {
    return this.context.faults.has(fault) || this.context.faults.has(`${fault}:${this.name}`);
  }

  private isParasite(): boolean {
    return this.context.options.power === "parasite";
  }

  /** The line goes low while it lives on it, in the midst of a conversion. */
  private starve(): void {
    if (!this.isParasite() || this.converting === undefined) return;
    this.converting = undefined;
    this.powerOn();
  }

  private busy(): boolean {
    return this.converting !== undefined || this.context.clock.now() < this.copyEndMs;
  }

  private command(byte: number): void {
    const now = this.context.clock.now();
    this.index = 0;
    this.state = "busy bits";
    switch (byte) {
      case CONVERT_T:
        this.converting ??= { endMs: now + CONVERSION_MS[this.bits() - 9]!, raw: this.measure() };
        return;
      case WRITE_SCRATCHPAD:
        this.state = "taking";
        return;
      case READ_SCRATCHPAD:
        this.state = "scratchpad";
        this.sent = this.scratchpad();
        return;
      case COPY_SCRATCHPAD:
        this.eeprom = [...this.settings];
        this.copyEndMs = now + COPY_MS;
        return;
      case RECALL:
        this.settings = [...this.eeprom];
        return;
      case READ_POWER_SUPPLY:
        // Powered by VDD: the line stays high.
        this.state = this.isParasite() ? "power low" : "idle";
        return;
      default:
        this.state = "idle";
        this.context.warn(`${this.name}: ${hexByte(byte)} is no function command`);
    }
  }

  /** Bytes 2, 3, 4 of the scratchpad. Of the configuration only R1 and R0 can be written (figure 10). */
  private take(byte: number): void {
    this.settings[this.index] = this.index === 2 ? (byte & 0x60) | 0x1f : byte;
    if (++this.index === 3) this.state = "busy bits";
  }

  private bits(): number {
    return 9 + ((this.settings[2]! >> 5) & 3);
  }

  /** Sixteenths of a degree, two's complement; the bits below the resolution are 0 (the datasheet: undefined). */
  private measure(): number {
    const sixteenths = Math.round(Math.min(125, Math.max(-55, this.context.signal(this.name))) * 16);
    return (sixteenths & ~((1 << (12 - this.bits())) - 1)) & 0xffff;
  }

  private scratchpad(): Uint8Array {
    const [high, low, configuration] = this.settings;
    const bytes = [this.raw & 0xff, this.raw >> 8, high!, low!, configuration!, 0xff, this.byte6, 0x10];
    const crc = crc8(bytes);
    return Uint8Array.from([...bytes, this.has("crc") ? crc ^ 0x5a : crc]);
  }

  /** Ends the conversion when its time is over. */
  private settle(): void {
    const { converting } = this;
    if (converting === undefined || this.has("stuck") || this.context.clock.now() < converting.endMs) return;
    this.converting = undefined;
    if (this.has("reset") || (this.isParasite() && !this.fed)) return this.powerOn();
    this.raw = converting.raw;
    this.byte6 = 0x10 - (this.raw & 0x0f);
    // Bits 11 to 4 against TH and TL; equal is an alarm, too.
    const degrees = ((this.raw << 16) >> 16) >> 4;
    const [high, low] = this.settings.map((byte) => (byte << 24) >> 24);
    this.alarmed = degrees >= high! || degrees <= low!;
  }

  private powerOn(): void {
    this.settings = [...this.eeprom];
    this.raw = POWER_ON;
    this.byte6 = BYTE6_POWER_ON;
    this.alarmed = false;
    this.state = "idle";
  }
}

/** Signal name to ROM code. */
function probes(options: Record<string, unknown>): [name: string, rom: string | undefined][] {
  const named = options.probes as Record<string, string> | undefined;
  const entries = Object.entries(named ?? {});
  return entries.length > 0 ? entries : [["temperature", undefined]];
}

/** A ROM code with a right CRC; genuine parts have 0 in the two highest bytes of the serial number. */
function ownRom(context: PartContext): string {
  const code = [FAMILY, ...Array.from({ length: 4 }, () => context.rng.below(256)), 0, 0];
  return romText([...code, crc8(code)]);
}

function hexByte(byte: number): string {
  return `${byte.toString(16).toUpperCase().padStart(2, "0")}h`;
}

export const part: PartDefinition = {
  title: "Maxim DS18B20",
  bus: "onewire",
  signals: (options) => probes(options).map(([name]) => (
    { name, unit: "°C", mean: 18, swing: 6, min: -55, max: 125 }
  )),
  faults: {
    absent: "is not there: no presence pulse, no answer",
    crc: "the CRC of the scratchpad is wrong",
    reset: "loses power in each conversion: the scratchpad is that of power-on, 85 degC",
    stuck: "a conversion never ends: 0 bits for ever, the scratchpad stays old",
  },
  create: (context) => probes(context.options).map(([name, rom]) => (
    new Ds18b20(rom === undefined ? ownRom(context) : romText(romBytes(rom)), name, context)
  )),
};
