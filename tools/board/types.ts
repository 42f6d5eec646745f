/** A checked board, as build and simulator use it: defaults filled in, durations in ms, secrets substituted. */

export type Qos = 0 | 1 | 2;

/** What is wrong in a board file. `path` is a JSON path such as `sensors[0].address`; "" is the file itself. */
export interface Problem {
  file: string;
  path: string;
  severity: "error" | "warning";
  /** What is wrong, one sentence. */
  message: string;
  /** What to do: "did you mean \"bme280\"?", "use one of D21, D22", ... */
  suggestion?: string;
  line?: number;
  column?: number;
}

/** How bytes reach the broker: TCP, TLS, or a WebSocket over either. */
export type LinkKind = "tcp" | "tls" | "ws" | "wss";

export interface Message {
  topic: string;
  payload: string;
  qos: Qos;
  retain: boolean;
}

/** What a full offline queue does: refuse the new message, drop the oldest, keep only the latest of each topic. */
export type WhenFull = "reject" | "oldest" | "latest";

/** Filters by field, in order; each is an object of one key: the name of the filter, with its parameter. */
export type Filters = Record<string, Record<string, unknown>[]>;

export interface Sensor {
  id: string;
  driver: string;
  /** Bus name ("i2c1", "onewire1") or undefined for a sensor on pins of its own. */
  bus?: string;
  /** Key of the board file ("pin", "trigger", "interrupt") to pin. */
  pins?: Record<string, string>;
  address?: number;
  intervalMs: number;
  publish: { qos: Qos; retain: boolean; as: "json" | "value" };
  /** The driver's own keys, defaults filled in. */
  options: Record<string, unknown>;
  /** Absent where there are none. */
  filters?: Filters;
}

export interface Board {
  /** Absolute path of the board file. */
  file: string;
  name: string;
  target: "espruino" | "nodemcu";
  /** As it is with the target. */
  hardware: Hardware;
  /** Target nodemcu. */
  nodemcu?: NodemcuSettings;
  wifi: { ssid: string; password: string };
  mqtt: {
    link: LinkKind;
    host: string;
    port: number;
    /** Of a WebSocket. */
    path?: string;
    /** Of TLS: `ca` in PEM; `cert` and `key` (PKCS #8) as DER in base64. */
    tls?: { verify: boolean; ca?: string; cert?: string; key?: string; serverName?: string };
    clientId: string;
    username?: string;
    password?: string;
    keepAliveSeconds: number;
    cleanSession: boolean;
    will?: Message;
    birth?: Message;
    /** Slots, and the largest packet in bytes that one of them takes. */
    inflight: { messages: number; bytes: number };
    /** Slots and total bytes (topic and payload) of the offline queue. */
    /** `maxAgeMs` 0: readings wait for as long as it takes. */
    offline: { messages: number; bytes: number; whenFull: WhenFull; maxAgeMs: number };
    /** Where messages that must outlive a loss of power are kept, if they are: see `openStore` of lib/mqtt/store.ts. */
    store?: StorePlan;
  };
  buses: Record<string, Bus>;
  sensors: Sensor[];
  /** Where totals are kept, if a sensor has one. */
  totals?: TotalsPlan;
  /** Interval of `<name>/diagnostics`; 0 switches it off. */
  diagnosticsIntervalMs: number;
  /** How long the hardware watchdog waits before it resets the chip; 0 switches it off. */
  watchdogMs: number;
  /** What the board file says of flashing, in place of flash.config.json; paths are relative to it. */
  flash?: FlashOverrides;
}

/** The key `flash` of a board file; durations are texts. */
export interface FlashOverrides {
  port?: string;
  match?: string[];
  baud?: number;
  mode?: "storage" | "bootcode";
  restart?: "reboot" | "load";
  chunkBytes?: number;
  compile?: boolean;
  luac?: string;
  image?: Partial<FlashImage>;
  limits?: FlashLimits;
}

/** How the interpreter is written. */
export interface FlashImage {
  baud: number;
  reset?: "classic" | "usb-jtag" | "none";
  flashMode: string;
  flashFrequency: string;
  flashSize?: string;
  images: { file: string; offset: string; sha256?: string }[];
}

/** As flash.config.json and board files write them. */
export interface FlashLimits {
  connect?: string;
  reply?: string;
  boot?: string;
  settle?: string;
  compact?: string;
  attempts?: number;
  uploads?: number;
}

export type Bus =
  | { type: "i2c"; sda: string; scl: string; bitrate: number }
  | { type: "onewire"; pin: string }
  | { type: "uart"; rx: string; tx: string; baud: number };

/** Areas of flash that are written in turn, and what that wears. */
export interface StorePlan {
  address: number;
  areaBytes: number;
  areas: number;
  /** Bytes that are written a day when all messages wait in the queue first, and years until the flash is worn then. */
  bytesADay: number;
  years: number;
  /** The same of one message, that which writes most: how often, and bytes in all. */
  writesAMessage: number;
  bytesAMessage: number;
  /** The areas are files of a file system. */
  inFiles: boolean;
}

/** Two pages of flash that totals are kept in: see `openTotals` of lib/totals/totals.ts. */
export interface TotalsPlan {
  address: number;
  pageBytes: number;
  saveMs: number;
  /** Ids, in the order of the totals. */
  sensors: string[];
  /** Until the flash is worn, when each save has something to save. */
  years: number;
}

