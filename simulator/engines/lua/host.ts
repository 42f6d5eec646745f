/** What the prelude asks for: the operations of a NodeMCU chip over Machine, Station, Network and Clock. */
import { createHash, createHmac } from "node:crypto";
import type { SimulatedFlash } from "../../flash.ts";
import type { Station } from "../../station.ts";
import type { Clock, Machine } from "../../types.ts";
import { answer as answerChip, type ChipControl } from "../port.ts";
import { readDht } from "./dht.ts";
import { answerFiles, type Permanent } from "./files.ts";
import { createInputs } from "./inputs.ts";
import type { LuaPrompt } from "./prompt.ts";
import type { Sockets } from "./sockets.ts";

/** How many fields come before the last one, which may hold any bytes; 0 where all of it is one. */
const PLAIN_FIELDS: Record<string, number> = {
  "uart.send": 1, "net.send": 1, "tls.send": 1, "file.write": 3, "file.rename": 1, crypto: 3, encoder: 1, panic: 1,
};
/** Instructions of one callback, in steps of the prelude, until the watchdog bites. */
const BUSY_STEPS = 20;
/** What a call of gpio.write takes. Not measured on a chip: some us, of which pulses are made. */
const GPIO_WRITE_MS = 0.005;
/** Above this a pause is worth a word: no simulated time passes in it. */
const SHORT_DELAY_US = 20_000;

/** GPIO by NodeMCU's index (app/platform/pin_map.c). */
const ESP8266_PINS = [16, 5, 4, 0, 2, 14, 12, 13, 15, 3, 1, 9, 10];
/** GPIO by channel of ADC1 (ESP32 datasheet, ADC1_CH0 to 7; ESP32-C3: GPIO 0 to 4). */
const ESP32_ADC = [36, 37, 38, 39, 32, 33, 34, 35];

export interface HostOptions {
  chip: string;
  pins: Set<string>;
  machine: Machine;
  clock: Clock;
  station: Station;
  sockets: Sockets;
  permanent: Permanent;
  flash: SimulatedFlash;
  /** The operations of the time of day. */
  time: (op: string, fields: string[]) => string | undefined;
  /** Modules of NodeMCU that the firmware has; all of them when empty. */
  modules: string[];
  /** Files that are in flash. */
  flashed: string[];
  heapBytes: number;
  seed: number;
  bootReason: () => string;
  /** The next event, or undefined. */
  next: () => string | undefined;
  push: (kind: string, id: number, text: string) => void;
  after: (ms: number, fn: () => void) => number;
  /** Something may have come in: `poll` is due. */
  wake: () => void;
  cancel: (handle: number) => void;
  restart: (reason: string, sleepMs?: number) => void;
  /** An error that nobody caught: at once, or as `onerror` of NodeMCU does, after a while. */
  panic: (message: string, atOnce: boolean) => void;
  print: (line: string) => void;
  /** The console, where somebody sits at it. */
  prompt: LuaPrompt | undefined;
  error: (message: string) => void;
  heap: (bytes: number) => void;
  warn: (message: string) => void;
}

export interface Host {
  answer(request: string): string;
  /** Tells what has come in at pins and ports; true when something has. */
  poll(): boolean;
  /** A turn of the VM begins: the watchdog is fed. */
  feed(): void;
}

