/**
 * The board as an engine sees it: buses and pins of a manifest, with the virtual parts of its sensors on
 * them.
 */
import { readdirSync } from "node:fs";
import { didYouMean, list } from "../tools/board/words.ts";
import type { Manifest } from "../tools/board/types.ts";
import { createAdc, type Adc } from "./buses/adc.ts";
import { createI2cBus, hex, type I2cBus } from "./buses/i2c.ts";
import { createOneWireBus, type OneWireBus } from "./buses/onewire.ts";
import { BUS_FAULTS, PartFaults } from "./part-faults.ts";
import { createRng, type SeededRng } from "./rng.ts";
import type { AnalogPart, Clock, I2cPart, Machine, OneWirePart, PartContext, PartDefinition, SignalSpec } from "./types.ts";
import { createWorld, type SimulatedWorld } from "./world.ts";

/** What the machine needs of a manifest. */
export type Wiring = Pick<Manifest, "sensors" | "buses" | "adc"> & Partial<Pick<Manifest, "hardware">>;
type Sensor = Wiring["sensors"][number];

/** One access of the firmware, for logs and pictures. Bytes are binary strings. */
export interface Transfer {
  ms: number;
  kind: "i2c write" | "i2c read" | "onewire reset" | "onewire write" | "onewire read" | "onewire search" | "adc" | "gpio";
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
  /** Levels of the digital pins. An input set from outside reads here, too. */
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
  const board = wire(manifest, rng, timed);

  const parts = new Map<string, MountedPart>();
  for (const [sensor, definition] of definitions) {
    const place = placeOf(sensor, manifest);
    const faults = new PartFaults(definition, clock, rng.fork(`faults ${sensor.id}`));
    const own = new Map(definition.signals(sensor.options).map((spec) => [spec.name, spec]));
    const nonVolatile = new Map<string, number>();
    const contextAt = (poweredMs: number): PartContext => ({
      clock: faults.partClock(),
      // The same part each time that power comes: its trimming and serial number do not change.
      rng: rng.fork(`part ${sensor.id}`),
      signal: (name) => faults.drifted(own.get(name)!, world.read(`${sensor.id}.${name}`)),
      warn: (message) => timed(`${sensor.id} (${sensor.driver}, ${place}): ${message}`),
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
  return machine(board, world, parts, options, timed);
}

interface Board {
  i2c: Map<string, I2cBus>;
  oneWire: Map<string, OneWireBus>;
  adc: Adc;
  /** Bus of the manifest to its pin. */
  pinOf: Map<string, string>;
  /** Name of the I2C bus by "sda scl". */
  i2cAt: Map<string, string>;
}

/**
 * The empty buses of a manifest. Names of I2C buses are taken in any case: the manifest's i2c1 is Espruino's
 * I2C1.
 */
function wire(manifest: Wiring, rng: SeededRng, warn: (message: string) => void): Board {
  const board: Board = {
    i2c: new Map(), oneWire: new Map(), adc: createAdc(manifest.adc.bits, rng), pinOf: new Map(),
    i2cAt: new Map(),
  };
  for (const [name, bus] of Object.entries(manifest.buses)) {
    if (bus.type === "i2c") {
      board.i2c.set(name.toLowerCase(), createI2cBus(name, bus, warn));
      board.i2cAt.set(`${bus.sda} ${bus.scl}`, name);
    } else {
      board.oneWire.set(bus.pin, createOneWireBus(name, warn));
      board.pinOf.set(name, bus.pin);
    }
  }
  return board;
}

function placeOf(sensor: Sensor, manifest: Wiring): string {
  if (sensor.address !== undefined) return `${sensor.bus} ${hex(sensor.address)}`;
  const bus = sensor.bus === undefined ? undefined : manifest.buses[sensor.bus];
  return sensor.bus ?? sensor.pin ?? (bus?.type === "onewire" ? bus.pin : "nowhere");
}

function mount(
  board: Board, sensor: Sensor, definition: PartDefinition, contextAt: (poweredMs: number) => PartContext,
  faults: PartFaults,
): void {
  const create = (poweredMs = -Infinity) => definition.create(contextAt(poweredMs));
  const missing = (what: string): Error =>
    new Error(`sensor "${sensor.id}" (${sensor.driver}) has no ${what} in the manifest: build the board file again`);
  if (definition.bus === "i2c") {
    const bus = board.i2c.get(sensor.bus?.toLowerCase() ?? "");
    if (bus === undefined || sensor.address === undefined) throw missing("I2C bus and address");
    bus.attach(sensor.address, faults.i2cPart((poweredMs) => create(poweredMs) as I2cPart));
  } else if (definition.bus === "onewire") {
    const bus = board.oneWire.get(sensor.pin ?? board.pinOf.get(sensor.bus ?? "") ?? "");
    if (bus === undefined) throw missing("1-Wire bus");
    for (const each of create() as OneWirePart[]) bus.attach(each);
  } else {
    if (sensor.pin === undefined) throw missing("analog pin");
    board.adc.attach(sensor.pin, create() as AnalogPart);
  }
}

function machine(
  board: Board, world: SimulatedWorld, parts: Map<string, MountedPart>, options: MachineOptions,
  warn: (message: string) => void,
): SimulatedMachine {
  const transfers: SimulatedMachine["transfers"] = {
    "i2c write": 0, "i2c read": 0, "onewire reset": 0, "onewire write": 0, "onewire read": 0, "onewire search": 0,
    adc: 0, gpio: 0, failed: 0,
  };
  const pins = new Map<string, number>();
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
    world, parts, transfers, pins,
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
      const value = pins.get(pin) ?? 0;
      note({ kind: "gpio", on: pin, value, ok: true });
      return value;
    },
    digitalWrite(pin, value) {
      pins.set(pin, value === 0 ? 0 : 1);
      note({ kind: "gpio", on: pin, value, ok: true });
    },
  };
}

function setFault(parts: Map<string, MountedPart>, board: Board, sensor: string, fault: string, on: boolean): void {
  const mounted = parts.get(sensor);
  const bus = board.i2c.get(sensor);
  if (mounted === undefined && bus === undefined) {
    const known = [...parts.keys(), ...board.i2c.keys()];
    throw new Error(`there is no sensor and no I2C bus "${sensor}": ${didYouMean(sensor, known) ?? "this board has none"}`);
  }
  // "absent:north" is the fault `absent` of one of several parts of a sensor.
  const names = Object.keys(mounted?.possibleFaults ?? BUS_FAULTS.i2c!);
  if (!names.includes(fault.split(":")[0]!)) {
    throw new Error(`${sensor} has no fault "${fault}": ${didYouMean(fault, names) ?? "it has none"}`);
  }
  if (mounted) mounted.switchFault(fault, on);
  else bus!.setLow(on);
}

function fromBinary(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function toBinary(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
