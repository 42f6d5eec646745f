/** Images of an interpreter onto chips whose loader is a model: `motelet flash --image`, and what may go wrong. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { openConsole } from "../../simulator/console.ts";
import { simulate, type Simulation } from "../../simulator/simulator.ts";
import { root } from "../../tools/build/root.ts";
import { bringImages, readImages } from "../../tools/flash/chip.ts";
import { flash, type FlashCommandOptions } from "../../tools/flash/command.ts";
import type { ImageConfig } from "../../tools/flash/config.ts";
import { programOf } from "../../tools/flash/program.ts";
import { fromBinary, toBinary } from "../../tools/flash/protocol/bytes.ts";
import { md5Of, withFlashSettings } from "../../tools/flash/protocol/images.ts";
import type { Progress, Transport } from "../../tools/flash/protocol/transport.ts";
import { failureOf } from "./board.ts";
import { createRomLoader, imageOf, type RomLoader, type RomLoaderOptions } from "./rom-loader.ts";

const folder = mkdtempSync(join(tmpdir(), "motelet-images-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const sha256 = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");

const files = {
  "bootloader.bin": imageOf(900, true), "partitions.bin": Buffer.alloc(3072, 7), "app.bin": imageOf(60_001, false),
};
mkdirSync(join(folder, "images"));
for (const [name, data] of Object.entries(files)) writeFileSync(join(folder, "images", name), data);
const CONFIG: ImageConfig = {
  tool: "esptool", chip: "esp32", baud: 921_600, reset: "classic",
  flashMode: "dio", flashFrequency: "40m", flashSize: "4MB",
  images: [
    { file: "bootloader.bin", offset: "0x1000", sha256: sha256(files["bootloader.bin"]) },
    { file: "partitions.bin", offset: "0x8000" }, { file: "app.bin", offset: "0x10000" },
  ],
};

/** A chip at the end of a serial port with control lines. */
function chipAt(options: Partial<RomLoaderOptions> = {}): { rom: RomLoader; transport: Transport; runs: () => number } {
  let runs = 0;
  const rom = createRomLoader({
    send: (bytes) => setImmediate(() => transport.onData?.(bytes)), onRun: () => void runs++, ...options,
  });
  const transport: Transport = {
    baud: 115_200,
    write: async (bytes) => rom.input(bytes),
    close: async () => {},
    setSignals: async (lines) => rom.signals(lines),
    setBaud: async (baud) => {
      rom.hostBaud = baud;
    },
  };
  return { rom, transport, runs: () => runs };
}
const bring = async (
  { transport }: ReturnType<typeof chipAt>, changes: Partial<ImageConfig> = {},
  onProgress: (progress: Progress) => void = () => {},
  more: { signal?: AbortSignal; usb?: object } = {},
): Promise<string> => {
  const config = { ...CONFIG, ...changes };
  const images = await readImages(config, join(folder, "images"));
  return bringImages({ transport, config, images, onProgress, attempts: 1, ...more });
};

test("the MD5 is that of OpenSSL, at every length around the end of a block", () => {
  for (let length = 0; length < 130; length++) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 37 + length) & 255);
    assert.is(md5Of(bytes), createHash("md5").update(bytes).digest("hex"), `${length} bytes`);
  }
});

test("mode, frequency and size go into the header of a bootloader, and its SHA-256 is computed anew", async () => {
  const settings = { mode: "dio", frequency: "80m", sizeCode: 0x20, hasSha: true };
  const was = files["bootloader.bin"];
  const image = await withFlashSettings(was, settings);
  assert.equal([...image.subarray(0, 4)], [0xe9, 2, 2, 0x2f]);
  assert.is(sha256(image.subarray(0, -32)), Buffer.from(image.subarray(-32)).toString("hex"));
  assert.equal(image.subarray(4, -32), new Uint8Array(was.subarray(4, -32)));
  const kept = { ...settings, mode: "keep", frequency: "keep", sizeCode: undefined };
  assert.equal([...(await withFlashSettings(was, kept))], [...was]);
  // What is no image, and one without a sum.
  assert.equal(await withFlashSettings(files["partitions.bin"], settings), files["partitions.bin"]);
  const plain = await withFlashSettings(files["app.bin"], { ...settings, hasSha: false });
  assert.equal([...plain.subarray(4)], [...files["app.bin"].subarray(4)]);
});

