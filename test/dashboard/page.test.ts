/** The dashboard in Chromium: an empty board is flashed from its tab, looked at, changed, and disturbed. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Simulation } from "../../simulator/simulator.ts";
import { root } from "../../tools/build/root.ts";
import { prepareDashboard, type Dashboard } from "../../tools/dashboard/dashboard.ts";
import { programOf } from "../../tools/flash/program.ts";
import { CHROMIUM, SECRETS, withPage } from "../flash/web-bench.ts";

Object.assign(process.env, SECRETS);
const folder = mkdtempSync(join(tmpdir(), "motelet-dashboard-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** Set to a folder to look at the page. */
const SHOTS = process.env["DASHBOARD_SHOTS"];
const PANES = ["overview", "sensors", "messages", "faults", "flash"];
const WIDTHS = [360, 1280];

const open = (page: Page, name: string): Promise<void> => page.getByRole("tab", { name }).click();
const badge = (page: Page, text: string): Promise<unknown> => page.waitForSelector(`.badge:has-text("${text}")`);

/** A button's command is done when the notice says so. */
async function press(page: Page, name: string, told: string): Promise<void> {
  await page.getByRole("button", { name, exact: true }).click();
  await page.waitForSelector(`.notice:has-text("${told}")`);
}

async function flash(page: Page): Promise<void> {
  await badge(page, "silent");
  await page.waitForSelector("text=The board is empty: it waits at its prompt to be flashed.");
  await open(page, "Flash");
  await page.waitForSelector("motelet-flash #about:not(:empty)");
  assert.match(await page.textContent("#about") ?? "", /^[\d,]+ bytes for ESP32 .* with Espruino$/);
  await page.click("#serial");
  await page.waitForSelector("#outcome.done, #outcome.failed");
  assert.is(await page.textContent("#state"), "Done: greenhouse runs, and the chip has confirmed its checksum.");
}

async function look(page: Page, simulation: Simulation): Promise<void> {
  await page.getByRole("tab", { name: "Flash" }).focus();
  await page.keyboard.press("Home");
  assert.is(await page.getByRole("tab", { selected: true }).textContent(), "Overview", "by the keyboard");
  await badge(page, "node online");
  await badge(page, "MQTT connected");
  await page.waitForSelector(".tile:has-text('air temperature') .value:not(:text-is('-'))");
  const shown = await page.textContent(".tile .value");
  assert.ok(simulation.messages.some(({ payload }) => payload.includes(`"temperature":${shown}`)), String(shown));
  await page.waitForSelector(".facts:has-text('free heap')");
  assert.is(await page.getByText("The board is empty").isVisible(), false);
}

async function change(page: Page, simulation: Simulation): Promise<void> {
  await open(page, "Sensors");
  const slider = page.getByLabel("temperature", { exact: true });
  await slider.fill("40");
  await page.waitForSelector(".source.set:has-text('fixed')");
  assert.is(simulation.machine.world.read("air.temperature"), 40);
  await page.waitForSelector(".field .value:text-matches('^(39\\\\.9|40\\\\.0)\\\\d$')");
  await page.getByLabel("humidity, number in %").fill("500");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".notice.bad:has-text('air.humidity goes from 0 to 100 %, not to 500')");
  // The line of what was published, and the cursor on it.
  const chart = page.locator(".field svg").first();
  assert.match(await chart.getAttribute("aria-label") ?? "", /^air\.temperature: published \d+.* °C, world 40 °C; from/);
  await chart.focus();
  await page.keyboard.press("ArrowLeft");
  assert.match(await page.locator(".field .readout").first().textContent() ?? "", /^0:\d\d:\d\d: published \d/);
}