/** One file of `boards/hardware/`. */
export interface Hardware {
  name: string;
  title: string;
  /** Where the facts come from (datasheet, firmware's board file). */
  sources: string[];
  chip: string;
  targets: ("espruino" | "nodemcu")[];
  /**
   * Pin name (as the target's firmware spells it) to what it can do: "input", "output", "opendrain" (I2C and 1-Wire
   * need it), "pullup", "watch", "adc", "dac"; what it is besides: "boot" (strapping pin), "console", "usb", "led",
   * "button"; or what keeps it from being used: "flash", "wifi", "usb".
   */
  pins: Record<string, string[]>;
  buses: Record<string, {
    type: "i2c" | "uart";
    /** Global that Espruino offers, "I2C1", "Serial2". */
    espruino?: string;
    /** UART: Espruino's console is on it unless it is told to let go of it. */
    console?: boolean;
    /** The pins that it can be on; absent: any that can do it. */
    sda?: string[];
    scl?: string[];
    rx?: string[];
    tx?: string[];
  }>;
  /** Espruino's heap: number of JsVars and bytes of each. */
  heap: { variables: number; bytesPerVariable: number };
  /** Bytes of flash for saved code, and for files. Espruino keeps both in one area: its bytes are counted in both. */
  flash: {
    codeBytes: number;
    storageBytes: number;
    /**
     * Pages that nothing else uses, for the store, and how often each may be erased. Absent: there are none. With
     * `fileSystemBytes` they are files, and the file system spreads what they wear over so many bytes of flash.
     */
    store?: { address: string; pageBytes: number; pages: number; erases: number; fileSystemBytes?: number };
  };
  wifi: boolean;
  /**
   * What the firmware has of cryptography: SHA-1, which a WebSocket needs; TLS that verifies the other side, TLS that
   * cannot, or none. "authority": it verifies who has signed the certificate of the other side, and not whose it is.
   */
  crypto: { sha1: boolean; tls: "verified" | "authority" | "unverified" | "none" };
  /** Bits of the converter, and volts that read as 1.0. */
  adc: { bits: number; referenceVolts: number };
  /** The chip's own thermometer, where the target's firmware reads it: degC is scale times that, and the offset. */
  temperature?: Partial<Record<"espruino" | "nodemcu", { scale: number; offset: number }>>;
  /** What is otherwise with NodeMCU. */
  nodemcu?: NodemcuHardware;
}

export type LuaVersion = "5.1" | "5.3";

/** A board with NodeMCU. Names of pins are Espruino's, so that a board file is good for both. */
export interface NodemcuHardware {
  sources: string[];
  /** The Lua that the firmware has unless it is built otherwise. */
  lua: LuaVersion;
  /** Whether the program has to be in flash (LFS), as the heap is too small for its code. */
  lfs: boolean;
  /** Numbers of pins; where there are none at all, that in the name is it. */
  numbers: Record<string, number>;
  /** Channels of the converter, by pin. */
  analogChannels: Record<string, number>;
  /** Ids of the buses. */
  i2c: Record<string, number>;
  uart: Record<string, number>;
  /** What node.heap() shows without a program. */
  heapBytes: number;
  lfsBytes: number;
  /** Of the file system, and how often a sector of it may be erased. */
  fileBytes: number;
  erases: number;
  crypto: Hardware["crypto"];
}

/** How the firmware of a NodeMCU board was built. */
export interface NodemcuSettings {
  lua: LuaVersion;
  lfs: boolean;
  /** Its modules, if the board file names them. */
  modules?: string[];
}

/** `dist/<name>/manifest.json`. No secret is in it. */
export interface Manifest {
  name: string;
  target: "espruino" | "nodemcu";
  hardware: string;
  motelet: string;
  /** "simulated" where a secret was supplied by the simulator: such a build must not be flashed. */
  secrets: "given" | "simulated";
  file: string;
  bytes: number;
  sha256: string;
  /** CRC-32 (IEEE) of the file, as Espruino's E.CRC32 computes it. */
  crc32: number;
  /** Bytes of the finished file by source module; they add up to `bytes`. */
  modules: Record<string, number>;
  budget: { bytes: number; of: string };
  features: string[];
  /** Target nodemcu: all files of the program, `file` among them. */
  files?: { name: string; bytes: number; sha256: string; crc32: number }[];
  /** Target nodemcu. */
  lua?: {
    version: LuaVersion;
    /** Modules that the NodeMCU firmware has to have. */
    modules: string[];
    /** Files that go into the flash of the program (LFS). */
    flashed?: string[];
    /** Bytes of the compiled program, and of heap that it takes where it is not in flash. */
    compiledBytes: number;
    codeHeapBytes: number;
    /** What to build the firmware with: the file it goes into, and what to write there. */
    configuration: { file: string; text: string }[];
  };
  mqtt: {
    link: LinkKind;
    host: string;
    port: number;
    path?: string;
    clientId: string;
    username?: string;
    keepAliveSeconds: number;
    cleanSession: boolean;
  };
  topics: { availability?: string; diagnostics?: string; sensors: Record<string, string[]> };
  buses: Record<string, Bus>;
  adc: { bits: number; referenceVolts: number };
  heap: { variables: number; bytesPerVariable: number };
  sensors: (Sensor & { fields: { name: string; unit: string; decimals: number }[] })[];
}
