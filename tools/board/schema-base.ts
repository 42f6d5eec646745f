/** The JSON Schema of a board file but for what drivers and hardware add. Key by key, in the order of the docs. */
import { DURATION_ERROR, DURATION_PATTERN, DURATION_SCHEMA } from "./duration.ts";
import { flashSchema } from "./flash-schema.ts";

export type Schema = Record<string, unknown>;

/** Defaults of a board file, used by schema, docs and loader alike. */
export const DEFAULTS = {
  target: "espruino",
  verify: true,
  keepAlive: "60s",
  cleanSession: false,
  inflight: { messages: 4, bytes: 256 },
  offline: { messages: 16, bytes: 1024, whenFull: "oldest", maxAge: "off" },
  store: false,
  availability: { qos: 1, retain: true },
  bitrate: 100_000,
  baud: 9600,
  interval: "60s",
  publish: { qos: 0, retain: false, as: "json" },
  diagnostics: "5m",
  watchdog: "60s",
  saveTotals: "10m",
} as const;

/** Letters that names and ids may have: they become parts of topics and of file names. */
export const NAME_PATTERN = "^[A-Za-z0-9_-]{1,64}$";
const NAME_ERROR = "use letters, digits, _ and - only, at most 64 of them";

/** An object schema that allows its own keys alone. */
export function object(description: string, properties: Record<string, Schema>, required: string[] = []): Schema {
  return {
    type: "object", description, properties, ...(required.length > 0 ? { required } : {}), additionalProperties: false,
  };
}

function name(description: string, ...examples: string[]): Schema {
  return { type: "string", pattern: NAME_PATTERN, patternErrorMessage: NAME_ERROR, description, examples };
}

function duration(description: string, fallback: string, ...examples: string[]): Schema {
  return { ...DURATION_SCHEMA, description, default: fallback, examples };
}

function durationOrOff(description: string, fallback: string, ...examples: string[]): Schema {
  return {
    type: "string", pattern: `^off$|${DURATION_PATTERN}`, patternErrorMessage: `${DURATION_ERROR}, or "off"`,
    description, default: fallback, examples,
  };
}

function flag(description: string, fallback: boolean): Schema {
  return { type: "boolean", description, default: fallback, examples: [!fallback] };
}

function integer(description: string, minimum: number, maximum: number, fallback: number,
  ...examples: number[]): Schema {
  return { type: "integer", minimum, maximum, description, default: fallback, examples };
}

function text(description: string, ...examples: string[]): Schema {
  return { type: "string", description, examples };
}

function pin(description: string, ...examples: string[]): Schema {
  return { type: "string", minLength: 1, description, examples };
}

function qos(description: string, levels: number[], fallback: number): Schema {
  return { type: "integer", enum: levels, description, default: fallback, examples: [1] };
}

function message(description: string, payload: string, levels: number[]): Schema {
  return {
    ...object(description, {
      topic: { ...text("Topic, without wildcards.", "greenhouse/availability"), minLength: 1 },
      payload: text(`Text that is sent. \`${payload}\` when absent.`, payload),
      qos: qos("Quality of service.", levels, DEFAULTS.availability.qos),
      retain: flag("True: the broker keeps it for those who subscribe later.", DEFAULTS.availability.retain),
    }),
    type: ["object", "null"],
    examples: [{ topic: "greenhouse/availability", payload, qos: 1, retain: true }, null],
  };
}

const wifi = object("The Wi-Fi network that the board joins.", {
  ssid: { ...text("Name of the network. `${NAME}` takes it from the environment or from secrets.json.",
    "${WIFI_SSID}"), minLength: 1 },
  password: {
    ...text("Its WPA password, 8 to 63 characters; empty for an open network. Keep it out of the file: `${NAME}`.",
      "${WIFI_PASSWORD}"),
    default: "",
  },
}, ["ssid"]);

