/**
 * A board as far as it can be made out: what is absent has its default, what is invalid is undefined. The rules read
 * it, so that they still find their mistakes in a file that has others.
 */
import type { DriverMeta, DriverOptions } from "../../lib/drivers/types.ts";
import { durationMs } from "./duration.ts";
import { hardwareWith } from "./hardware.ts";
import { pinsOf, PORTS } from "./ports.ts";
import type { Report } from "./report.ts";
import { DEFAULTS, type Schema, sensorKeys } from "./schema-base.ts";
import type {
  Bus, Filters, FlashOverrides, Hardware, LuaVersion, Message, NodemcuSettings, Qos, Sensor, WhenFull,
} from "./types.ts";
import { isObject } from "./words.ts";

export interface DraftSensor {
  id: string | undefined;
  driver: string;
  meta: DriverMeta | undefined;
  bus: string | undefined;
  /** Key of the board file to pin. */
  pins: Record<string, string>;
  address: number | undefined;
  intervalMs: number | undefined;
  publish: Sensor["publish"];
  options: DriverOptions;
  /** False when the schema found a mistake in the driver's own keys: nothing is computed from them then. */
  optionsValid: boolean;
  /** Empty when the schema found a mistake in them. */
  filters: Filters;
}

export interface Draft {
  name: string | undefined;
  target: string;
  /** As it is with the target. */
  hardware: Hardware | undefined;
  /** Target nodemcu. */
  nodemcu: NodemcuSettings | undefined;
  /** Whether the board file has it at all. */
  nodemcuGiven: boolean;
  wifi: { ssid: string | undefined; password: string };
  mqtt: {
    url: string | undefined;
    tls: {
      /** Whether the board file has it at all. */
      given: boolean;
      verify: boolean;
      /** Paths, or PEM text. */
      ca: string | undefined;
      cert: string | undefined;
      key: string | undefined;
      serverName: string | undefined;
    };
    clientId: string | undefined;
    username: string | undefined;
    password: string | undefined;
    keepAliveMs: number | undefined;
    cleanSession: boolean;
    will: Message | undefined;
    birth: Message | undefined;
    inflight: { messages: number; bytes: number };
    offline: { messages: number; bytes: number; whenFull: WhenFull; maxAgeMs: number | undefined };
    store: boolean;
  };
  buses: Record<string, Bus>;
  sensors: DraftSensor[];
  diagnosticsMs: number | undefined;
  watchdogMs: number | undefined;
  saveTotalsMs: number | undefined;
  flash: FlashOverrides | undefined;
}

type Json = Record<string, unknown>;

const record = (value: unknown): Json => isObject(value) ? value : {};
const text = (value: unknown): string | undefined => typeof value === "string" ? value : undefined;
const own = <T>(map: Map<string, T>, key: unknown): T | undefined => typeof key === "string" ? map.get(key) : undefined;
const flag = (value: unknown, fallback: boolean): boolean => typeof value === "boolean" ? value : fallback;
const count = (value: unknown, fallback: number): number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : fallback;
const word = <T extends string>(value: unknown, words: readonly T[], fallback: T): T =>
  words.find((item) => item === value) ?? fallback;
const orOff = (value: unknown, fallback: string): number | undefined =>
  (value ?? fallback) === "off" ? 0 : durationMs(value ?? fallback);