async function read(page: Page): Promise<void> {
  await open(page, "Messages");
  const rows = page.locator(".packets > li");
  await page.getByLabel("Filter").fill("greenhouse/air ");
  await page.waitForFunction("[...document.querySelectorAll('.packets .topic')].every((topic) => topic.textContent === 'greenhouse/air')");
  await rows.first().getByRole("button").click();
  // Another one may be the first meanwhile.
  assert.match(await page.locator(".packets .detail").innerText(), /payload\s+\{"temperature":[^]*7b 22 74 65 6d 70/);
  await page.getByLabel("Filter").fill("connect");
  await page.waitForSelector(".packets .about:has-text('keep-alive 60 s')");
  await page.getByLabel("Filter").fill("");
  await page.getByRole("button", { name: "Pause" }).click();
  const before = await rows.count();
  await page.waitForSelector("#pane-messages [role=status]:text-matches('paused; [2-9] packets since')");
  assert.is(await rows.count(), before);
  await page.getByRole("button", { name: "Go on" }).click();
  await page.waitForSelector("#pane-messages [role=status]:has-text('of the last')");
  assert.ok(await rows.count() > before);
}

async function disturb(page: Page, simulation: Simulation): Promise<void> {
  await open(page, "Faults");
  await page.getByLabel("Broker is down").check();
  await badge(page, "MQTT no broker");
  await page.getByLabel("absent", { exact: true }).check();
  await page.waitForSelector("#pane-faults [role=status]:has-text('2 faults are on')");
  assert.ok(simulation.machine.parts.get("air")!.faults.has("absent"));
  await press(page, "Switch all off", "all faults are off");
  await badge(page, "MQTT connected");
  assert.is(await page.getByLabel("absent", { exact: true }).isChecked(), false);
  const boots = simulation.events.filter(({ type }) => type === "boot").length;
  await press(page, "Pull the plug, and put it in again", "the plug was pulled and put in again");
  assert.is(simulation.events.filter(({ type }) => type === "boot").length, boots + 1);
  // What was flashed is what runs.
  await badge(page, "MQTT connected");
}

async function fit(page: Page): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    for (const scheme of SHOTS === undefined ? ["light"] as const : ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      for (const pane of PANES) {
        await page.evaluate(`location.hash = "${pane}"`);
        await page.waitForSelector(`#pane-${pane}:not([hidden])`);
        const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
        assert.ok(wide <= width, `${pane} at ${width} pixels is ${wide} wide`);
        if (SHOTS !== undefined) {
          await page.waitForTimeout(300);
          await page.screenshot({ path: join(SHOTS, `${pane}-${width}-${scheme}.png`), fullPage: true });
        }
      }
    }
  }
  const unnamed = await page.evaluate<string[]>(`[...document.querySelectorAll("input, select, button, [role=img]")]
    .filter((each) => !(each.labels?.length || each.ariaLabel || each.textContent.trim() || each.matches("[tabindex='-1']")))
    .map((each) => each.outerHTML)`);
  assert.equal(unnamed, [], "each control has a name");
}

if (CHROMIUM === undefined) console.log("SKIP: the dashboard in a browser needs chromium (or CHROMIUM, its path)");
else {
  test("a board is flashed, looked at, changed and disturbed from the page, which finds a simulator that was away", async () => {
    const file = join(folder, "greenhouse.json");
    const sensor = { driver: "bme280", id: "air", bus: "i2c1", interval: "5s", publish: { qos: 1 } };
    writeFileSync(file, JSON.stringify({
      extends: join(root, "boards/greenhouse.json"), sensors: [sensor], flash: { limits: { settle: "300ms", connect: "3s" } },
    }));
    const { program } = await programOf(file, folder);
    const { manifest } = program!;
    const toBe = prepareDashboard({
      manifest, engine: "v8", speed: 10, seed: 1, hasFirmware: false, broker: undefined, file, everyMs: 100,
      flash: { out: folder }, placeFile: join(folder, "place.json"),
    });
    const { chromium } = await import("playwright-core");
    const browser = await chromium.launch({ executablePath: CHROMIUM!, args: ["--no-sandbox"] });
    try {
      let dashboard: Dashboard | undefined;
      const watcher = {
        ...toBe,
        open: async (simulation: Simulation) => {
          dashboard = await toBe.open(simulation);
          return { url: dashboard.url, close: () => dashboard!.close() };
        },
      };
      await withPage(browser, watcher, manifest, async ({ page, simulation, errors }) => {
        page.setDefaultTimeout(60_000);
        await flash(page);
        await look(page, simulation);
        await change(page, simulation);
        await read(page);
        await disturb(page, simulation);
        await fit(page);
        assert.equal(errors, ["Failed to load resource: the server responded with a status of 400 (Bad Request)"], "500 % of humidity");
        await dashboard!.close();
        await badge(page, "the simulator does not answer");
        dashboard = await toBe.open(simulation);
        await page.waitForSelector(".badge.lost", { state: "hidden" });
        assert.is(dashboard.pages, 1);
      });
    } finally {
      await browser.close();
    }
  });
}

test.run();