const mqtt = object("The MQTT broker, and how the node talks to it (MQTT 3.1.1).", {
  url: {
    ...text("Address of the broker: `mqtt://host` (port 1883 where none is written), `mqtts://` for TLS (8883), `ws://` "
      + "(80) and `wss://` (443) for WebSockets, which may have a path; it is `/mqtt` when absent.",
    "mqtt://192.168.1.10:1883", "wss://broker.example/mqtt"),
    pattern: "^(mqtts?://|wss?://|\\$\\{)",
    patternErrorMessage: "write mqtt://host or mqtt://host:port, or the same with mqtts, ws or wss",
  },
  tls: {
    ...object("How the broker is verified, for `mqtts://` and `wss://`, and how it verifies the node. Files are PEM, "
      + "their paths relative to this file; what they hold is built into the firmware. `${NAME}` may hold a path or PEM.", {
      ca: text("Certificate of the authority that vouches for the broker.", "ca.pem"),
      cert: text("Certificate of the node, for brokers that ask for one. Needs `key`.", "greenhouse.pem"),
      key: text("Private key of the node, without a pass phrase. Git should ignore it.", "greenhouse.key", "${MQTT_KEY}"),
      serverName: text("The name that the broker's certificate is for; the host of the URL when absent.", "broker.example"),
      verify: flag("False: anybody may be the broker. Firmwares that cannot verify (Espruino) demand that this is "
        + "written, as they would otherwise seem safer than they are.", DEFAULTS.verify),
    }),
    examples: [{ verify: false }, { ca: "ca.pem", cert: "greenhouse.pem", key: "greenhouse.key" }],
  },
  clientId: text("Name of the client at the broker, unique there. The board's name when absent.", "greenhouse"),
  username: text("User name at the broker.", "greenhouse", "${MQTT_USERNAME}"),
  password: text("Password at the broker. Keep it out of the file: `${NAME}`. Needs `username`.", "${MQTT_PASSWORD}"),
  keepAlive: duration("The node sends something at least this often, and a broker that is silent for longer than 1.5 "
    + "times this is given up. Whole seconds up to 65535; \"0s\" switches it off.", DEFAULTS.keepAlive, "30s", "2m"),
  cleanSession: flag("True: the broker forgets the node's session when the link ends.", DEFAULTS.cleanSession),
  will: message("Message that the broker sends when the node is lost. Default: `<name>/availability`, `offline`, QoS "
    + "1, retained. `null`: none.", "offline", [0, 1, 2]),
  birth: message("Message that the node sends when it is connected. Default: `<name>/availability`, `online`, QoS 1, "
    + "retained. `null`: none.", "online", [0, 1, 2]),
  inflight: {
    ...object("Buffers for QoS 1 and 2 messages that the broker has not acknowledged yet. All memory is decided here.", {
      messages: integer("How many at a time.", 1, 255, DEFAULTS.inflight.messages, 8),
      bytes: integer("The largest packet that one takes, in bytes: header, topic and payload.", 16, 16383,
        DEFAULTS.inflight.bytes, 512),
    }),
    default: DEFAULTS.inflight,
    examples: [{ messages: 8, bytes: 512 }],
  },
  offline: {
    ...object("Queue that QoS 1 and 2 readings wait in while the broker cannot be reached or the in-flight buffers are full.", {
      messages: integer("How many messages at most.", 1, 65535, DEFAULTS.offline.messages, 32),
      bytes: integer("Bytes of topic and payload at most.", 16, 1_000_000, DEFAULTS.offline.bytes, 2048),
      whenFull: {
        type: "string", enum: ["reject", "oldest", "latest"], default: DEFAULTS.offline.whenFull, examples: ["latest"],
        description: "What a full queue does: `reject` refuses the new reading, `oldest` drops the oldest, `latest` "
          + "keeps only the newest of each topic. Whatever is dropped is counted in the diagnostics.",
      },
      maxAge: durationOrOff("A reading that has waited for longer is not worth sending: it is dropped, and counted.",
        DEFAULTS.offline.maxAge, "1h", "off"),
    }),
    default: DEFAULTS.offline,
    examples: [{ messages: 32, bytes: 2048, whenFull: "latest" }],
  },
  store: flag("True: QoS 1 and 2 messages that are queued or in flight outlive a loss of power, in flash. `motelet check` "
    + "says for how many years the flash will do. See docs/store.md.", DEFAULTS.store),
}, ["url"]);

const buses: Schema = {
  type: "object",
  description: "The buses that sensors are on. The name decides the type: `i2c1`, `i2c2`, ... are the I2C peripherals "
    + "of the hardware, `onewire1`, ... are 1-Wire buses, each on a pin, `uart1`, ... are its serial ports.",
  patternProperties: {
    "^i2c[A-Za-z0-9_-]*$": {
      ...object("An I2C bus.", {
        sda: pin("Data pin, as the firmware spells it.", "D21"),
        scl: pin("Clock pin.", "D22"),
        bitrate: integer("Bits a second.", 1000, 1_000_000, DEFAULTS.bitrate, 400_000),
      }, ["sda", "scl"]),
      examples: [{ sda: "D21", scl: "D22", bitrate: 100000 }],
    },
    "^onewire[A-Za-z0-9_-]*$": {
      ...object("A 1-Wire bus.", { pin: pin("Data pin, with a pull-up resistor of 4.7 kOhm.", "D4") }, ["pin"]),
      examples: [{ pin: "D4" }],
    },
    "^uart[A-Za-z0-9_-]*$": {
      ...object("A serial port, for one part.", {
        rx: pin("The pin that receives: the part's TX.", "D16"),
        tx: pin("The pin that sends: the part's RX. The firmware drives it even when nothing is connected to it.", "D17"),
        baud: {
          type: "integer", minimum: 300, maximum: 921_600, examples: [9600, 115_200],
          description: "Bits a second. When absent, what the part has when it is switched on.",
        },
      }, ["rx", "tx"]),
      examples: [{ rx: "D16", tx: "D17" }],
    },
  },
  additionalProperties: false,
  default: {},
  examples: [{ i2c1: { sda: "D21", scl: "D22" } }, { onewire1: { pin: "D4" } }, { uart1: { rx: "D16", tx: "D17" } }],
};