/** Makes a draft of a board with its secrets in place. */
export function draftOf(
  board: unknown, drivers: Map<string, DriverMeta>, hardware: Map<string, Hardware>, report: Report,
): Draft {
  const root = record(board);
  const wifi = record(root["wifi"]);
  const name = text(root["name"]);
  const sensors = Array.isArray(root["sensors"]) ? root["sensors"] as unknown[] : [];
  const target = text(root["target"]) ?? DEFAULTS.target;
  const plain = own(hardware, root["hardware"]);
  return {
    name,
    target,
    hardware: plain && hardwareWith(target, plain),
    nodemcu: target === "nodemcu" ? nodemcuOf(record(root["nodemcu"]), plain) : undefined,
    nodemcuGiven: root["nodemcu"] !== undefined,
    wifi: { ssid: text(wifi["ssid"]), password: text(wifi["password"]) ?? "" },
    mqtt: mqttOf(record(root["mqtt"]), name),
    buses: busesOf(record(root["buses"]), sensors, drivers),
    sensors: sensors.map((sensor, i) => sensorOf(record(sensor), drivers, report, i)),
    diagnosticsMs: orOff(root["diagnostics"], DEFAULTS.diagnostics),
    watchdogMs: orOff(root["watchdog"], DEFAULTS.watchdog),
    saveTotalsMs: durationMs(root["saveTotals"] ?? DEFAULTS.saveTotals),
    // As it is: the schema has looked at it, and only `motelet flash` reads it.
    flash: isObject(root["flash"]) ? root["flash"] : undefined,
  };
}

function nodemcuOf(nodemcu: Json, hardware: Hardware | undefined): NodemcuSettings {
  const { modules } = nodemcu;
  return {
    lua: word<LuaVersion>(nodemcu["lua"], ["5.1", "5.3"], hardware?.nodemcu?.lua ?? "5.1"),
    lfs: flag(nodemcu["lfs"], hardware?.nodemcu?.lfs ?? false),
    ...(Array.isArray(modules) ? { modules: modules.filter((each): each is string => typeof each === "string") } : {}),
  };
}

function mqttOf(mqtt: Json, name: string | undefined): Draft["mqtt"] {
  const inflight = record(mqtt["inflight"]);
  const offline = record(mqtt["offline"]);
  const tls = record(mqtt["tls"]);
  return {
    url: text(mqtt["url"]),
    tls: {
      given: mqtt["tls"] !== undefined,
      verify: flag(tls["verify"], DEFAULTS.verify),
      ca: text(tls["ca"]),
      cert: text(tls["cert"]),
      key: text(tls["key"]),
      serverName: text(tls["serverName"]),
    },
    clientId: text(mqtt["clientId"]) ?? name,
    username: text(mqtt["username"]),
    password: text(mqtt["password"]),
    keepAliveMs: durationMs(mqtt["keepAlive"] ?? DEFAULTS.keepAlive),
    cleanSession: flag(mqtt["cleanSession"], DEFAULTS.cleanSession),
    will: messageOf(mqtt["will"], name, "offline"),
    birth: messageOf(mqtt["birth"], name, "online"),
    inflight: {
      messages: count(inflight["messages"], DEFAULTS.inflight.messages),
      bytes: count(inflight["bytes"], DEFAULTS.inflight.bytes),
    },
    offline: {
      messages: count(offline["messages"], DEFAULTS.offline.messages),
      bytes: count(offline["bytes"], DEFAULTS.offline.bytes),
      whenFull: word<WhenFull>(offline["whenFull"], ["reject", "oldest", "latest"], DEFAULTS.offline.whenFull),
      maxAgeMs: orOff(offline["maxAge"], DEFAULTS.offline.maxAge),
    },
    store: flag(mqtt["store"], DEFAULTS.store),
  };
}

function messageOf(value: unknown, name: string | undefined, payload: string): Message | undefined {
  if (value === null) return undefined;
  const message = record(value);
  const topic = text(message["topic"]) ?? (name === undefined ? undefined : `${name}/availability`);
  if (topic === undefined) return undefined;
  return {
    topic,
    payload: text(message["payload"]) ?? payload,
    qos: qosOf(message["qos"], DEFAULTS.availability.qos),
    retain: flag(message["retain"], DEFAULTS.availability.retain),
  };
}

function qosOf(value: unknown, fallback: Qos): Qos {
  return value === 0 || value === 1 || value === 2 ? value : fallback;
}

