/**
 * The board as an engine sees it: buses and pins of a manifest, with the virtual parts of its sensors on
 * them.
 */
import { readdirSync } from "node:fs";
import { didYouMean, list } from "../tools/board/words.ts";
import type { Manifest } from "../tools/board/types.ts";
import { mount, placeOf, setFault, wire, type Board } from "./board.ts";
import type { I2cBus } from "./buses/i2c.ts";
import type { OneWireBus } from "./buses/onewire.ts";
import { PartFaults } from "./part-faults.ts";
import { createRng, type SeededRng } from "./rng.ts";
import type { Clock, Machine, PartContext, PartDefinition, SignalSpec } from "./types.ts";
import { createWorld, type SimulatedWorld } from "./world.ts";

/** What the machine needs of a manifest. */
export type Wiring = Pick<Manifest, "sensors" | "buses" | "adc"> & Partial<Pick<Manifest, "hardware">>;
type Sensor = Wiring["sensors"][number];

/** One access of the firmware, for logs and pictures. Bytes are binary strings. */
export interface Transfer {
  ms: number;
  kind: "i2c write" | "i2c read" | "onewire reset" | "onewire write" | "onewire read" | "onewire search" | "uart write"
    | "uart read" | "adc" | "gpio";
  /** Bus or pin. */
  on: string;
  address?: number;
  bytes?: string;
  /** Acknowledged, present. */
  ok: boolean;
  value?: number;
}

export interface MachineOptions {
  manifest: Wiring;
  clock: Clock;
  /** The one source of chance; each part draws from a stream of its own. */
  rng?: SeededRng;
  /** Where the signals `<sensor id>.<signal>` come from; a default world of the parts' signals otherwise. */
  world?: SimulatedWorld;
  /** What no datasheet allows, with part and simulated time. */
  warn: (message: string) => void;
  log?: (transfer: Transfer) => void;
  /**
   * Pins of the hardware file: an analog read of a pin without "adc" gives NaN. Without it every pin has a
   * converter.
   */
  pins?: Record<string, string[]>;
}

export interface MountedPart {
  definition: PartDefinition;
  /** Switched on now; `setFault` checks the names. */
  faults: ReadonlySet<string>;
  /** Those that there are, with a line about each: its own and the common ones of its bus. */
  possibleFaults: Record<string, string>;
  switchFault(fault: string, on: boolean): void;
  /** "i2c1 0x76", "D4": where it is. */
  place: string;
}

export interface SimulatedMachine extends Machine {
  world: SimulatedWorld;
  /** By sensor id. */
  parts: Map<string, MountedPart>;
  /** How many accesses of each kind there were, and how many of them failed (NACK, no presence). */
  transfers: Record<Transfer["kind"] | "failed", number>;
  /** Levels that digital inputs which no part drives have from outside. */
  pins: Map<string, number>;
  /** Switches a fault of a sensor's part, or of a bus; an unknown one is an Error that lists what there is. */
  setFault(sensor: string, fault: string, on: boolean): void;
}

const PARTS = new URL("./parts/", import.meta.url);

/** Names of the drivers that have a virtual part. */
export function partNames(): string[] {
  return readdirSync(PARTS, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => entry.name.slice(0, -3))
    .sort();
}

/** The definition in `simulator/parts/<driver>.ts`; an Error that lists the known ones when there is none. */
export async function loadPart(driver: string): Promise<PartDefinition> {
  const names = partNames();
  if (!names.includes(driver)) {
    const known = didYouMean(driver, names) ?? "";
    throw new Error(`there is no virtual part for the driver "${driver}": add simulator/parts/${driver}.ts, or ${known}`);
  }
  const module = await import(new URL(`${driver}.ts`, PARTS).href) as { part: PartDefinition };
  return module.part;
}

/**
 * Builds the board of a manifest: loads the part of each sensor, puts it on its bus or pin, and joins their
 * signals in one world. Nothing is connected before the firmware has set the bus up on the pins of the board
 * file.
 */