export function createHost(options: HostOptions): Host {
  const { machine, clock, push } = options;
  const isEsp8266 = options.chip === "ESP8266";
  const timers = new Map<number, number>();
  const control: ChipControl = {
    machine, station: options.station, flash: options.flash, resetReason: options.bootReason, restart: options.restart,
    watchdog: { enable: () => {}, kick: () => {} }, now: () => clock.now(),
  };
  let steps = 0;
  let uartLine = "";
  let softWatchdog: number | undefined;
  const started = clock.now();

  const pin = (index: number): string => {
    const gpio = isEsp8266 ? ESP8266_PINS[index] : index;
    const name = `D${gpio}`;
    return options.pins.has(name) ? name : "";
  };
  const adcPin = (channel: number): string => {
    const name = `D${options.chip === "ESP32" ? ESP32_ADC[channel] : channel}`;
    return options.pins.has(name) ? name : "";
  };
  const startTimer = (id: number, ms: number, repeats: boolean): void => {
    stopTimer(id);
    // A FreeRTOS timer counts ticks, 100 in a second unless the build says otherwise.
    const period = isEsp8266 ? ms : Math.floor(ms / 10) * 10;
    const arm = (): void => {
      timers.set(id, options.after(period, () => {
        if (repeats) arm();
        else timers.delete(id);
        push("tmr", id, "");
      }));
    };
    arm();
  };
  const stopTimer = (id: number): void => {
    const handle = timers.get(id);
    if (handle !== undefined) options.cancel(handle);
    timers.delete(id);
  };
  const writeUart = (text: string): void => {
    const lines = (uartLine + text).split(/\r?\n/);
    uartLine = lines.pop()!;
    for (const line of lines) options.print(line);
  };

  const simple: Record<string, (fields: string[], last: string) => string | number | void> = {
    next: () => options.next() ?? "",
    print: (_, last) => last.split("\n").forEach(options.print),
    uart: (_, last) => writeUart(last),
    warn: (_, last) => options.warn(last),
    error: (_, last) => options.error(last),
    line: () => options.prompt?.line() ?? "",
    prompt: (_, last) => options.prompt?.ready(last),
    banner: (_, last) => banner(options, last).forEach((line) => options.prompt?.print(line)),
    panic: ([atOnce], last) => options.panic(last, atOnce === "1"),
    busy: () => {
      if (++steps < BUSY_STEPS) return "0";
      options.restart("watchdog");
      return "1";
    },
    heap: ([kilobytes]) => options.heap(Number(kilobytes) * 1024),
    "node.heap": ([kilobytes]) => Math.max(0, Math.floor(options.heapBytes - Number(kilobytes) * 1024)),
    limit: () => options.heapBytes,
    seed: () => options.seed,
    modules: () => options.modules.join(" "),
    bootreason: () => options.bootReason(),
    uptime: () => Math.floor((clock.now() - started) * 1000),
    delay: ([us]) => {
      if (Number(us) > SHORT_DELAY_US) options.warn(`tmr.delay(${us}): no simulated time passes in it; use a timer`);
    },
    softwd: ([seconds]) => {
      if (softWatchdog !== undefined) options.cancel(softWatchdog);
      softWatchdog = Number(seconds) < 0 ? undefined
        : options.after((Number(seconds) + 1) * 1000, () => options.restart("watchdog"));
    },
    "tmr.start": ([id, ms, repeats]) => startTimer(Number(id), Number(ms), repeats === "1"),
    "tmr.stop": ([id]) => stopTimer(Number(id)),
    "tmr.check": ([ms]) => {
      if (Number(ms) >= 10) return;
      options.warn(`tmr: ${ms} ms are less than a tick of FreeRTOS (10 ms): xTimerCreate asserts, and the chip restarts`);
      options.restart("assertion");
    },
    later: ([kind, id, ms]) => void options.after(Number(ms ?? 0), () =>
      push(kind!, Number(id), kind === "wifi" ? "\0\0" : "")),
    pin: ([index]) => pin(Number(index)),
    "adc.pin": ([channel]) => adcPin(Number(channel)),
    adc: ([name, bits]) => {
      const ratio = machine.analogRead(name!);
      return Number.isNaN(ratio) ? 0 : Math.floor(ratio * 2 ** Number(bits));
    },
    "i2c.bus": ([sda, scl]) => machine.i2cBusAt?.(pin(Number(sda)), pin(Number(scl))) ?? "I2C1",
    "i2c.address": ([bus, address, direction]) => {
      // A message of no bytes: whether the part is there and ready.
      if (direction === "0") return machine.i2cWrite(bus!, Number(address), "") ? "1" : "0";
      return machine.i2cRead(bus!, Number(address), 0) === undefined ? "0" : "1";
    },
    D: ([name, level]) => machine.digitalWrite(name!, Number(level), GPIO_WRITE_MS),
    "dht.read": ([index, lowMs]) => readDht(machine, pin(Number(index)), Number(lowMs)),
    "wifi.join": ([ssid, password]) => options.station.connect(ssid!, password!),
    "wifi.save": ([keep, auto, ssid, password]) => {
      if (keep === "1") {
        options.permanent.wifi = ssid === "" ? undefined : { ssid: ssid!, password: password!, auto: auto === "1" };
      }
    },
    "wifi.state": () => wifiState(options.station, options.seed),
    "wifi.scan": () => void options.after(2000, () => {
      const { status, ssid, mac, channel, rssi } = options.station.state();
      push("scan", 0, status === "connected" ? [ssid, mac, channel, rssi].join("\0") : "");
    }),
    crypto: ([algorithm, isKeyed, keyBytes], last) => digest(algorithm!, isKeyed === "1", Number(keyBytes), last),
    encoder: ([name], last) => encode(name!, last),
    // An image that was taken over; else what the build would have put there.
    "lfs.list": () => [...options.permanent.lfs?.modules.keys() ?? options.flashed
      .filter((name) => options.permanent.files.has(name)).map((name) => name.replace(/\.lua$/, ""))].join("\0"),
    "lfs.read": ([name]) => (options.permanent.lfs ? options.permanent.lfs.modules.get(name!)
      : options.permanent.files.get(`${name}.lua`)) ?? "",
    "lfs.time": () => options.permanent.lfs?.time ?? "",
    "lfs.reload": ([name]) => {
      if (!options.permanent.files.has(name!)) return "No LFS partition allocated";
      options.permanent.lfsOrder = name;
      options.restart("restart");
      return "";
    },
  };
  const inputs = createInputs({
    machine, pin, microseconds: (ms) => (ms - started) * 1000, push, after: (ms, fn) => void options.after(ms, fn),
  });
  machine.onInput = options.wake;
  return {
    poll: () => inputs.poll(),
    feed: () => {
      steps = 0;
    },
    answer(request) {
      const cut = request.indexOf("\0");
      const op = cut < 0 ? request : request.slice(0, cut);
      const rest = cut < 0 ? "" : request.slice(cut + 1);
      const fields = rest.split("\0");
      const last = fields.slice(PLAIN_FIELDS[op] ?? 0).join("\0");
      const known = simple[op];
      if (known !== undefined) return String(known(fields, last) ?? "");
      return inputs.answer(op, fields, last) ?? options.time(op, fields) ?? options.sockets.answer(op, fields, last)
        ?? answerFiles(options.permanent, options.flash, op, fields, last)
        ?? answerChip(control, op, rest);
    },
  };
}

