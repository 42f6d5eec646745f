/**
 * NodeMCU's API as far as it is used here, and Lua's own: types only, nothing of this file reaches a board. What is
 * declared with a `this: void` is called with a dot, a method with a colon. A function that gives several values is
 * declared with the first; `pcall(...)` as the last argument of a call passes all of them on.
 */

/* eslint portable/this-void: "off" -- a method is called with a colon: its object goes in front */

export declare const pcall: (this: void, fn: (this: void, ...args: never[]) => unknown, ...args: unknown[]) => boolean;
/** `handler` is called where the error happened. */
export declare const xpcall:
(this: void, fn: (this: void) => void, handler: (this: void, e: unknown) => void) => boolean;
/** ESP8266. */
export declare const debug: { traceback: (this: void, message: unknown, level: number) => string };
export declare const print: (this: void, line: unknown) => void;
export declare const select: <T>(this: void, at: number, ...values: unknown[]) => T;
export declare const table: { concat: (this: void, list: string[], between?: string) => string };
/** Lua's own functions of strings: places count from 1. */
export declare const string: {
  byte: (this: void, text: string, at?: number) => number;
  char: (this: void, ...codes: number[]) => string;
  format: (this: void, form: string, ...values: unknown[]) => string;
  gsub: (this: void, text: string, pattern: string, by: string | ((this: void, found: string) => string)) => string;
  rep: (this: void, text: string, count: number) => string;
  sub: (this: void, text: string, from: number, to?: number) => string;
};
export declare const tonumber: (this: void, text: string, base?: number) => number;
export declare const math: {
  random: (this: void, low?: number, high?: number) => number;
  randomseed: (this: void, seed: number) => void;
};

/** Module `tmr`. */
export interface TmrTimer {
  alarm(ms: number, mode: number, fn: (this: void) => void): boolean;
  unregister(): void;
}
export declare const tmr: {
  create: (this: void) => TmrTimer;
  ALARM_SINGLE: number;
  /** ESP8266: waits, up to some ms, and nothing else happens. */
  delay: (this: void, us: number) => void;
  /** ESP8266: microseconds, 31 bits of them; seconds since boot. */
  now: (this: void) => number;
  time: (this: void) => number;
  /** ESP8266: restarts the chip unless it is called again in time; -1: never. */
  softwd: (this: void, seconds: number) => void;
};

/** Module `node`. */
export declare const node: {
  heap: (this: void) => number;
  bootreason: (this: void) => number;
  restart: (this: void) => void;
  setonerror: (this: void, fn: (this: void, message: string) => void) => void;
  /** ESP32: microseconds since boot. */
  uptime: (this: void) => number;
  /** ESP8266: chance of the hardware, within limits. */
  random: (this: void, low: number, high: number) => number;
  /** ESP8266: microseconds; ESP32: as a field. */
  dsleep: (this: void, time: number | { secs?: number; us?: number }) => void;
  /** ESP8266: microseconds that it can sleep. */
  dsleepMax: (this: void) => number;
  /** ESP8266: where what is printed goes, and whether to the console, too. */
  output: (this: void, fn: (this: void) => void, console: number) => void;
};

/** Module `rtcmem`: 128 words of 32 bits, read with a sign. */
export declare const rtcmem: {
  read32: (this: void, at: number) => number;
  write32: (this: void, at: number, word: number) => void;
};

/** Modules `sntp` and `rtctime` of the ESP8266. */
export declare const sntp: {
  sync: (this: void, server: string, done: (this: void) => void, failed: (this: void, problem: number) => void) => void;
};
export declare const rtctime: {
  /** Seconds since 1970; 0 before they are known. */
  get: (this: void) => number;
  /** Microseconds: keeps the time. */
  dsleep: (this: void, us: number) => void;
};

/** Module `time` of the ESP32. */
export declare const time: {
  /** Seconds since 1970; since the start before they are known. */
  get: (this: void) => number;
  initntp: (this: void, server: string) => void;
};