export async function createMachine(options: MachineOptions): Promise<SimulatedMachine> {
  const { manifest, clock, warn, rng = createRng(1) } = options;
  const definitions = new Map<Sensor, PartDefinition>();
  for (const sensor of manifest.sensors) definitions.set(sensor, await loadPart(sensor.driver));

  const specs: SignalSpec[] = [];
  for (const [sensor, definition] of definitions) {
    for (const spec of definition.signals(sensor.options)) specs.push({ ...spec, name: `${sensor.id}.${spec.name}` });
  }
  const world = options.world ?? createWorld(clock, rng.fork("world"), specs);
  const timed = (message: string): void => warn(`${message} (at ${(clock.now() / 1000).toFixed(3)} s)`);
  let onInput = (): void => {};
  const board = wire(manifest, clock, rng, timed, () => onInput());

  const parts = new Map<string, MountedPart>();
  for (const [sensor, definition] of definitions) {
    const place = placeOf(sensor);
    const faults = new PartFaults(definition, clock, rng.fork(`faults ${sensor.id}`));
    const own = new Map(definition.signals(sensor.options).map((spec) => [spec.name, spec]));
    const nonVolatile = new Map<string, number>();
    const contextAt = (poweredMs: number): PartContext => ({
      clock: faults.partClock(),
      // The same part each time that power comes: its trimming and serial number do not change.
      rng: rng.fork(`part ${sensor.id}`),
      onSignal: (name, fn) => onSignal(world, clock, `${sensor.id}.${name}`, fn),
      signal: (name) => faults.drifted(own.get(name)!, world.read(`${sensor.id}.${name}`)),
      warn: (message) => timed(`${sensor.id} (${sensor.driver}, ${place}): ${message}`),
      referenceVolts: manifest.adc.referenceVolts,
      options: sensor.options,
      faults: faults.on,
      poweredMs, nonVolatile,
    });
    mount(board, sensor, definition, contextAt, faults);
    parts.set(sensor.id, {
      definition, place, faults: faults.on, possibleFaults: faults.possible,
      switchFault: (fault, on) => faults.switch(fault, on),
    });
  }
  const made = machine(board, world, parts, options, timed);
  onInput = () => made.onInput?.();
  return made;
}

/** How often a part looks at a signal that moves by itself. */
const LOOK_MS = 20;

/** Has `fn` called when a signal is set, and again and again while it moves. */
function onSignal(world: SimulatedWorld, clock: Clock, name: string, fn: () => void): void {
  let round = 0;
  world.onSet(name, (moves) => {
    const mine = ++round;
    const look = (): void => {
      if (mine !== round) return;
      fn();
      if (moves) clock.after(LOOK_MS, look);
    };
    look();
  });
}

