/**
 * Engine `lua`: the built Lua in a real PUC VM (5.1 or 5.3) with NodeMCU's API as its documentation and its source
 * have it (branches release for the ESP8266, dev-esp32 for the ESP32). The API is written in Lua (lua/prelude), over
 * the operations of lua/host.ts.
 */
import { readFileSync } from "node:fs";
import { PowerFailure } from "../flash.ts";
import { createStation, type Station } from "../station.ts";
import { createPermanent, takesLfsOver, type Permanent } from "./lua/files.ts";
import { createHost, type Host } from "./lua/host.ts";
import { createLuaPrompt, type LuaPrompt } from "./lua/prompt.ts";
import { createSockets } from "./lua/sockets.ts";
import { createTime, keepTime } from "./lua/time.ts";
import { explain, readMaps, type Maps } from "./lua/trace.ts";
import { createLuaVm, type LuaVersion, type LuaVm } from "./lua/vm.ts";
import type { Engine, EngineOptions, Firmware, PowerCut } from "./types.ts";

export interface LuaOptions {
  version: LuaVersion;
  /** Modules of NodeMCU that the firmware has; all that are simulated when absent. */
  modules?: string[];
  /** Files of the firmware that are in flash (LFS): their code takes no heap. */
  flashed?: string[];
  /** What Lua can have of the chip's memory. */
  heapBytes?: number;
}

const PRELUDE = ["core", "bit", "timer", "net", "bus", "gpio", "pulse", "uart", "wifi", "file", "chip", "time", "boot"].map((name) => ({
  name, source: readFileSync(new URL(`lua/prelude/${name}.lua`, import.meta.url), "utf8"),
}));

/** What node.heap() shows on a chip with Wi-Fi that has just booted, without a program. */
const ESP8266_HEAP_BYTES = 44 * 1024;
const ESP32_HEAP_BYTES = 200 * 1024;
/** DELAY2SEC of app/modules/node.c: `onerror` restarts after it. */
const ERROR_RESTART_MS = 2000;
/** Rounds of events at one instant; a firmware that always posts would never let time pass. */
const MOST_ROUNDS = 10_000;

/** node.bootreason(): raw code, extended cause, and on the ESP32 after a software reset the number of panics. */
const BOOT_REASONS: Record<string, { esp8266: string; esp32: string }> = {
  "power on": { esp8266: "1 0", esp32: "1 8" },
  restart: { esp8266: "2 4", esp32: "2 19" },
  panic: { esp8266: "2 4", esp32: "2 19" },
  assertion: { esp8266: "2 4", esp32: "2 19" },
  watchdog: { esp8266: "4 3", esp32: "2 19" },
  "deep sleep": { esp8266: "2 5", esp32: "3 12" },
};

/** One life of the chip, from boot to reset. */
interface Life {
  vm: LuaVm;
  host: Host;
  station: Station;
  timers: Set<number>;
  dead: boolean;
  isFailing: boolean;
  /** Lua is running: the VM must not be closed under it. */
  isRunning: boolean;
  /** Calls a function of the prelude. */
  run(name: string): void;
  /** Delivers what has happened, until nothing more does. */
  idle(): void;
  /** Where somebody sits at the console. */
  prompt: LuaPrompt | undefined;
  /** What comes in at it. */
  hear(bytes: string): void;
}

type Restart = (reason: string, sleepMs?: number) => void;

