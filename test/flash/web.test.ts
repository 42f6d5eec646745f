/** The page of `motelet flash --web` in Chromium, whose navigator.serial is bridged to the simulated board. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { openConsole, type ConsolePort } from "../../simulator/console.ts";
import { simulate, type Simulation } from "../../simulator/simulator.ts";
import type { Manifest } from "../../tools/board/types.ts";
import { root } from "../../tools/build/root.ts";
import { programOf } from "../../tools/flash/program.ts";
import { serveFlash } from "../../tools/flash/web/server.ts";

const SECRETS = { WIFI_SSID: "attic", WIFI_PASSWORD: "correct horse", MQTT_PASSWORD: "battery staple" };
Object.assign(process.env, SECRETS);
const CHROMIUM = [process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
  .find((path) => path !== undefined && existsSync(path));

const folder = mkdtempSync(join(tmpdir(), "motelet-web-"));
const file = join(folder, "board.json");
writeFileSync(file, JSON.stringify({
  extends: join(root, "boards/greenhouse.json"),
}));
const config = join(folder, "flash.config.json");
const shipped = JSON.parse(readFileSync(join(root, "flash.config.json"), "utf8")) as Record<string, object>;
writeFileSync(config, JSON.stringify({
  "esp32-devkit": { ...shipped["esp32-devkit"], limits: { settle: "300ms", connect: "3s" } },
}));
const out = join(folder, "dist");
const stop = new AbortController();
let served: Promise<number>;
let url: string;
let manifest: Manifest;

test.before(async () => {
  manifest = (await programOf(file, out)).program!.manifest;
  const { log } = console;
  console.log = () => {};
  url = await new Promise<string>((done) => {
    served = serveFlash([join(out, "greenhouse")], { out, config, onUrl: done }, stop.signal);
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

/** Runs in the page: a port whose bytes go through two functions that the test has exposed. */
const fakeSerial = `{
  let sink;
  globalThis.fromBoard = (text) => { try { sink?.enqueue(Uint8Array.from(text, (c) => c.charCodeAt(0))); } catch {} };
  const port = {
    async open() {
      port.readable = new ReadableStream({ start(controller) { sink = controller; } });
      port.writable = new WritableStream({ write: (bytes) => toBoard(String.fromCharCode(...bytes)) });
    },
    async close() { sink = undefined; },
    async setSignals() {},
  };
  Object.defineProperty(navigator, "serial", { configurable: true, value: { async requestPort() {
    if (globalThis.refuse) throw new DOMException("no port", "NotFoundError");
    return port;
  } } });
}`;

interface Bench { page: Page; simulation: Simulation; errors: string[] }
async function withPage(browser: Browser, isSilent: boolean, use: (bench: Bench) => Promise<void>): Promise<void> {
  const parts: { simulation?: Simulation } = {};
  const port: ConsolePort = await openConsole("tcp://127.0.0.1:0", (bytes) => !isSilent && parts.simulation?.type(bytes));
  const simulation = parts.simulation = await simulate({
    manifest, onTransmit: (bytes) => !isSilent && port.write(bytes), speed: 10,
    wifi: { ssid: SECRETS.WIFI_SSID, password: SECRETS.WIFI_PASSWORD },
    credentials: { username: "greenhouse", password: SECRETS.MQTT_PASSWORD },
  });
  const socket: Socket = connect({ host: "127.0.0.1", port: Number(port.name.split(":").at(-1)), noDelay: true });
  socket.on("error", () => {});
  const context = await browser.newContext();
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.exposeFunction("toBoard", (text: string) => void socket.write(text, "latin1"));
  await page.addInitScript(fakeSerial);
  let sent = Promise.resolve();
  socket.on("data", (data) => {
    sent = sent.then(() => page.evaluate(`fromBoard(${JSON.stringify(data.toString("latin1"))})`)).then(() => {}, () => {});
  });
  try {
    await page.goto(url);
    await use({ page, simulation, errors });
  } finally {
    socket.destroy();
    await context.close();
    await simulation.close();
    await port.close();
  }
}

/** Set to a folder to look at the page. */
const SHOTS = process.env["FLASH_SHOTS"];
const shoot = async (page: Page, name: string): Promise<void> => {
  if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
};

if (CHROMIUM === undefined) console.log("SKIP: the page in a browser needs chromium (or CHROMIUM, its path)");
else {
  let browser: Browser;
  test.before(async () => {
    const { chromium } = await import("playwright-core");
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  });
  test.after(() => browser.close());

  test("a board is flashed from the browser, and publishes", () => withPage(browser, false, async ({ page, simulation, errors }) => {
    await shoot(page, "start");
    assert.match(await page.textContent("#board") ?? "", /greenhouse: [\d,]+ bytes for ESP32/);
    await page.click("#serial");
    await page.waitForSelector("#bar:not([hidden])");
    await shoot(page, "upload");
    assert.is(await page.isDisabled("#serial"), true);
    await page.waitForSelector("#state.done, #state.failed", { timeout: 30_000 });
    assert.is(await page.textContent("#state"), "Done: greenhouse runs, and the chip has confirmed its checksum.");
    await shoot(page, "done");
    assert.equal(errors, []);
    await simulation.until("a reading", () => simulation.messages.some(({ topic }) => topic === "greenhouse/air"), 60_000);
  }));

  test("a silent board, and a port that nobody chose, are told", () => withPage(browser, true, async ({ page, errors }) => {
    await page.evaluate("globalThis.refuse = true");
    await page.click("#serial");
    await page.waitForFunction("document.querySelector('#state').textContent === 'No board was chosen.'");
    await page.evaluate("globalThis.refuse = false");
    await page.focus("#board");
    // By the keyboard alone.
    await page.focus("#serial");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#state.failed", { timeout: 30_000 });
    assert.match(await page.textContent("#state") ?? "", /The USB port is silent.*Nothing on the board was changed/);
    assert.match(await page.textContent("#advice") ?? "", /reset button/);
    await shoot(page, "failed");
    assert.equal(errors, []);
  }));
}

test.run();