test("a chip is brought into its loader, gets images at the higher speed, confirms their MD5 and is started", async () => {
  const at = chipAt();
  const told: Progress[] = [];
  assert.is(await bring(at, {}, (progress) => void told.push(progress)), "ESP32");
  const { rom } = at;
  for (const { file, offset } of CONFIG.images.slice(1)) {
    const data = files[file as keyof typeof files];
    assert.equal(Buffer.from(rom.flash.subarray(Number(offset), Number(offset) + data.length)), Buffer.from(data));
  }
  assert.equal([...rom.flash.subarray(0x1000, 0x1004)], [0xe9, 2, 2, 0x20], "the settings of the configuration");
  assert.is(rom.seen.filter((op) => op === 0x13).length, 3, "an MD5 of each");
  assert.equal(rom.bauds, [921_600]);
  assert.is(rom.hostBaud, 115_200, "the speed of the console again");
  assert.equal(rom.complaints, []);
  assert.is(rom.inLoader, false);
  assert.is(at.runs(), 1);
  const steps = told.filter(({ bytes }) => bytes !== undefined);
  const total = Object.values(files).reduce((sum, { length }) => sum + length, 0);
  assert.is(steps.at(-1)!.bytes, total);
  assert.ok(steps.every(({ bytes, total: all }, n) => all === total && bytes! >= (steps[n - 1]?.bytes ?? 0)));
  assert.equal([...new Set(steps.map(({ text }) => text))], Object.keys(files));
});

test("an ESP8266, an ESP32-C3 behind its own USB or another one's, a flash whose size is asked for", async () => {
  const usb = { vendorId: "10c4", productId: "ea60" };
  const c3 = { chip: "esp32c3", reset: "usb-jtag" } as const;
  const detected = chipAt({ sizeId: 0x17 });
  const found = await Promise.all([
    bring(chipAt({ chip: "ESP8266" }), { chip: "esp8266", flashSize: "4MB-c1" }),
    bring(chipAt({ chip: "ESP32-C3" }), c3, undefined, { usb }),
    bring(chipAt({ chip: "ESP32-C3", inLoader: true, hasCircuit: false }), c3),
    bring(detected, { flashSize: "detect" }),
  ]);
  assert.equal(found, ["ESP8266", "ESP32-C3", "ESP32-C3", "ESP32"]);
  assert.is(detected.rom.flash[0x1003], 0x30, "8 MB");
});

test("a flash that stores something else is found by its MD5, one that is too small by its size", async () => {
  const [failure, small] = await Promise.all([
    failureOf(bring(chipAt({ worn: 0x10100 }))),
    failureOf(bring(chipAt(), { flashSize: "512KB", images: [{ file: "app.bin", offset: "0x7f000" }] })),
  ]);
  assert.match(small.message, /app\.bin does not fit into a flash of 512KB/);
  assert.is(failure.code, "image-failed");
  assert.is(failure.exit, 7);
  assert.match(failure.message, /MD5/);
  assert.match(failure.advice, /the loader of the chip cannot be lost/);
});

test("a chip that is not in its loader: what to press; another chip: which", async () => {
  const [failure, other, unknown] = await Promise.all([
    failureOf(bring(chipAt({ hasCircuit: false }))), failureOf(bring(chipAt({ chip: "ESP8266" }))),
    failureOf(bring(chipAt({ chip: "another chip" }))),
  ]);
  assert.is(failure.code, "image-connect");
  assert.is(failure.exit, 5);
  assert.match(failure.message, /^the chip is not in its loader/);
  assert.match(failure.advice, /^hold BOOT \(GPIO0\), press and release reset \(EN\), release BOOT, and try again/);
  assert.is(failure.board, "untouched");
  assert.is(other.message, "the chip is ESP8266, and the image is for esp32");
  assert.is(other.exit, 4);
  assert.is(unknown.code, "image-chip");
});

