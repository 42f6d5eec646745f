/**
 * What the chip knows of itself: how well it hears the access point, for how long it has run, how much heap is left,
 * why it started, how warm it is. Nothing is connected.
 * The thermometer of the ESP32 is not calibrated (ESP32 data sheet, 4.1.4: it tells changes, offsets vary from chip to
 * chip); that of STM32 is within some 10 degC (DS10314, 6.3.21). Of the Espruino ports those alone read one.
 */
import type { ChipFacts, Driver, DriverMeta, DriverOptions, Field } from "./types.ts";

type Read = (this: void) => number | string | undefined;

/**
 * Errors: "absent": one of the quantities cannot be told; the others are published.
 * @param reads a function each
 * @param scales units of the field in what the function gives; 0: it gives a word
 * @param offsets
 * @param words the first one stands for all that are not among them
 */
export const create = (reads: Read[], scales: number[], offsets: number[], words: string[]): Driver => {
  const convert = (given: number | string | undefined, scale: number, offset: number): number | undefined => {
    if (scale === 0) {
      const place = words.indexOf(String(given));
      return place < 0 ? 0 : place;
    }
    const value = given === undefined ? given : Math.floor((given as number) * scale + offset + 0.5);
    // What is no number differs from itself.
    return value === value ? value : undefined;
  };
  return {
    open: (done) => done(""),
    sample: (done) => {
      const values: (number | undefined)[] = [];
      let error = "";
      let i = 0;
      while (i < reads.length) {
        values[i] = convert(reads[i]!(), scales[i]!, offsets[i]!);
        error = values[i] === undefined ? "absent" : error;
        i++;
      }
      done(error, values);
    },
  };
};

/** All that a platform may say of a start, in lib/platform/<target>/reset*.ts. */
const REASONS = [
  "unknown", "boot", "power on", "reset pin", "restart", "watchdog", "exception", "brownout", "deep sleep", "wakeup 4",
  "wdt reset", "soft wdt",
];

interface Quantity { field: Field; read: [string, string]; scale: number }

const QUANTITIES: Record<string, Quantity> = {
  rssi: {
    field: { name: "rssi", unit: "dBm", decimals: 0, deviceClass: "signal_strength", stateClass: "measurement" },
    read: ["wifi", "rssi"], scale: 1,
  },
  uptime: {
    field: { name: "uptime", unit: "s", decimals: 0, deviceClass: "duration", stateClass: "total_increasing" },
    read: ["uptime", "uptime"], scale: 1,
  },
  freeHeap: {
    field: { name: "freeHeap", unit: "B", decimals: 0, deviceClass: "data_size", stateClass: "measurement" },
    read: ["system", "freeHeap"], scale: 1,
  },
  resetReason: {
    field: { name: "resetReason", unit: "", decimals: 0, words: REASONS, deviceClass: "enum" },
    read: ["reset", "resetReason"], scale: 0,
  },
  temperature: {
    field: { name: "temperature", unit: "°C", decimals: 1, deviceClass: "temperature", stateClass: "measurement" },
    read: ["system", "chipTemperature"], scale: 10,
  },
};

const NAMES = ["rssi", "uptime", "freeHeap", "resetReason", "temperature"];

const chosen = (options: DriverOptions): Quantity[] =>
  (options["quantities"] as string[] | undefined ?? ["rssi", "uptime", "freeHeap", "resetReason"])
    .map((name) => QUANTITIES[name]!);

export const meta: DriverMeta = {
  title: "The chip itself: signal, uptime, heap, reset reason, temperature",
  bus: "self",
  options: {
    quantities: {
      type: "array", items: { enum: NAMES }, uniqueItems: true, minItems: 1,
      default: ["rssi", "uptime", "freeHeap", "resetReason"],
      description: "What is published. temperature is there where the firmware reads it: check says so.",
      examples: [["rssi", "temperature"]],
    },
  },
  reads: (options: DriverOptions) => chosen(options).map((quantity) => quantity.read),
  fields: (options: DriverOptions) => chosen(options).map((quantity) => quantity.field),
  conversionMs: () => 1,
  constants: (options: DriverOptions, chip?: ChipFacts) => {
    const thermometer = chip === undefined ? undefined : chip.temperature;
    const list = chosen(options);
    const scales = list.map((each) => each.scale
      * (each.field.name === "temperature" && thermometer !== undefined ? thermometer.scale : 1));
    const offsets = list.map((each) =>
      each.field.name === "temperature" && thermometer !== undefined ? each.scale * thermometer.offset : 0);
    const hasWords = list.some((each) => each.field.words !== undefined);
    return [scales, offsets, hasWords ? REASONS : []];
  },
  problems: (options: DriverOptions, chip?: ChipFacts) => {
    const found: [string, string][] = [];
    if (chip === undefined || chip.chip === "") return found;
    const has = (name: string): boolean => chosen(options).some((each) => each.field.name === name);
    const at = options["quantities"] === undefined ? "" : "/quantities";
    if (has("temperature") && chip.temperature === undefined) {
      found.push([at, `the ${chip.chip} has no thermometer that ${chip.target} reads: give quantities without temperature`]);
    }
    if (has("rssi") && chip.target === "nodemcu" && chip.chip !== "ESP8266") {
      found.push([at, `NodeMCU tells no rssi on the ${chip.chip}: give quantities without it`]);
    }
    return found;
  },
};