function machine(
  board: Board, world: SimulatedWorld, parts: Map<string, MountedPart>, options: MachineOptions,
  warn: (message: string) => void,
): SimulatedMachine {
  const transfers: SimulatedMachine["transfers"] = {
    "i2c write": 0, "i2c read": 0, "onewire reset": 0, "onewire write": 0, "onewire read": 0, "onewire search": 0,
    "uart write": 0, "uart read": 0, adc: 0, gpio: 0, failed: 0,
  };
  const { pins } = board;
  const unknown = new Set<string>();
  const warnOnce = (message: string): undefined => {
    if (!unknown.has(message)) warn(message);
    unknown.add(message);
  };
  const note = (transfer: Omit<Transfer, "ms">): void => {
    transfers[transfer.kind]++;
    if (!transfer.ok) transfers.failed++;
    options.log?.({ ms: options.clock.now(), ...transfer });
  };
  const i2c = (name: string): I2cBus | undefined => board.i2c.get(name.toLowerCase())
    ?? warnOnce(`the board file has no bus "${name}" (it has ${list([...board.i2c.keys()]) || "none"}): nothing answers`);
  const oneWire = (pin: string): OneWireBus | undefined => board.oneWire.get(pin)
    ?? warnOnce(`the board file has no 1-Wire bus on pin ${pin}: nothing answers`);
  return {
    world, parts, transfers, pins: pins.outside, self: board.self, onInput: undefined,
    setFault: (sensor, fault, on) => setFault(parts, board, sensor, fault, on),
    // Pins that no bus is wired to are taken for the first one's, which says that they are not.
    i2cBusAt: (sda, scl) => board.i2cAt.get(`${sda} ${scl}`) ?? [...board.i2cAt.values()][0],
    i2cSetup: (bus, setup) => i2c(bus)?.setup(setup),
    i2cWrite(bus, address, bytes) {
      const ok = i2c(bus)?.write(address, fromBinary(bytes)) ?? false;
      // A message of no bytes that is answered is the head of another one.
      if (bytes !== "" || !ok) note({ kind: "i2c write", on: bus, address, bytes, ok });
      return ok;
    },
    i2cRead(bus, address, count) {
      const read = i2c(bus)?.read(address, count);
      const bytes = read && toBinary(read);
      if (bytes !== "") {
        note({ kind: "i2c read", on: bus, address, ok: read !== undefined, ...(bytes !== undefined && { bytes }) });
      }
      return bytes;
    },
    oneWireReset(pin) {
      const ok = oneWire(pin)?.reset() ?? false;
      note({ kind: "onewire reset", on: pin, ok });
      return ok;
    },
    oneWireWrite(pin, bytes) {
      oneWire(pin)?.write(fromBinary(bytes));
      note({ kind: "onewire write", on: pin, bytes, ok: true });
    },
    oneWirePower: (pin) => oneWire(pin)?.power(),
    oneWireRead(pin, count) {
      const bytes = toBinary(oneWire(pin)?.read(count) ?? new Uint8Array(count).fill(0xff));
      note({ kind: "onewire read", on: pin, bytes, ok: true });
      return bytes;
    },
    oneWireSearch(pin, command) {
      const roms = oneWire(pin)?.search(command) ?? [];
      note({ kind: "onewire search", on: pin, value: roms.length, ok: roms.length > 0 });
      return roms;
    },
    analogRead(pin) {
      const has = options.pins === undefined || options.pins[pin]?.includes("adc") === true;
      const value = has ? board.adc.read(pin) : NaN;
      note({ kind: "adc", on: pin, value, ok: has });
      return value;
    },
    digitalRead(pin) {
      const value = pins.read(pin);
      note({ kind: "gpio", on: pin, value, ok: true });
      return value;
    },
    digitalWrite(pin, value, tookMs) {
      pins.write(pin, value === 0 ? 0 : 1, tookMs);
      note({ kind: "gpio", on: pin, value, ok: true });
    },
    pinMode: (pin, mode) => pins.mode(pin, mode),
    digitalPulse(pin, level, timesMs) {
      pins.pulse(pin, level, timesMs);
      note({ kind: "gpio", on: pin, value: level, ok: true });
    },
    shift: (out, input, bytes, baud) => toBinary(pins.shift(out, input, fromBinary(bytes), baud)),
    watch: (pin, on, data) => pins.watch(pin, on, data),
    capture: (pin, forMs) => pins.capture(pin, forMs),
    takeEdges: () => pins.takeEdges(),
    uartSetup(rx, tx, baud) {
      const uart = board.uarts.get(rx) ?? warnOnce(`the board file has no serial port with rx on ${rx}: nothing answers`);
      uart?.setup(rx, tx, baud);
    },
    uartWrite(rx, bytes) {
      board.uarts.get(rx)?.write(fromBinary(bytes));
      note({ kind: "uart write", on: rx, bytes, ok: true });
    },
    uartTake: () => [...board.uarts].flatMap(([rx, uart]): [string, string][] => {
      const bytes = toBinary(uart.take());
      if (bytes === "") return [];
      note({ kind: "uart read", on: rx, bytes, ok: true });
      return [[rx, bytes]];
    }),
  };
}

function fromBinary(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function toBinary(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