/**
 * Keys and values; `code` is station_get_connect_status of the ESP8266's SDK. Every chip has an address of its own, by
 * the seed.
 */
function wifiState(station: Station, seed: number): string {
  const state = station.state();
  const own = `${state.own.slice(0, 9)}${seed.toString(16).padStart(6, "0").slice(-6).replace(/../g, ":$&").slice(1)}`;
  const codes: Record<string, number> = {
    off: 0, ASSOC_LEAVE: 0, connected: 5, NO_AP_FOUND: 3, BEACON_TIMEOUT: 1, "4WAY_HANDSHAKE_TIMEOUT": 2,
  };
  return Object.entries({ ...state, own, code: codes[state.status] ?? 1 }).map(([key, value]) => `${key}\0${value}\0`).join("");
}

/** What the firmware says at its start (app/include/user_version.h, app/main): the prompt follows. */
function banner({ chip, modules }: HostOptions, version: string): string[] {
  return [
    "", `NodeMCU 3.0.0.0 (simulated ${chip})`, `\tmodules: ${modules.length === 0 ? "all" : modules.join(",")}`,
    ` powered by ${version}`,
  ];
}

function digest(algorithm: string, isKeyed: boolean, keyBytes: number, text: string): string {
  const name = algorithm.toLowerCase();
  if (!["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "ripemd160"].includes(name)) return "";
  const key = Buffer.from(text.slice(0, keyBytes), "latin1");
  const hash = isKeyed ? createHmac(name, key) : createHash(name);
  return hash.update(text.slice(keyBytes), "latin1").digest().toString("latin1");
}

/** "1" and the result, or "0" for text that is none of the encoding's. */
function encode(name: string, text: string): string {
  const bytes = Buffer.from(text, "latin1");
  if (name === "toBase64") return `1${bytes.toString("base64")}`;
  if (name === "toHex") return `1${bytes.toString("hex")}`;
  if (name === "fromHex") {
    return /^([0-9a-f]{2})*$/i.test(text) ? `1${Buffer.from(text, "hex").toString("latin1")}` : "0";
  }
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? `1${Buffer.from(text, "base64").toString("latin1")}` : "0";
}