test("images that are missing, or not those of the configuration, are told before a port is opened", async () => {
  const failure = await failureOf(readImages(CONFIG, join(folder, "elsewhere")));
  assert.is(failure.code, "image-missing");
  assert.is(failure.exit, 1);
  const images = [{ ...CONFIG.images[0]!, sha256: "0".repeat(64) }];
  const wrong = await failureOf(readImages({ ...CONFIG, images }, join(folder, "images")));
  assert.is(wrong.code, "image-sha256");
  assert.match(wrong.message, new RegExp(`its SHA-256 is ${sha256(files["bootloader.bin"]).slice(0, 16)}, not 0{16}$`));
});

test("Ctrl-C in the middle of an image ends it", async () => {
  const stop = new AbortController();
  const failure = await failureOf(bring(chipAt(), {}, ({ bytes }) => bytes && stop.abort(), { signal: stop.signal }));
  assert.is(failure.message, "interrupted (writing partitions.bin)");
  assert.is(failure.exit, 130);
});

test("motelet flash --image: the images, a press of the reset button, then the node", async () => {
  const SECRETS = { WIFI_SSID: "attic", WIFI_PASSWORD: "correct horse", MQTT_PASSWORD: "battery staple" };
  Object.assign(process.env, SECRETS);
  const file = join(folder, "board.json");
  writeFileSync(file, JSON.stringify({ extends: join(root, "boards/greenhouse.json") }));
  const config = join(folder, "flash.config.json");
  const shipped = JSON.parse(readFileSync(join(root, "flash.config.json"), "utf8")) as Record<string, {
    espruino: object;
  }>;
  const hardware = shipped["esp32-devkit"]!;
  const espruino = { ...hardware.espruino, image: { ...CONFIG, reset: "none" } };
  writeFileSync(config, JSON.stringify({ "esp32-devkit": { ...hardware, espruino, limits: { settle: "300ms" } } }));
  const { program } = await programOf(file, join(folder, "dist"));
  // The chip waits in its loader; when it runs what was written, that is Espruino at its prompt.
  const parts: { simulation?: Simulation } = {};
  const port = await openConsole("tcp://127.0.0.1:0", (bytes) => {
    if (rom.inLoader) rom.input(fromBinary(bytes));
    else parts.simulation?.type(bytes);
  });
  const rom = createRomLoader({ inLoader: true, send: (bytes) => port.write(toBinary(bytes)) });
  const simulation = parts.simulation = await simulate({
    manifest: program!.manifest, speed: 10, onTransmit: (bytes) => rom.inLoader || port.write(bytes),
    wifi: { ssid: SECRETS.WIFI_SSID, password: SECRETS.WIFI_PASSWORD },
  });
  const lines: Record<string, unknown>[] = [];
  const { log } = console;
  console.log = (line: string) => {
    lines.push(JSON.parse(line) as Record<string, unknown>);
    if (/reset button/.test(line)) rom.reset(false);
  };
  const run = (options: FlashCommandOptions): Promise<number> => flash([join(folder, "dist/greenhouse")], {
    port: port.name, out: join(folder, "dist"), config, json: true, image: true, images: join(folder, "images"),
    ...options,
  });
  try {
    assert.is(await run({ "dry-run": true, images: join(folder, "elsewhere") }), 1);
    assert.is(lines.at(-1)!["code"], "image-missing");
    assert.is(await run({}), 0, JSON.stringify(lines.at(-1)));
    assert.is(rom.flash[0x10000], 0xe9);
    assert.is(lines.at(-1)!["crc32"], program!.manifest.crc32);
    const texts = lines.map(({ text }) => text);
    assert.ok(texts.indexOf("app.bin") < texts.findIndex((text) => /^looking for Espruino/.test(String(text))));
  } finally {
    console.log = log;
    await simulation.close();
    await port.close();
  }
});

test.run();
