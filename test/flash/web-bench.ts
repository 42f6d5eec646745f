/** A page in Chromium whose navigator.serial and navigator.bluetooth are bridged to a simulated board: for tests. */
import { existsSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import type { SimEvent } from "../../simulator/events.ts";
import type { WatchPackets } from "../../simulator/network.ts";
import { simulate, type Simulation } from "../../simulator/simulator.ts";
import type { Manifest } from "../../tools/board/types.ts";
import { fromBinary } from "../../tools/flash/protocol/bytes.ts";
import type { RomLoader } from "./rom-loader.ts";

export const SECRETS = { WIFI_SSID: "attic", WIFI_PASSWORD: "correct horse", MQTT_PASSWORD: "battery staple" };
export const CHROMIUM = [process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .find((path) => path !== undefined && existsSync(path));

/**
 * Runs in the page. `toBoard` is a function of the test; `fromBoard` and `dropped` are called by it. What went over the
 * air is in `air`. `refuse`, `failing` and `mute` make things go wrong.
 */
const fakes = `{
  globalThis.air = { packets: [], overlaps: 0, unheeded: 0, connects: 0 };
  const bytesOf = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));
  const textOf = (bytes) => String.fromCharCode(...new Uint8Array(bytes));
  const chosen = (it) => async () => {
    if (globalThis.refuse) throw new DOMException("no port", "NotFoundError");
    return it;
  };

  let sink;
  const port = {
    async open({ baudRate }) {
      if (globalThis.failing) throw new DOMException("Failed to open serial port.", "NetworkError");
      if (port.readable) throw new DOMException("The port is already open.", "InvalidStateError");
      port.baud = baudRate;
      port.opens = (port.opens ?? 0) + 1;
      await toSpeed(baudRate);
      const open = () => {
        // As in a browser, a stream that has failed is followed by another.
        port.readable = new ReadableStream({ start(controller) { sink = controller; } });
      };
      port.again = (error) => { const was = sink; open(); was.error(error); };
      open();
      port.writable = new WritableStream({ write: (bytes) => toBoard(textOf(bytes)) });
      // What was said while the port was away is in the buffer of the board's USB.
      const text = missed;
      missed = undefined;
      if (text) fromBoard(text);
    },
    async close() {
      if (port.readable?.locked) throw new TypeError("the port is locked");
      sink = undefined;
      port.readable = port.writable = null;
    },
    setSignals: (lines) => toLines({ dtr: lines.dataTerminalReady, rts: lines.requestToSend }),
    getInfo: () => ({ usbVendorId: 0x10c4, usbProductId: 0xea60 }),
  };
  let missed;
  // A board that has USB of its own goes away while it restarts.
  port.vanish = () => {
    const was = sink;
    if (!was) return;
    sink = undefined;
    missed = "";
    port.readable = port.writable = null;
    was.error(new DOMException("The device has been lost.", "NetworkError"));
  };
  globalThis.port = port;
  Object.defineProperty(navigator, "serial", { configurable: true, value: { requestPort: chosen(port) } });

  const TO = "6e400002-b5a3-f393-e0a9-e50e24dcca9e";
  const MTU = 50, FIRST = 20;
  let notify, paused = false, busy = false;
  const write = async (buffer) => {
    if (busy) { air.overlaps++; throw new DOMException("GATT operation already in progress.", "NetworkError"); }
    busy = true;
    try {
      if (!device.gatt.connected) throw new DOMException("GATT Server is disconnected.", "NetworkError");
      if (buffer.byteLength > MTU) throw new DOMException("GATT operation failed: too long.", "NotSupportedError");
      if (paused) air.unheeded++;
      air.packets.push(buffer.byteLength);
      // What the chip's buffer cannot take yet it stops, now and then.
      if (air.packets.length % 40 === 0) {
        paused = true;
        fromBoard("\\x13");
        setTimeout(() => { paused = false; fromBoard("\\x11"); }, 60);
      }
      await toBoard(textOf(buffer));
    } finally {
      busy = false;
    }
  };
  class Characteristic extends EventTarget {
    constructor(uuid) { super(); this.uuid = uuid; }
    async startNotifications() { notify = this; }
    async writeValueWithResponse(buffer) { return globalThis.mute ? new Promise(() => {}) : write(buffer); }
  }
  const device = Object.assign(new EventTarget(), {
    name: "Espruino ESP32", id: "x",
    gatt: {
      connected: false,
      async connect() {
        if (globalThis.failing) throw new DOMException("Connection Error: Connection attempt failed.", "NetworkError");
        air.connects++;
        device.gatt.connected = true;
        return { getPrimaryService: async () => ({ getCharacteristic: async (uuid) => new Characteristic(uuid) }) };
      },
      disconnect() {
        if (!device.gatt.connected) return;
        device.gatt.connected = false;
        notify = undefined;
        device.dispatchEvent(new Event("gattserverdisconnected"));
      },
    },
  });
  Object.defineProperty(navigator, "bluetooth", { configurable: true, value: { requestDevice: chosen(device) } });
  globalThis.dropped = () => { device.gatt.disconnect(); port.vanish(); };

  globalThis.fromBoard = (text) => {
    if (missed !== undefined) missed += text;
    sink?.enqueue(bytesOf(text));
    // The first packets are as short as those of the smallest MTU.
    for (let at = 0; notify && at < text.length;) {
      const size = air.packets.length < 5 ? FIRST : MTU;
      // In the middle of a larger buffer, as some browsers hand it out.
      const bytes = bytesOf("??" + text.slice(at, at + size) + "??");
      notify.value = new DataView(bytes.buffer, 2, bytes.length - 4);
      notify.dispatchEvent(new Event("characteristicvaluechanged"));
      at += size;
    }
  };
}`;

export interface WebBench {
  page: Page;
  simulation: Simulation;
  /** What went wrong in the page, and what it logged. */
  errors: string[];
  /** Cuts both ways. */
  silent: boolean;
  /** Falls silent at the so-manieth chunk of a firmware that the page sends from now on: the upload stands there. */
  fallSilentAt(chunk: number): void;
  /** The loader of the chip, where that comes before the board. */
  rom: RomLoader | undefined;
  /** Says something to the page. */
  say(text: string): void;
}

/** Serves a page that looks on, too: the dashboard. */
export interface Watcher {
  take(this: void, event: SimEvent): void;
  takePacket: WatchPackets;
  open(simulation: Simulation): Promise<{ url: string; close(): Promise<void> }>;
}

/** `overAir`: the connection ends when the board restarts, as that of a radio or of the chip's own USB does. */
export async function withPage(
  browser: Browser, url: string | Watcher, manifest: Manifest, use: (bench: WebBench) => Promise<void>, overAir = false,
): Promise<void> {
  const page = await browser.newPage();
  let sent = Promise.resolve();
  let said = "";
  const evaluate = (code: string): void => {
    sent = sent.then(() => page.evaluate(code)).then(() => {}, () => {});
  };
  let heard = "";
  let lastChunk = Infinity;
  const bench: Omit<WebBench, "simulation"> = {
    page, errors: [], silent: false, rom: undefined,
    fallSilentAt(chunk) {
      heard = "";
      lastChunk = chunk;
    },
    say(text) {
      // What is said at once goes in one piece.
      if (said === "") {
        setImmediate(() => {
          evaluate(`fromBoard(${JSON.stringify(said)})`);
          said = "";
        });
      }
      said += text;
    },
  };
  const simulation = await simulate({
    manifest, speed: 10, onTransmit: (bytes) => bench.silent || bench.rom?.inLoader || bench.say(bytes),
    wifi: { ssid: SECRETS.WIFI_SSID, password: SECRETS.WIFI_PASSWORD },
    credentials: { username: "greenhouse", password: SECRETS.MQTT_PASSWORD },
    ...(typeof url === "string" ? {} : { onPacket: url.takePacket }),
    onEvent: (event) => {
      if (typeof url !== "string") url.take(event);
      // reset() and load() leave the radio as it is.
      if (overAir && event.type === "boot" && !["reset", "load"].includes(event.reason)) evaluate("dropped()");
    },
  });
  page.on("pageerror", (error) => bench.errors.push(error.message));
  page.on("console", (message) => bench.errors.push(message.text()));
  await page.exposeFunction("toBoard", (text: string) => {
    heard += text;
    // Each chunk is decoded by the chip.
    if (heard.split("atob(").length > lastChunk) bench.silent = true;
    if (bench.rom?.inLoader) bench.rom.input(fromBinary(text));
    else if (!bench.silent) simulation.type(text);
  });
  await page.exposeFunction("toLines", (lines: { dtr?: boolean; rts?: boolean }) => bench.rom?.signals(lines));
  await page.exposeFunction("toSpeed", (baud: number) => {
    if (bench.rom) bench.rom.hostBaud = baud;
  });
  await page.addInitScript(fakes);
  const watching = typeof url === "string" ? undefined : await url.open(simulation);
  try {
    await page.goto(watching?.url ?? url as string);
    // The page knows what there is to flash.
    if (watching === undefined) await page.waitForSelector("#board option", { state: "attached" });
    await use(Object.assign(bench, { simulation }));
  } finally {
    await page.close();
    await watching?.close();
    await simulation.close();
  }
}
