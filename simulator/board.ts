/** The buses and pins of a board as the manifest describes it, and how parts are put on them. */
import { didYouMean } from "../tools/board/words.ts";
import { createAdc, type Adc } from "./buses/adc.ts";
import { createI2cBus, hex, type I2cBus } from "./buses/i2c.ts";
import { createOneWireBus, type OneWireBus } from "./buses/onewire.ts";
import { createPins, type Pins } from "./buses/pins.ts";
import { createUart, type Uart } from "./buses/uart.ts";
import { pinFaults, uartFaults } from "./line-faults.ts";
import type { MountedPart, Wiring } from "./machine.ts";
import { BUS_FAULTS, type PartFaults } from "./part-faults.ts";
import type { SeededRng } from "./rng.ts";
import type {
  AnalogPart, Clock, I2cPart, Level, OneWirePart, PartContext, PartDefinition, PinPart, SelfPart, UartPart, Wire,
} from "./types.ts";

type Sensor = Wiring["sensors"][number];

/** The parts of the machine that have pins. */
export interface Board {
  i2c: Map<string, I2cBus>;
  oneWire: Map<string, OneWireBus>;
  adc: Adc;
  /** Bus of the manifest to its pin; of a serial port the receiving one. */
  pinOf: Map<string, string>;
  /** Name of the I2C bus by "sda scl". */
  i2cAt: Map<string, string>;
  /** By the receiving pin. */
  uarts: Map<string, Uart>;
  pins: Pins;
  self: SelfPart;
}

/**
 * The empty buses of a manifest. Names of I2C buses are taken in any case: the manifest's i2c1 is Espruino's
 * I2C1.
 */
export function wire(
  manifest: Wiring, clock: Clock, rng: SeededRng, warn: (message: string) => void, onInput: () => void,
): Board {
  const board: Board = {
    i2c: new Map(), oneWire: new Map(), adc: createAdc(manifest.adc.bits, rng), pinOf: new Map(),
    i2cAt: new Map(), uarts: new Map(), pins: createPins(clock, warn, onInput), self: {},
  };
  for (const [name, bus] of Object.entries(manifest.buses)) {
    if (bus.type === "i2c") {
      board.i2c.set(name.toLowerCase(), createI2cBus(name, bus, warn));
      board.i2cAt.set(`${bus.sda} ${bus.scl}`, name);
    } else if (bus.type === "onewire") {
      board.oneWire.set(bus.pin, createOneWireBus(name, warn));
      board.pinOf.set(name, bus.pin);
    } else {
      board.pinOf.set(name, bus.rx);
      board.uarts.set(bus.rx, createUart(name, bus, clock, rng.fork(`uart ${name}`), warn, onInput));
    }
  }
  return board;
}

/** "i2c1 0x76", "D4": where a sensor is. */
export function placeOf(sensor: Sensor): string {
  if (sensor.address !== undefined) return `${sensor.bus} ${hex(sensor.address)}`;
  const pins = Object.values(sensor.pins ?? {});
  return sensor.bus ?? (pins.length > 0 ? pins.join(" ") : "the chip");
}

/** The interrupt line of a part, where the sensor has a pin for it: what moves it, anew with each power-on. */
function interruptLine(pins: Pins, sensor: Sensor, faults: PartFaults): () => (level: Level, atMs?: number) => void {
  const pin = sensor.pins?.["interrupt"];
  let wire: Wire | undefined;
  let powered = 0;
  if (pin !== undefined) pins.attach({ attach: (wires) => wire = wires["interrupt"] }, { interrupt: pin });
  return () => {
    const mine = ++powered;
    return (level, atMs) => {
      if (mine === powered && !faults.has("absent")) wire?.drive(level, atMs);
    };
  };
}

/** Puts a part where it belongs. */
export function mount(
  board: Board, sensor: Sensor, definition: PartDefinition, contextAt: (poweredMs: number) => PartContext,
  faults: PartFaults,
): void {
  const create = (poweredMs = -Infinity) => definition.create(contextAt(poweredMs));
  const missing = (what: string): Error =>
    new Error(`sensor "${sensor.id}" (${sensor.driver}) has no ${what} in the manifest: build the board file again`);
  if (definition.bus === "i2c") {
    const bus = board.i2c.get(sensor.bus?.toLowerCase() ?? "");
    if (bus === undefined || sensor.address === undefined) throw missing("I2C bus and address");
    const line = interruptLine(board.pins, sensor, faults);
    bus.attach(sensor.address, faults.i2cPart((poweredMs) =>
      definition.create({ ...contextAt(poweredMs), interrupt: line() }) as I2cPart));
  } else if (definition.bus === "onewire") {
    const bus = board.oneWire.get(board.pinOf.get(sensor.bus ?? "") ?? "");
    if (bus === undefined) throw missing("1-Wire bus");
    for (const each of create() as OneWirePart[]) bus.attach(each);
  } else if (definition.bus === "uart") {
    const uart = board.uarts.get(board.pinOf.get(sensor.bus ?? "") ?? "");
    if (uart === undefined) throw missing("serial port");
    uart.attach(uartFaults(faults, (poweredMs) => create(poweredMs) as UartPart));
  } else if (definition.bus === "self") {
    Object.assign(board.self, create());
  } else {
    const pins = sensor.pins ?? {};
    if (Object.keys(pins).length === 0) throw missing("pin");
    if (definition.bus === "pins") board.pins.attach(pinFaults(faults, create() as PinPart), pins);
    else board.adc.attach(pins["pin"]!, create() as AnalogPart);
  }
}

/** Switches a fault of a part or of a bus. */
export function setFault(
  parts: Map<string, MountedPart>, board: Board, sensor: string, fault: string, on: boolean,
): void {
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