/** With the files of the chip, which outlive its lives. */
export function createLuaEngine(options: EngineOptions, lua: LuaOptions): Engine & Pick<Permanent, "files"> {
  const { clock } = options;
  const isEsp8266 = options.chip === "ESP8266";
  const heapBytes = lua.heapBytes ?? (isEsp8266 ? ESP8266_HEAP_BYTES : ESP32_HEAP_BYTES);
  const permanent = createPermanent();
  const measured = { bytes: 0 };
  let life: Life | undefined;
  let asleep: number | undefined;
  let panics = 0;
  let maps: Maps = new Map();

  const end = (): void => {
    if (life === undefined) return;
    life.dead = true;
    life.prompt?.stop();
    life.station.stop();
    for (const handle of life.timers) clock.cancel(handle);
    // One that ends itself is still running.
    if (!life.isRunning) life.vm.close(true);
    life = undefined;
  };
  const boot = (reason: string): void => {
    asleep = undefined;
    keepTime(permanent, isEsp8266, reason);
    options.network.report({ type: "boot", reason });
    const start = (afterMs: number): void => void (asleep = clock.after(afterMs, () => boot("restart")));
    if (takesLfsOver(permanent, options, { start, fail })) return;
    const codes = BOOT_REASONS[reason] ?? BOOT_REASONS["restart"]!;
    const code = isEsp8266 ? codes.esp8266 : codes.esp32;
    life = createLife(options, lua, {
      permanent, heapBytes, restart, fail, maps, measured,
      bootReason: code.endsWith(" 19") ? `${code} ${panics}` : code,
    });
    const born = life;
    if (isEsp8266 && permanent.wifi?.auto) born.station.connect(permanent.wifi.ssid, permanent.wifi.password);
    born.run("N_boot");
    born.idle();
  };
  const restart: Restart = (reason, sleepMs = 0) => {
    if (life === undefined || life.dead) return;
    panics = reason === "panic" ? Math.min(15, panics + 1) : 0;
    end();
    options.network.powerOff("reset");
    options.onReset(reason);
    asleep = clock.after(Math.max(1, sleepMs), () => boot(reason));
  };
  const fail = (): void => {
    end();
    permanent.rtc.fill(0);
    options.network.powerOff("reset");
    options.onPowerFailure();
  };
  return {
    name: `lua${lua.version}`,
    files: permanent.files,
    async start(firmware) {
      await this.stop();
      for (const [name, bytes] of Object.entries(filesOf(firmware ?? {}))) {
        permanent.files.set(name, Buffer.from(bytes).toString("latin1"));
      }
      // Without a firmware it is the one that is there.
      if (firmware !== undefined) maps = readMaps(permanent.files);
      for (const name of maps.keys()) permanent.files.delete(`${name}.map`);
      panics = 0;
      boot("power on");
    },
    input(bytes) {
      life?.hear(bytes);
    },
    // A restart by a command has no event on NodeMCU.
    shutdown() {},
    async stop(how: PowerCut = "reset") {
      end();
      if (asleep !== undefined) clock.cancel(asleep);
      asleep = undefined;
      permanent.rtc.fill(0);
      options.network.powerOff(how);
    },
    async memory() {
      life?.run("N_heap");
      return { usage: Math.round(measured.bytes), total: heapBytes, bytesPerVariable: 1 };
    },
  };
}

function filesOf(firmware: Firmware): Record<string, Uint8Array> {
  return firmware instanceof Uint8Array ? { "init.lua": firmware } : firmware;
}

interface Circumstances {
  permanent: Permanent;
  heapBytes: number;
  bootReason: string;
  restart: Restart;
  /** The power has failed in the middle of a write. */
  fail(): void;
  maps: Maps;
  measured: { bytes: number };
}