/** What the part on a serial port speaks when nobody has told it another rate. */
function baudOf(name: string, sensors: unknown[], drivers: Map<string, DriverMeta>): number {
  const sensor = sensors.map(record).find(({ bus }) => bus === name);
  return own(drivers, sensor?.["driver"])?.bauds?.[0] ?? DEFAULTS.baud;
}

function busesOf(buses: Json, sensors: unknown[], drivers: Map<string, DriverMeta>): Record<string, Bus> {
  const result: Record<string, Bus> = {};
  for (const [name, value] of Object.entries(buses)) {
    if (!isObject(value)) continue;
    if (name.startsWith("i2c")) {
      result[name] = {
        type: "i2c", sda: text(value["sda"]) ?? "", scl: text(value["scl"]) ?? "",
        bitrate: count(value["bitrate"], DEFAULTS.bitrate),
      };
    } else if (name.startsWith("onewire")) {
      result[name] = { type: "onewire", pin: text(value["pin"]) ?? "" };
    } else if (name.startsWith("uart")) {
      const baud = count(value["baud"], baudOf(name, sensors, drivers));
      result[name] = { type: "uart", rx: text(value["rx"]) ?? "", tx: text(value["tx"]) ?? "", baud };
    }
  }
  return result;
}

function sensorOf(sensor: Json, drivers: Map<string, DriverMeta>, report: Report, i: number): DraftSensor {
  const meta = own(drivers, sensor["driver"]);
  const publish = record(sensor["publish"]);
  const pins: Record<string, string> = {};
  for (const key of meta === undefined ? [] : Object.keys(pinsOf(meta))) {
    if (typeof sensor[key] === "string") pins[key] = sensor[key];
  }
  const options: DriverOptions = pins["interrupt"] === undefined ? {} : { interrupt: true };
  let optionsValid = meta !== undefined;
  for (const [key, schema] of Object.entries(meta?.options ?? {})) {
    const value = withDefaults(schema as Schema, sensor[key]);
    if (value !== undefined) options[key] = value;
    if (report.hasErrorIn(["sensors", i, key])) optionsValid = false;
  }
  return {
    id: text(sensor["id"]),
    driver: text(sensor["driver"]) ?? "",
    meta,
    bus: meta !== undefined && PORTS[meta.bus].bus === undefined ? undefined : text(sensor["bus"]),
    pins,
    address: meta?.bus === "i2c" ? addressOf(sensor["address"], meta) : undefined,
    intervalMs: durationMs(sensor["interval"] ?? sensorKeys["interval"]!["default"]),
    publish: {
      qos: qosOf(publish["qos"], DEFAULTS.publish.qos),
      retain: flag(publish["retain"], DEFAULTS.publish.retain),
      as: word(publish["as"], ["json", "value"], DEFAULTS.publish.as),
    },
    options,
    optionsValid,
    filters: report.hasErrorIn(["sensors", i, "filters"]) ? {} : record(sensor["filters"]) as Filters,
  };
}

function addressOf(value: unknown, meta: DriverMeta): number | undefined {
  if (value === undefined) return meta.addresses?.[0];
  return typeof value === "string" && /^0x[0-9a-f]{1,2}$/i.test(value) ? Number(value) : undefined;
}

/** A copy of `value` with the defaults of its schema filled in, inside objects, too. */
export function withDefaults(schema: Schema, value: unknown): unknown {
  if (value === undefined) return schema["default"] === undefined ? undefined : withDefaults(schema, schema["default"]);
  const properties = schema["properties"];
  if (!isObject(value) || !isObject(properties)) return structuredClone(value);
  const filled: Json = structuredClone(value);
  for (const [key, inner] of Object.entries(properties)) {
    const item = isObject(inner) ? withDefaults(inner, Object.hasOwn(value, key) ? value[key] : undefined) : value[key];
    if (item !== undefined) filled[key] = item;
  }
  return filled;
}
