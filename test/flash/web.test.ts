/** The page of `motelet flash --web`: who gets it, and what it does in Chromium by Web Serial and Web Bluetooth. */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Manifest } from "../../tools/board/types.ts";
import { root } from "../../tools/build/root.ts";
import { SIMULATED_LUAC } from "../../tools/flash/lfs.ts";
import { programOf } from "../../tools/flash/program.ts";
import { serveFlash } from "../../tools/flash/web/server.ts";
import { toBinary } from "../../tools/flash/protocol/bytes.ts";
import { createRomLoader, imageOf } from "./rom-loader.ts";
import { CHROMIUM, SECRETS, withPage, type WebBench } from "./web-bench.ts";

Object.assign(process.env, SECRETS);

const folder = mkdtempSync(join(tmpdir(), "motelet-web-"));
const config = join(folder, "flash.config.json");
const shipped = JSON.parse(readFileSync(join(root, "flash.config.json"), "utf8")) as Record<string, {
  espruino: { image: { images: object[] } };
}>;
const hardware = shipped["esp32-devkit"]!;
const { espruino } = hardware;
const app = imageOf(40_000, false);
const [, partitions] = espruino.image.images;
writeFileSync(config, JSON.stringify({
  "esp8266-nodemcu": { ...shipped["esp8266-nodemcu"], limits: { settle: "300ms" } },
  "esp32-devkit": {
    ...hardware, limits: { settle: "300ms", connect: "3s" },
    espruino: {
      ...espruino,
      image: {
        ...espruino.image,
        images: [partitions, { file: "espruino.bin", offset: "0x10000", sha256: createHash("sha256").update(app).digest("hex") }],
      },
    },
  },
}));
const out = join(folder, "dist");
const stop = new AbortController();
const manifests: Record<string, Manifest> = {};
let served: Promise<number>;
let url: string;

async function make(name: string, board: object): Promise<void> {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(board));
  const { program, problems } = await programOf(file, out);
  if (program === undefined) throw new Error(JSON.stringify(problems));
  manifests[name] = program.manifest;
}

test.before(async () => {
  const greenhouse = JSON.parse(readFileSync(join(root, "boards/greenhouse.json"), "utf8")) as Record<string, unknown>;
  await make("greenhouse", { extends: join(root, "boards/greenhouse.json") });
  await make("lua", {
    name: "lua", hardware: "esp8266-nodemcu", target: "nodemcu", nodemcu: { lua: "5.1" },
    wifi: { ssid: SECRETS.WIFI_SSID, password: SECRETS.WIFI_PASSWORD },
    mqtt: { url: "mqtt://127.0.0.1:1883", username: "greenhouse", password: SECRETS.MQTT_PASSWORD },
    buses: { i2c1: { sda: "D4", scl: "D5" } }, sensors: greenhouse["sensors"],
  });
  const { log } = console;
  console.log = () => {};
  url = await new Promise<string>((done) => {
    served = serveFlash(["greenhouse", "lua"].map((name) => join(out, name)), {
      out, config, luac: SIMULATED_LUAC, onUrl: done,
    }, stop.signal);
  });
  console.log = log;
});
test.after(async () => {
  stop.abort();
  assert.is(await served, 0);
  rmSync(folder, { recursive: true, force: true });
});

const fetchStatus = (address: string, host?: string): Promise<{ status: number; text: string }> =>
  new Promise((done, fail) => {
    get(address, { ...(host ? { headers: { host } } : {}), agent: false }, (response) => {
      let text = "";
      response.on("data", (data: Buffer) => text += data.toString());
      response.on("end", () => done({ status: response.statusCode!, text }));
    }).on("error", fail);
  });

test("the page is for those who know its address, and for no other site", async () => {
  const { status, text } = await fetchStatus(url);
  assert.is(status, 200);
  assert.match(text, /<title>Flash a board/);
  assert.is((await fetchStatus(`${new URL(url).origin}/`)).status, 404);
  assert.is((await fetchStatus(`${new URL(url).origin}/jobs.json`)).status, 404);
  assert.is((await fetchStatus(`${url}jobs.json`, "evil.example")).status, 404);
  const [job] = JSON.parse((await fetchStatus(`${url}jobs.json`)).text) as { name: string; baud: number }[];
  assert.is(job!.name, "greenhouse");
  assert.is(job!.baud, 115_200);
});

test("of @espruino-tools/core the program of the page holds the connection, not its window, its transpiler, its styles", async () => {
  const { text } = await fetchStatus(`${url}app.js`);
  assert.match(text, /^\/\*! Holds the UART connection of @espruino-tools\/core/);
  assert.ok(text.includes("SEND ERROR"), "the connection");
  assert.not.match(text, /esprima|escodegen|createUseStyles|jss-/);
});