function createLife(options: EngineOptions, lua: LuaOptions, around: Circumstances): Life {
  const { clock, rng, network } = options;
  const isEsp8266 = options.chip === "ESP8266";
  const events: string[] = [];
  let busy = false;
  let woken = false;
  const push = (kind: string, id: number, text: string): void => void events.push(`${kind}\0${id}\0${text}`);

  /** Runs `fn` after some time, and then what became due by it. */
  const after = (ms: number, fn: () => void): number => {
    const handle = clock.after(ms, () => {
      born.timers.delete(handle);
      if (born.dead) return;
      fn();
      born.idle();
    });
    born.timers.add(handle);
    return handle;
  };
  const wake = (): void => {
    if (woken || born.dead) return;
    woken = true;
    after(0, () => {
      woken = false;
    });
  };
  const idle = (): void => {
    if (busy || born.dead) return;
    busy = true;
    try {
      for (let round = 0; round < MOST_ROUNDS && !born.dead; round++) {
        const moved = [sockets.poll(), born.host.poll()].includes(true);
        if (events.length === 0 && !moved) break;
        born.run("N_events");
      }
    } finally {
      busy = false;
    }
  };
  const { onTransmit } = options;
  const prompt = onTransmit && createLuaPrompt(onTransmit, () => born.run("N_line"));
  const say = (line: string): void => {
    // What a tool asks for at the prompt is no line of the program; an error that it has caught and prints is one.
    if (prompt === undefined || !/[\x00-\x08\x0e-\x1f]/.test(line)) explain(line, around.maps).forEach(options.onConsole);
    prompt?.print(line);
  };
  const tell = (message: string): void => message.split("\n").forEach(say);
  const panic = (message: string, atOnce: boolean): void => {
    if (atOnce) {
      say("PANIC: unprotected error in call to Lua API:");
      tell(message);
      around.restart("panic");
    } else {
      tell(message);
      // A second error while the first one waits changes nothing.
      if (!born.isFailing) after(ERROR_RESTART_MS, () => around.restart("panic"));
      born.isFailing = true;
    }
  };
  const station = createStation({
    network, clock, rng, rssi: () => options.machine.self.rssi?.(), policy: isEsp8266 ? "for ever" : "once",
    onEvent: (name, details) => {
      const text = name === "associated" ? [details["ssid"], details["mac"], details["channel"]]
        : name === "connected" ? [details["ip"], details["netmask"], details["gw"]]
          : [details["ssid"], details["mac"], details["reason"]];
      after(0, () => push("wifi", { associated: 0, disconnected: 1, connected: 3 }[name], text.join("\0")));
    },
  });
  const sockets = createSockets({
    network, isEsp8266, push, after: (ms, fn) => void after(ms, fn), wake, warn: options.onWarning,
  });
  const time = createTime({
    network, clock, permanent: around.permanent, isEsp8266, push, after: (ms, fn) => void after(ms, fn),
  });
  const born: Life = {
    vm: undefined!, host: undefined!, station, timers: new Set(), dead: false, isFailing: false,
    isRunning: false, idle, prompt,
    hear: (bytes) => void after(0, () => prompt?.input(bytes)),
    run(name) {
      born.host.feed();
      born.isRunning = true;
      let isClean = false;
      try {
        born.vm.call(name);
        isClean = true;
      } catch (error) {
        // The prelude ends the program of a chip that has restarted by an error that it throws at every instruction.
        if (error instanceof PowerFailure) around.fail();
        else if (!born.dead) throw error;
      } finally {
        born.isRunning = false;
        if (born.dead) born.vm.close(isClean);
      }
    },
  };
  born.host = createHost({
    chip: options.chip, pins: new Set(options.pins), machine: options.machine, clock, station, sockets,
    permanent: around.permanent, flash: options.flash, time, modules: lua.modules ?? [],
    flashed: lua.flashed ?? [], heapBytes: around.heapBytes, seed: rng.below(2 ** 30),
    bootReason: () => around.bootReason,
    next: () => (born.dead ? undefined : events.shift()),
    push, after, wake,
    cancel: (handle) => {
      born.timers.delete(handle);
      clock.cancel(handle);
    },
    restart: around.restart, panic, warn: options.onWarning, print: say, prompt,
    error: tell,
    heap: (bytes) => {
      around.measured.bytes = bytes;
    },
  });
  // A chip that is off answers nothing, but to the hook that ends a program which goes on.
  born.vm = createLuaVm(lua.version, (request) => {
    if (born.dead) return request === "busy" ? "1" : "";
    try {
      return born.host.answer(request);
    } catch (error) {
      if (error instanceof PowerFailure) born.dead = true;
      throw error;
    }
  });
  born.vm.run(`CHIP = "${options.chip}"`);
  for (const { name, source } of PRELUDE) born.vm.run(name === "core" ? source : `local N = N ${source}`);
  born.vm.call("N_base");
  return born;
}
