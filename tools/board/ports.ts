/**
 * The ways in which a part is connected: what the board file says of it, what the pins have to be able to do, which
 * module of `#platform` the firmware takes. A new way is one row here, a `PortKind`, and a module a platform.
 */
import type { DriverMeta, DriverOptions, PortKind } from "../../lib/drivers/types.ts";
import type { Schema } from "./schema-base.ts";

/** What `Hardware.pins` may say that a pin can do, as far as parts need it. */
export type Ability = "input" | "output" | "opendrain" | "watch" | "adc" | "pullup";

export interface PinUse {
  needs: Ability[];
  schema: Schema;
}

export interface Port {
  /** Module of `#platform`, and its export. None: `create` gets the functions of `DriverMeta.reads`. */
  module?: string;
  use?: string;
  /** The type of the bus in `buses` that a sensor names. */
  bus?: "i2c" | "onewire" | "uart";
  /** Keys of a sensor that are pins. */
  pins: Record<string, PinUse>;
}

const pin = (description: string, needs: Ability[], ...examples: string[]): PinUse =>
  ({ needs, schema: { type: "string", minLength: 1, description, examples } });

export const PORTS: Record<PortKind, Port> = {
  i2c: { bus: "i2c", pins: {} },
  onewire: { bus: "onewire", pins: {} },
  uart: { bus: "uart", pins: {} },
  adc: {
    module: "adc", use: "adc",
    pins: { pin: pin("The analog pin that the part is on.", ["adc"], "D34", "A0") },
  },
  input: {
    module: "gpio", use: "input",
    pins: { pin: pin("The pin that the part is on.", ["watch"], "D4") },
  },
  counter: {
    module: "counter", use: "counter",
    pins: { pin: pin("The pin that the pulses come in at.", ["watch"], "D4") },
  },
  dht: {
    module: "dht", use: "dht",
    pins: { pin: pin("The data pin, with a pull-up resistor of 4.7 to 10 kOhm.", ["opendrain", "watch"], "D4") },
  },
  echo: {
    module: "echo", use: "echo",
    pins: {
      trigger: pin("The pin that the part's Trig is on.", ["output"], "D5"),
      echo: pin("The pin that the part's Echo is on. Of a part with 5 V, by a divider.", ["watch"], "D18"),
    },
  },
  shift: {
    module: "shift", use: "shift",
    pins: {
      clock: pin("The pin that the part's clock is on.", ["output"], "D5"),
      data: pin("The pin that the part's data is on.", ["input"], "D18"),
    },
  },
  quadrature: {
    module: "quadrature", use: "quadrature",
    pins: {
      a: pin("The pin that the encoder's A (CLK) is on.", ["watch"], "D5"),
      b: pin("The pin that the encoder's B (DT) is on.", ["watch"], "D18"),
    },
  },
  self: { pins: {} },
};

const INTERRUPT = pin("The pin that the part's interrupt line is on: a reading is published when it says so, besides "
  + "those of the interval.", ["watch"], "D4");

/** The keys of a sensor that are pins, those that may be left out among them. */
export function pinsOf(meta: DriverMeta): Record<string, PinUse> {
  return { ...PORTS[meta.bus].pins, ...(meta.interrupt === undefined ? {} : { interrupt: INTERRUPT }) };
}

/** What the pins of a sensor have to be able to do beyond what its kind asks for. */
export function extraNeeds(options: DriverOptions): Ability[] {
  return options["pull"] === "up" ? ["pullup"] : [];
}

/** The keys of a sensor that say where the part is, without the address. */
export function placeSchemas(meta: DriverMeta): Record<string, Schema> {
  const pins = Object.fromEntries(Object.entries(pinsOf(meta)).map(([key, use]) => [key, use.schema]));
  const { bus } = PORTS[meta.bus];
  return bus === undefined ? pins : { bus: BUS_KEYS[bus], ...pins };
}

/** Those of them that have to be there. */
export function placeRequired(meta: DriverMeta): string[] {
  const { bus, pins } = PORTS[meta.bus];
  return [...(bus === undefined ? [] : ["bus"]), ...Object.keys(pins)];
}

const busKey = (description: string, example: string): Schema =>
  ({ type: "string", description, examples: [example], minLength: 1 });

const BUS_KEYS: Record<NonNullable<Port["bus"]>, Schema> = {
  i2c: busKey("The I2C bus of `buses` that the part is on.", "i2c1"),
  onewire: busKey("The 1-Wire bus of `buses` that the part is on.", "onewire1"),
  uart: busKey("The serial port of `buses` that the part is on.", "uart1"),
};