/** Set to a folder to look at the page. */
const SHOTS = process.env["FLASH_SHOTS"];
const shoot = async (page: Page, name: string): Promise<void> => {
  if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
};
const ended = async (page: Page): Promise<string> => {
  await page.waitForSelector("#outcome.done, #outcome.failed", { timeout: 60_000 });
  return await page.textContent("#state") ?? "";
};

if (CHROMIUM === undefined) console.log("SKIP: the page in a browser needs chromium (or CHROMIUM, its path)");
else {
  let browser: Browser;
  test.before(async () => {
    const { chromium } = await import("playwright-core");
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ["--no-sandbox"] });
  });
  test.after(() => browser.close());

  // Most of the time they wait: all at once.
  const running: Promise<void>[] = [];
  const cases: (() => Promise<void>)[] = [];
  const checkThatItEnds = (at: number): Promise<void> => running[at]!;
  const inBrowser = (name: string, board: string, use: (bench: WebBench) => Promise<void>, overAir = false): void => {
    const at = cases.push(() => withPage(browser, url, manifests[board]!, use, overAir)) - 1;
    test(name, () => checkThatItEnds(at));
  };
  test.before(() => {
    running.push(...cases.map((run) => run()));
    for (const each of running) each.catch(() => {});
  });

  inBrowser("by Web Serial a board is flashed and publishes; a framing error on the way costs nothing", "greenhouse", async ({ page, simulation, errors }) => {
    await shoot(page, "start");
    assert.match(await page.textContent("#about") ?? "", /^[\d,]+ bytes for ESP32 .* with Espruino$/);
    await page.selectOption("#baud", "9600");
    await page.click("#serial");
    await page.waitForSelector("#bar:not([hidden])");
    await page.evaluate("port.again(new DOMException('framing', 'FramingError'))");
    await shoot(page, "upload");
    assert.is(await page.isDisabled("#serial"), true);
    assert.is(await ended(page), "Done: greenhouse runs, and the chip has confirmed its checksum.");
    assert.is(await page.evaluate("port.baud"), 9600);
    assert.is(await page.textContent("#heard"), "100 percent", "for those who listen");
    assert.is(await page.evaluate("port.readable"), null, "and the port is closed");
    await shoot(page, "done");
    assert.equal(errors, [], "nor is anything logged");
    await simulation.until("a reading", () => simulation.messages.some(({ topic }) => topic === "greenhouse/air"), 60_000);
  });

  inBrowser("by Web Bluetooth a board is flashed in packets that fit, one at a time, none while it says stop", "greenhouse", async ({ page, simulation, errors }) => {
    await page.click("#bluetooth");
    assert.is(await ended(page), "Done: greenhouse runs, and the chip has confirmed its checksum.");
    const air: { packets: number[]; overlaps: number; unheeded: number; connects: number } = await page.evaluate("air");
    assert.ok(air.packets.length > 200, String(air.packets.length));
    assert.is(air.packets[0], 20);
    assert.is(Math.max(...air.packets), 50, "as large as those of the board");
    assert.is(air.overlaps, 0);
    assert.is(air.unheeded, 0);
    assert.is(air.connects, 1, "the interpreter restarts, not the chip: the connection stays");
    assert.equal(errors, []);
    await simulation.until("a reading", () => simulation.messages.some(({ topic }) => topic === "greenhouse/air"), 60_000);
  }, true);

  inBrowser("a NodeMCU board is flashed from the browser, its image taken over by the flash store of Lua, and publishes", "lua", async ({ page, simulation, errors }) => {
    await page.selectOption("#board", "lua");
    await page.click("#serial");
    assert.is(await ended(page), "Done: lua runs, and the chip has confirmed its checksum.");
    assert.equal(errors, []);
    await simulation.until("a reading", () => simulation.messages.some(({ topic }) => topic === "lua/air"), 60_000);
  });

  inBrowser("a port that goes away while its board restarts is opened again, and the flash goes on", "greenhouse", async ({ page, errors }) => {
    await page.click("#serial");
    assert.is(await ended(page), "Done: greenhouse runs, and the chip has confirmed its checksum.");
    assert.is(await page.evaluate("port.opens"), 2);
    assert.is(await page.evaluate("port.readable"), null);
    assert.equal(errors, []);
  }, true);

  inBrowser("a connection that nobody chose, that fails, or is silent, is told", "greenhouse", async (bench) => {
    const { page } = bench;
    await page.evaluate("refuse = true");
    for (const button of ["#serial", "#bluetooth"]) {
      await page.click(button);
      await page.waitForSelector("#state:text-is('No board was chosen.')");
    }
    await page.evaluate("refuse = false; failing = true");
    await page.click("#bluetooth");
    assert.match(await ended(page), /cannot be opened: Connection Error: Connection attempt failed/);
    await page.click("#serial");
    await page.waitForSelector("#state:has-text('Failed to open serial port')");
    await page.evaluate("failing = false");
    bench.silent = true;
    await page.focus("#board");
    // By the keyboard alone.
    await page.focus("#serial");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#state:has-text('silent')");
    assert.match(await page.textContent("#state") ?? "", /The USB port is silent.*Nothing on the board was changed/);
    assert.match(await page.textContent("#advice") ?? "", /reset button.* needs its image first: "Write it first" above$/);
    await shoot(page, "failed");
    assert.equal(bench.errors, []);
  });

  inBrowser("images that the user chooses are checked, written by esptool-js and confirmed; then the node follows", "greenhouse", async (bench) => {
    const { page, errors } = bench;
    const rom = bench.rom = createRomLoader({ send: (bytes) => bench.say(toBinary(bytes)) });
    const choose = (files: Record<string, Uint8Array>): Promise<void> => page.setInputFiles("#file-0",
      Object.entries(files).map(([name, data]) => ({ name, mimeType: "", buffer: Buffer.from(data) })));
    await page.check("#with-image");
    assert.is(await page.isDisabled("#bluetooth"), true, "a loader is behind a serial port alone");
    await page.click("#serial");
    assert.match(await ended(page), /There is no image partitions_espruino\.bin/);
    const all = { "partitions_espruino.bin": new Uint8Array(3072).fill(7), "espruino.bin": app.subarray(1) };
    await choose(all);
    await page.waitForSelector("#check-1.bad");
    assert.match(await page.textContent("#check-1") ?? "", /its SHA-256 is \w{16}, not \w{16}$/);
    await page.click("#serial");
    assert.match(await ended(page), /Espruino\.bin is not the image that flash\.config\.json names/);
    await choose({ ...all, "espruino.bin": app });
    await page.waitForSelector("#check-1.good");
    await shoot(page, "images");
    await page.click("#serial");
    assert.is(await ended(page), "Done: greenhouse runs, and the chip has confirmed its checksum.");
    assert.equal(Buffer.from(rom.flash.subarray(0x10000, 0x10000 + app.length)), Buffer.from(app));
    assert.is(rom.seen.filter((op) => op === 0x13).length, 2);
    assert.equal(rom.bauds, [921_600]);
    assert.match(await page.textContent("#log") ?? "", /ESP32: 2 images written, and their MD5 confirmed by the chip/);
    assert.equal(errors, []);
  });

  inBrowser("a board that takes nothing is given up after a while", "greenhouse", async ({ page, errors }) => {
    await page.evaluate("mute = true");
    await page.click("#bluetooth");
    assert.match(await ended(page), /The connection has ended \(.+\): the board takes no more bytes/);
    assert.equal(errors, []);
  });

  inBrowser("the page can be used by its labels, and on a telephone", "greenhouse", async ({ page, errors }) => {
    await page.setViewportSize({ width: 360, height: 640 });
    await page.getByLabel("Write it first: Espruino itself").check();
    for (const name of ["Board file", "Speed of the serial port", "espruino.bin at 0x10000"]) {
      assert.is(await page.getByLabel(name, { exact: true }).count(), 1, name);
    }
    for (const name of ["Flash by USB", "Flash by Bluetooth", "Stop"]) {
      assert.is(await page.getByRole("button", { name }).count(), 1, name);
    }
    assert.is(await page.getByRole("status").textContent(), "Plug the board in, and choose how to flash it.");
    assert.ok(await page.evaluate("document.documentElement.scrollWidth <= 360"), "nothing is cut off");
    // From the first field to the button that flashes by the key Tab alone.
    await page.focus("#board");
    const reached: string[] = [];
    for (let times = 0; times < 5; times++) {
      await page.keyboard.press("Tab");
      reached.push(await page.evaluate("document.querySelector('motelet-flash').shadowRoot.activeElement.id"));
    }
    assert.equal(reached, ["baud", "with-image", "file-0", "file-1", "serial"]);
    assert.equal(errors, []);
  });

  inBrowser("a board that goes away, and a person who presses Stop, end the flash", "greenhouse", async (bench) => {
    const { page } = bench;
    await page.click("#bluetooth");
    await page.waitForSelector("#bar:not([hidden])");
    await page.evaluate("dropped()");
    assert.match(await ended(page), /The connection has ended \(writing byte \d+ of \d+\): the board has ended the connection/);
    // However long it takes to find Stop and to press it: the upload stands still until then.
    bench.fallSilentAt(3);
    await page.click("#serial");
    await page.waitForSelector("#state:has-text('Bringing')");
    await page.click("#stop");
    assert.match(await ended(page), /Interrupted \(/);
    assert.equal(bench.errors, []);
  });
}

test.run();
