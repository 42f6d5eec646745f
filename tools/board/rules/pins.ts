/** Rules of pins and buses: what the hardware has, what each pin can do, who uses it. */
import type { Draft } from "../draft.ts";
import { type Ability, extraNeeds, pinsOf, PORTS } from "../ports.ts";
import type { Report } from "../report.ts";
import type { Hardware } from "../types.ts";
import { didYouMean, list, pathText, type Segment } from "../words.ts";

interface Use {
  path: Segment[];
  pin: string;
  /** Capabilities of `Hardware.pins` that are needed. */
  needs: Ability[];
  what: string;
  /** The pins that the peripheral is wired to, where it has no choice. */
  only?: string[] | undefined;
}

/** Why a pin that can do nothing is not free. */
const TAKEN: Record<string, string> = {
  flash: "is wired to the board's flash memory",
  wifi: "is wired to the board's Wi-Fi module",
  usb: "is wired to the USB connector",
};

/** What a pin may be used for, but not without thought. */
const CARE: Record<string, string> = {
  boot: "is read at reset to choose how the chip boots: what is connected there can keep it from starting",
  console: "is the serial console: uploading and its messages will not work",
  usb: "is wired to the USB connector: uploading over USB will not work",
};

/** Reports buses that the hardware lacks, pins that it lacks or that cannot do their work, and pins in use twice. */
export function checkPins(draft: Draft, report: Report): void {
  const { hardware } = draft;
  const uses = usesOf(draft);
  if (hardware) {
    checkBuses(draft, hardware, report);
    for (const use of uses) checkUse(use, hardware, report);
  }
  const byPin = new Map<string, Use[]>();
  for (const use of uses) byPin.set(use.pin, [...byPin.get(use.pin) ?? [], use]);
  for (const [pin, users] of byPin) {
    if (users.length < 2) continue;
    const paths = users.map(({ path }) => pathText(path));
    report.error(users[users.length - 1]!.path, `pin ${pin} is used ${users.length} times: by ${list(paths)}`,
      "give each its own pin");
  }
}

function usesOf(draft: Draft): Use[] {
  const uses: Use[] = [];
  for (const [name, bus] of Object.entries(draft.buses)) {
    const path = ["buses", name];
    if (bus.type === "i2c") {
      const wired = draft.hardware?.buses[name];
      uses.push({ path: [...path, "sda"], pin: bus.sda, needs: ["opendrain"], what: "I2C", only: wired?.sda });
      uses.push({ path: [...path, "scl"], pin: bus.scl, needs: ["opendrain"], what: "I2C", only: wired?.scl });
    } else if (bus.type === "onewire") {
      uses.push({ path: [...path, "pin"], pin: bus.pin, needs: ["opendrain"], what: "1-Wire" });
    } else {
      const wired = draft.hardware?.buses[name];
      uses.push({ path: [...path, "rx"], pin: bus.rx, needs: ["input"], what: "a serial port", only: wired?.rx });
      uses.push({ path: [...path, "tx"], pin: bus.tx, needs: ["output"], what: "a serial port", only: wired?.tx });
    }
  }
  for (const [i, sensor] of draft.sensors.entries()) {
    if (sensor.meta === undefined) continue;
    const { meta, options } = sensor;
    for (const [key, { needs }] of Object.entries(pinsOf(meta))) {
      uses.push({
        path: ["sensors", i, key], pin: sensor.pins[key] ?? "", needs: [...needs, ...extraNeeds(options)],
        what: meta.bus === "adc" ? "an analog sensor" : sensor.driver,
      });
    }
  }
  // A pin that is missing or no text was reported by the schema.
  return uses.filter(({ pin }) => pin !== "");
}

function checkBuses(draft: Draft, hardware: Hardware, report: Report): void {
  for (const [name, bus] of Object.entries(draft.buses)) {
    const known = Object.keys(hardware.buses).filter((other) => hardware.buses[other]!.type === bus.type);
    if (bus.type === "onewire" || known.includes(name)) continue;
    report.error(["buses", name], `${hardware.name} has no bus ${name}`, didYouMean(name, known));
  }
}

function checkUse(use: Use, hardware: Hardware, report: Report): void {
  const can = Object.hasOwn(hardware.pins, use.pin) ? hardware.pins[use.pin] : undefined;
  const fits = (pin: string): boolean => use.needs.every((ability) => hardware.pins[pin]!.includes(ability));
  const able = use.only ?? Object.keys(hardware.pins).filter(fits);
  if (can === undefined) {
    const names = Object.keys(hardware.pins);
    // "21" and "GPIO21" are the same pin to a person, yet no edit distance says so.
    const numbered = /^(?:GPIO|IO|P)?_?(\d+)$/i.exec(use.pin)?.[1];
    const meant = names.find((pin) => numbered !== undefined && pin === `D${numbered}`);
    report.error(use.path, `${hardware.name} has no pin ${JSON.stringify(use.pin.slice(0, 40))}`,
      meant === undefined ? didYouMean(use.pin, able) ?? didYouMean(use.pin, names) : `did you mean "${meant}"?`);
    return;
  }
  const free = able.filter((pin) => !hardware.pins[pin]!.some((capability) => capability in CARE));
  const instead = `use one of ${list(use.only ?? free, 24)}`;
  const taken = Object.keys(TAKEN).find((reason) => can.includes(reason));
  const missing = use.needs.find((ability) => !can.includes(ability));
  if (missing !== undefined) {
    report.error(use.path, taken === undefined ? lacks(use, missing, can) : `${use.pin} ${TAKEN[taken]}`, instead);
  } else if (use.only && !use.only.includes(use.pin)) {
    report.error(use.path, `${pathText(use.path.slice(1, 2))} of ${hardware.name} cannot have ${use.pin} as its `
      + `${String(use.path[2])} pin`, instead);
  } else {
    for (const [capability, text] of Object.entries(CARE)) {
      if (can.includes(capability)) report.warning(use.path, `${use.pin} ${text}`, instead);
    }
  }
}