/** Keys that every sensor has. */
export const sensorKeys: Record<string, Schema> = {
  driver: { type: "string", description: "The driver." },
  id: name("Name of the sensor, unique on the board: a part of its topic `<name>/<id>`.", "air"),
  interval: duration("Time from one reading to the next, at least the part's conversion time.", DEFAULTS.interval,
    "30s", "5m"),
  publish: {
    ...object("How readings are published.", {
      qos: qos("0: sent once, lost while offline; 1: sent until the broker acknowledges it; 2: delivered once.", [0, 1, 2],
        DEFAULTS.publish.qos),
      retain: flag("True: the broker keeps the last reading for those who subscribe later.", DEFAULTS.publish.retain),
      as: {
        type: "string", enum: ["json", "value"], default: DEFAULTS.publish.as, examples: ["value"],
        description: "`json`: one object of all quantities to `<name>/<id>`; `value`: each quantity as a plain number "
          + "to `<name>/<id>/<quantity>`.",
      },
    }),
    default: DEFAULTS.publish,
    examples: [{ qos: 1, retain: false, as: "json" }],
  },
};

/** The keys of a board file; `sensors` and the list of `hardware` are added by `schema.ts`. */
export const boardKeys: Record<string, Schema> = {
  $schema: text("Path of board.schema.json: editors complete and explain keys by it.", "./board.schema.json"),
  extends: {
    ...text("Path of another board file, relative to this one, that this one is laid over: objects are merged, lists "
      + "and all else are replaced.", "./shared/lab.json"),
    minLength: 1,
  },
  name: name("Name of the node: the first part of its topics and the folder of its build.", "greenhouse"),
  hardware: { type: "string", description: "The board that it runs on." },
  target: {
    type: "string", enum: ["espruino", "nodemcu"], default: DEFAULTS.target, examples: ["espruino"],
    description: "The firmware that is on the board: Espruino (JavaScript), or NodeMCU (Lua), see docs/nodemcu.md.",
  },
  nodemcu: {
    ...object("How the NodeMCU firmware of the board was built. Needed where that is not as `motelet build` says.", {
      lua: {
        type: "string", enum: ["5.1", "5.3"], examples: ["5.3"],
        description: "Its Lua. Absent: 5.1 on the ESP8266, 5.3 on the ESP32, as they are unless told otherwise.",
      },
      lfs: {
        type: "boolean", examples: [true],
        description: "True: the program goes into the flash store of Lua (LFS) and takes no heap. Absent: true on the "
          + "ESP8266, false on the ESP32.",
      },
      modules: {
        type: "array", items: { type: "string", pattern: "^[a-z0-9_]{1,32}$" }, uniqueItems: true,
        examples: [["bit", "file", "gpio", "i2c", "net", "node", "tmr", "uart", "wifi"]],
        description: "The modules that it has, as its banner says at start. `motelet check` then says which are missing.",
      },
    }),
    examples: [{ lua: "5.3" }],
  },
  wifi,
  mqtt,
  buses,
  sensors: { type: "array" },
  diagnostics: durationOrOff("How often `<name>/diagnostics` is published: uptime, signal, free heap, reconnects, "
    + "dropped readings, errors of sensors. \"off\": never.", DEFAULTS.diagnostics, "1m", "off"),
  watchdog: durationOrOff("The chip is reset when the program hangs for this long, at least 1s. \"off\": never.",
    DEFAULTS.watchdog, "30s", "off"),
  saveTotals: duration("How often totals that have changed (those of pulse counters) are written to flash, at least 1s. "
    + "What was counted since is lost when the power fails.", DEFAULTS.saveTotals, "1m"),
  flash: flashSchema,
};

export const REQUIRED = ["name", "hardware", "wifi", "mqtt", "sensors"];

/** Keys that a later version brings, by the object that they belong to ("" is the board, "sensors" a sensor). */
export const PLANNED: Record<string, string[]> = {
  "": ["actuators", "homeAssistant", "sleep"],
  mqtt: ["store"],
};