/** A socket of the modules `net` and `tls`. */
export interface LuaSocket {
  on(event: "receive", fn: (this: void, socket: unknown, bytes: string) => void): void;
  on(event: "dns", fn: (this: void, socket: unknown, address: string | undefined) => void): void;
  on(event: "connection" | "disconnection" | "reconnection" | "sent", fn: (this: void) => void): void;
  // Called by pcall, with the socket in front.
  connect: (this: void, socket: LuaSocket, port: number, host: string) => void;
  send: (this: void, socket: LuaSocket, bytes: string) => void;
  close: (this: void, socket: LuaSocket) => void;
}
export declare const net: { createConnection: (this: void, kind: number, secure: number) => LuaSocket; TCP: number };

/** Module `i2c`: a transfer is a start, an address, bytes, a stop. */
export declare const i2c: {
  setup: (this: void, id: number, sda: number, scl: number, bitrate: number) => number;
  start: (this: void, id: number) => void;
  stop: (this: void, id: number) => void;
  /** ESP8266: whether it was acknowledged. */
  address: (this: void, id: number, address: number, direction: number) => boolean;
  /** ESP8266: how many bytes were acknowledged. */
  write: (this: void, id: number, bytes: string) => number;
  /** ESP8266: the bytes; ESP32: they come with `transfer`. */
  read: (this: void, id: number, count: number) => string;
  /** ESP32: runs what was collected. Gives the bytes, or nil, and whether all was acknowledged. */
  transfer: (this: void, id: number) => string | undefined;
  TRANSMITTER: number;
  RECEIVER: number;
};

/** Module `ow`. */
export declare const ow: {
  setup: (this: void, pin: number) => void;
  reset: (this: void, pin: number) => number;
  select: (this: void, pin: number, rom: string) => void;
  skip: (this: void, pin: number) => void;
  write_bytes: (this: void, pin: number, bytes: string, power: number) => void;
  read_bytes: (this: void, pin: number, count: number) => string;
  reset_search: (this: void, pin: number) => void;
  search: (this: void, pin: number) => string | undefined;
  crc8: (this: void, bytes: string) => number;
};

/** Module `adc`: the ESP8266 reads channel 0; the ESP32 has converters, channels and attenuations. */
export declare const adc: {
  read: (this: void, first: number, channel?: number) => number;
  setwidth: (this: void, converter: number, bits: number) => void;
  setup: (this: void, converter: number, channel: number, attenuation: number) => void;
  ADC1: number;
  ATTEN_11db: number;
};

/** Module `gpio`. */
export declare const gpio: {
  read: (this: void, pin: number) => number;
  write: (this: void, pin: number, level: number) => void;
  /** ESP8266: `fn` gets level, time in us (31 bits), how many interrupts there were. ESP32: pin and level. */
  trig: (
    this: void, pin: number, type: string | number,
    fn?: (this: void, first: number, second: number, count: number) => void,
  ) => void;
  /** ESP8266. */
  mode: (this: void, pin: number, mode: number, pull: number) => void;
  OUTPUT: number;
  INPUT: number;
  INT: number;
  PULLUP: number;
  FLOAT: number;
  /** ESP32. */
  config: (this: void, settings: { gpio: number; dir: number; pull?: number }) => void;
  IN: number;
  OUT: number;
  PULL_UP: number;
  FLOATING: number;
  INTR_UP_DOWN: number;
};

/** Module `dht`. */
export declare const dht: {
  /** A status, degC, %RH, and what is behind their points in 1/1000. ESP8266. */
  read: (this: void, pin: number) => number;
  /** ESP32: the same, or a status alone. */
  read2x: (this: void, pin: number) => number;
  OK: number;
  ERROR_CHECKSUM: number;
};