function lacks(use: Use, missing: Ability, can: readonly string[]): string {
  if (missing === "adc") return `${use.pin} cannot measure a voltage: it has no analog input`;
  if (can.includes("adc") && can.length === 1) return `${use.pin} is an analog input: ${use.what} cannot use it`;
  if (missing === "watch") return `${use.pin} cannot tell when its level changes, which ${use.what} needs`;
  if (missing === "pullup") return `${use.pin} has no pull-up resistor: set "pull" to "none" and put one on the board`;
  if (!can.includes("output")) return `${use.pin} is input only: ${use.what} has to drive its line`;
  return `${use.pin} cannot be an open drain, which ${use.what} needs`;
}

/** Reports sensors on buses that are not there, are of the wrong type, or have another part at the same address. */
export function checkSensorBuses(draft: Draft, report: Report): void {
  const taken = new Map<string, number>();
  const exclusive = new Map<string, number>();
  for (const [i, sensor] of draft.sensors.entries()) {
    const { bus, meta, address } = sensor;
    if (bus === undefined || bus === "" || meta === undefined) continue;
    const names = Object.keys(draft.buses);
    const type = PORTS[meta.bus].bus!;
    const fitting = names.filter((name) => draft.buses[name]!.type === type);
    const found = Object.hasOwn(draft.buses, bus) ? draft.buses[bus] : undefined;
    if (found === undefined) {
      report.error(["sensors", i, "bus"], `there is no bus ${JSON.stringify(bus.slice(0, 40))} in "buses"`,
        didYouMean(bus, fitting) ?? `declare it: "buses": { ${EXAMPLES[type]} }`);
      continue;
    }
    if (found.type !== type) {
      report.error(["sensors", i, "bus"],
        `${sensor.driver} is on ${ARTICLES[type]}, ${bus} is ${ARTICLES[found.type]}`,
        fitting.length > 0 ? `use ${list(fitting)}` : `declare one: "buses": { ${EXAMPLES[type]} }`);
      continue;
    }
    if (found.type === "uart" && meta.bauds !== undefined && !meta.bauds.includes(found.baud)) {
      report.error(["buses", bus, "baud"], `${sensor.driver} does not speak ${found.baud} bits a second`,
        `use ${list(meta.bauds.map(String))}, or leave it out`);
    }
    if (found.type === "i2c" && found.bitrate > (meta.maxBitrate ?? Infinity)) {
      report.error(["buses", bus, "bitrate"],
        `${sensor.driver}, ${nameOf(draft, i)}, bears ${kiloHertz(meta.maxBitrate!)} at most, not ${kiloHertz(found.bitrate)}`,
        `use ${meta.maxBitrate!}, or put it on a bus of its own`);
    }
    const alone = found.type === "uart" ? "a serial port is for one part: give each its own" : meta.exclusive;
    if (alone !== undefined) {
      const key = found.type === "uart" ? bus : `${bus} ${sensor.driver}`;
      const first = exclusive.get(key);
      exclusive.set(key, first ?? i);
      if (first !== undefined) {
        report.error(["sensors", i, "bus"],
          `${bus} has a sensor with the driver ${draft.sensors[first]!.driver}, ${nameOf(draft, first)}`, alone);
      }
    }
    if (address === undefined) continue;
    const key = `${bus} ${address}`;
    const other = taken.get(key);
    taken.set(key, other ?? i);
    if (other === undefined) continue;
    const text = (a: number): string => `0x${a.toString(16).padStart(2, "0")}`;
    const free = (meta.addresses ?? []).filter((a) => !taken.has(`${bus} ${a}`)).map(text);
    report.error(["sensors", i, "address"],
      `address ${text(address)} on ${bus} is already that of ${nameOf(draft, other)}`,
      free.length > 0 ? `this part can have ${list(free)}` : "put it on another bus");
  }
}

const kiloHertz = (bitrate: number): string => `${bitrate / 1000} kHz`;

function nameOf(draft: Draft, i: number): string {
  const id = draft.sensors[i]!.id;
  return `sensors[${i}]${id === undefined ? "" : ` (${id})`}`;
}

const ARTICLES = { i2c: "an I2C bus", onewire: "a 1-Wire bus", uart: "a serial port" };
const EXAMPLES = {
  i2c: '"i2c1": { "sda": ..., "scl": ... }', onewire: '"onewire1": { "pin": ... }',
  uart: '"uart1": { "rx": ..., "tx": ... }',
};
