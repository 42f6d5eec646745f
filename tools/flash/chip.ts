/** The images of an interpreter onto a chip of Espressif, by esptool-js; the MD5 that the chip computes is compared. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FlashOptions as EsptoolOptions, LoaderOptions } from "esptool-js";
import type { ImageConfig } from "./config.ts";
import { Failure } from "./protocol/failure.ts";
import type { Progress, Transport } from "./protocol/transport.ts";
import { webSerialOf } from "./web-serial.ts";

const ROM_BAUD = 115_200;
const RESETS = { classic: "default_reset", "usb-jtag": "usb_reset", none: "no_reset" } as const;
const CONNECT_ATTEMPTS = 7;
const RESET_MS = 100;

export interface Image { file: string; offset: number; data: Uint8Array }

/** Reads the images of a configuration; one that is missing, or not the one that is named, is a Failure. */
export async function readImages({ images }: ImageConfig, folder: string): Promise<Image[]> {
  return Promise.all(images.map(async ({ file, offset, sha256 }) => {
    const path = join(folder, file);
    const data = await readFile(path).catch(() => {
      throw new Failure("image-missing", { file: path });
    });
    const found = createHash("sha256").update(data).digest("hex");
    if (sha256 !== undefined && found !== sha256) {
      throw new Failure("image-sha256", { file: path, found: found.slice(0, 16), wanted: sha256.slice(0, 16) });
    }
    return { file, offset: Number(offset), data };
  }));
}

/** "esp32c3" and "ESP32-C3" are the same. */
const plainName = (chip: string): string => chip.toLowerCase().replace(/[^a-z0-9]/g, "");

export interface ChipWrite {
  transport: Transport;
  config: ImageConfig;
  images: Image[];
  usb?: { vendorId?: string; productId?: string };
  onProgress: (progress: Progress) => void;
}

/** Writes images; the chip restarts with them. Returns what the chip says that it is. */
export async function writeImages({ transport, config, images, usb, onProgress }: ChipWrite): Promise<string> {
  const { ESPLoader, Transport: EsptoolTransport } = await import("esptool-js");
  const wire = new EsptoolTransport(webSerialOf(transport, usb));
  // It writes to the console whether or not tracing is on.
  wire.trace = () => {};
  const baud = transport.setBaud === undefined ? ROM_BAUD : config.baud;
  const loader = new ESPLoader({
    transport: wire, baudrate: baud, romBaudrate: ROM_BAUD,
    terminal: { clean() {}, writeLine() {}, write() {} },
  } satisfies LoaderOptions);
  onProgress({ step: "connect", text: "looking for the loader of the chip" });
  try {
    await loader.detectChip(RESETS[config.reset ?? "classic"], CONNECT_ATTEMPTS);
  } catch (error) {
    await wire.disconnect().catch(() => {});
    throw new Failure("image-connect", { reason: (error as Error).message });
  }
  const found = loader.chip.CHIP_NAME;
  try {
    if (plainName(found) !== plainName(config.chip)) {
      throw new Failure("image-chip", { found, wanted: config.chip });
    }
    await loader.runStub();
    if (baud !== ROM_BAUD) await loader.changeBaud();
    await loader.writeFlash(writeOptions(config, images, onProgress));
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure("image-failed", { reason: (error as Error).message }, "unknown");
  } finally {
    await wire.disconnect().catch(() => {});
    await transport.setBaud?.(ROM_BAUD);
  }
  await restart(transport);
  return found;
}

function writeOptions(config: ImageConfig, images: Image[], onProgress: ChipWrite["onProgress"]): EsptoolOptions {
  const total = images.reduce((sum, { data }) => sum + data.length, 0);
  return {
    fileArray: images.map(({ data, offset }) => ({ data, address: offset })),
    flashMode: config.flashMode as EsptoolOptions["flashMode"],
    flashFreq: config.flashFrequency as EsptoolOptions["flashFreq"],
    flashSize: (config.flashSize ?? "detect") as EsptoolOptions["flashSize"],
    eraseAll: false,
    compress: true,
    // What is sent is compressed: its share is that of the image.
    reportProgress: (index, written, all) => {
      const before = images.slice(0, index).reduce((sum, { data }) => sum + data.length, 0);
      const bytes = before + Math.round((images[index]!.data.length * written) / Math.max(1, all));
      onProgress({ step: "upload", text: images[index]!.file, bytes, total });
    },
    calculateMD5Hash: (image) => createHash("md5").update(image).digest("hex"),
  };
}

/** RTS pulls EN low, DTR lets GPIO0 be high: the chip starts what was written. */
async function restart(transport: Transport): Promise<void> {
  await transport.setSignals?.({ dtr: false, rts: true });
  await new Promise((done) => setTimeout(done, RESET_MS));
  await transport.setSignals?.({ dtr: false, rts: false });
}