/** Module `rotary`: by channel on the ESP8266, an object on the ESP32. */
export interface RotarySwitch {
  on(events: number, fn: (this: void) => void): void;
  getpos(): number | undefined;
}
export declare const rotary: {
  setup: (this: void, first: number, second: number, third?: number) => RotarySwitch;
  on: (this: void, channel: number, events: number, fn: (this: void) => void) => void;
  getpos: (this: void, channel: number) => number | undefined;
  TURN: number;
};

/** Module `uart`. */
export declare const uart: {
  setup: (
    this: void, id: number, baud: number, bits: number, parity: number, stopBits: number, echoOrPins: number | object,
  ) => number;
  write: (this: void, id: number, bytes: string) => void;
  /** ESP8266: event, 0, function, 0; ESP32: with the id in front. */
  on: (this: void, ...settings: unknown[]) => void;
  /** ESP32. */
  start: (this: void, id: number) => boolean;
  PARITY_NONE: number;
  STOPBITS_1: number;
};

/** Module `pulsecnt` of the ESP32. */
export interface PulseCounter {
  chan0Config(
    pin: number, control: number, rising: number, falling: number, low: number, high: number,
    least: number, most: number,
  ): void;
  clear(): void;
  getCnt(): number;
}
export declare const pulsecnt: {
  create: (this: void, unit: number) => PulseCounter;
  PCNT_PIN_NOT_USED: number;
  PCNT_COUNT_DIS: number;
  PCNT_COUNT_INC: number;
  PCNT_MODE_KEEP: number;
};

/** Module `rmt` of the ESP32. */
export interface RmtChannel {
  on(event: "data", fn: (this: void, items: string) => void): void;
  close(): void;
}
export declare const rmt: {
  rxsetup: (this: void, pin: number, picoseconds: number, settings: { idle_threshold: number }) => RmtChannel;
};

/** Modules `crypto` and `encoder`. */
export declare const crypto: {
  /** ESP8266. */
  sha1: (this: void, bytes: string) => string;
  mask: (this: void, bytes: string, mask: string) => string;
  /** ESP32. */
  new_hash: (this: void, algorithm: string) => { update(bytes: string): void; finalize(): string };
};
export declare const encoder: { toBase64: (this: void, bytes: string) => string };

/** Module `wifi` of the ESP8266 and of the ESP32. */
export declare const wifi: {
  STATION: number;
  /** ESP8266. */
  setmode: (this: void, mode: number, save: boolean) => void;
  eventmon: {
    STA_GOT_IP: number;
    STA_DISCONNECTED: number;
    register: (this: void, event: number, fn: (this: void) => void) => void;
  };
  /** ESP32. */
  mode: (this: void, mode: number, save: boolean) => void;
  start: (this: void) => void;
  sta: {
    config: (this: void, settings: object) => void;
    getmac: (this: void) => string;
    /** ESP8266: dBm, or nil without a connection. */
    getrssi: (this: void) => number | undefined;
    /** ESP32. */
    connect: (this: void) => void;
    on: (this: void, event: "got_ip" | "disconnected", fn: (this: void) => void) => void;
  };
};

/** Module `file`, and Lua's `io` on the ESP32. */
export interface LuaFile {
  read(count: number): string | undefined;
  write(bytes: string): unknown;
  /** Where it is then. */
  seek(whence: "set" | "end", offset: number): number | undefined;
  close(): void;
}
export declare const file: {
  /** ESP8266. */
  open: (this: void, name: string, mode: string) => LuaFile | undefined;
  remove: (this: void, name: string) => void;
};
/** ESP32. */
export declare const io: { open: (this: void, name: string, mode: string) => LuaFile | undefined };

/** Module `tls` of the ESP8266. */
export declare const tls: {
  createConnection: (this: void) => LuaSocket;
  cert: {
    /** The n-th certificate of those that vouch for a server; nil ends them. */
    verify: (this: void, give: (this: void, n: number) => string | undefined) => boolean;
    /** 0: the key of the client; n: its certificates. */
    auth: (this: void, give: (this: void, n: number) => string | undefined) => boolean;
  };
};
