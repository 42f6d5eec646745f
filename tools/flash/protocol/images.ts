/** The images of an interpreter onto a chip of Espressif, by esptool-js; the MD5 that the chip computes is compared. */
import { md5 } from "@noble/hashes/legacy.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { ESPLoader, FlashSizeValues, LoaderOptions, Transport as Wire } from "esptool-js";
import type { ImageConfig } from "../config.ts";
import type { WebSerialPort } from "../web-serial.ts";
import { Failure } from "./failure.ts";
import type { Progress } from "./transport.ts";

const ROM_BAUD = 115_200;
const RESETS = { classic: "default_reset", "usb-jtag": "usb_reset", none: "no_reset" } as const;
const ESPRESSIF = 0x303a;
const CONNECT_ATTEMPTS = 7;
const RESET_MS = 100;

export interface Image { file: string; offset: number; data: Uint8Array }

/** In hexadecimal. The loaders of the chips have no other sum, and browsers not this one. */
export const md5Of = (bytes: Uint8Array): string => bytesToHex(md5(bytes));

/** Throws unless the bytes are those that flash.config.json names. */
export async function checkSha256(file: string, data: Uint8Array, wanted: string | undefined): Promise<void> {
  if (wanted === undefined) return;
  const found = bytesToHex(new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(data))));
  if (found === wanted) return;
  throw new Failure("image-sha256", { file, found: found.slice(0, 16), wanted: wanted.slice(0, 16) });
}

/** First byte of an image, and places in its header (esp_image_format.h); from byte 8 on it is the ESP32's. */
const IMAGE_MAGIC = 0xe9;
const [SEGMENTS, MODE, SIZE_FREQUENCY, HAS_SHA, HEADER_BYTES] = [1, 2, 3, 23, 24];
const MODES: Record<string, number> = { qio: 0, qout: 1, dio: 2, dout: 3 };
const FREQUENCIES: Record<string, number> = { "40m": 0, "26m": 1, "20m": 2, "80m": 15 };

/**
 * Puts how the flash is read into the header of a bootloader. The SHA-256 at its end covers that, and is computed anew:
 * esptool-js 0.7.0 leaves it as it is, as it looks for the character 1 where the byte 1 stands.
 */
export async function withFlashSettings(
  image: Uint8Array, settings: { mode: string; frequency: string; sizeCode: number | undefined; hasSha: boolean },
): Promise<Uint8Array> {
  if (image[0] !== IMAGE_MAGIC || image.length < HEADER_BYTES) return image;
  const { mode, frequency, sizeCode, hasSha } = settings;
  const changed = new Uint8Array(image);
  changed[MODE] = MODES[mode] ?? image[MODE]!;
  const old = image[SIZE_FREQUENCY]!;
  changed[SIZE_FREQUENCY] = (sizeCode ?? old & 0xf0) | (FREQUENCIES[frequency] ?? old & 0x0f);
  if (!hasSha || image[HAS_SHA] !== 1) return changed;
  const view = new DataView(changed.buffer);
  let end = HEADER_BYTES;
  // A segment is its address, its length, its bytes.
  for (let segment = 0; segment < image[SEGMENTS]! && end + 8 <= image.length; segment++) {
    end += 8 + view.getUint32(end + 4, true);
  }
  // The last byte of a block of 16 is the checksum of the segments.
  end = (end | 15) + 1;
  if (end + 32 > image.length) return image;
  changed.set(new Uint8Array(await crypto.subtle.digest("SHA-256", changed.subarray(0, end))), end);
  return changed;
}

/** "esp32c3" and "ESP32-C3" are the same. */
const plainName = (chip: string): string => chip.toLowerCase().replace(/[^a-z0-9]/g, "");

export interface ImageJob {
  /** Not open. It is opened, at several speeds, and closed. */
  port: WebSerialPort;
  config: ImageConfig;
  images: Image[];
  /** Whether the port can be set to another speed. */
  canChangeBaud: boolean;
  onProgress: (progress: Progress) => void;
  signal?: AbortSignal | undefined;
  /** How often the chip is asked into its loader. */
  attempts?: number;
}

/** Writes images. Returns what the chip says that it is; it is still in its loader. */
export async function writeImages(job: ImageJob): Promise<string> {
  const { config, onProgress } = job;
  const esptool = await import("esptool-js");
  const wire: Wire = new esptool.Transport(job.port as ConstructorParameters<typeof Wire>[0]);
  // It writes to the console whether or not tracing is on.
  wire.trace = () => {};
  const baud = job.canChangeBaud ? config.baud : ROM_BAUD;
  const loader = new esptool.ESPLoader({
    transport: wire, baudrate: baud, romBaudrate: ROM_BAUD,
    terminal: { clean() {}, writeLine() {}, write() {} },
  } satisfies LoaderOptions);
  onProgress({ step: "connect", text: "looking for the loader of the chip" });
  try {
    await find(loader, job);
    await loader.runStub();
    if (baud !== ROM_BAUD) await loader.changeBaud();
    await write(loader, job);
    return loader.chip.CHIP_NAME;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure("image-failed", { reason: (error as Error).message }, "unknown");
  } finally {
    await wire.disconnect().catch(() => {});
  }
}

async function find(loader: ESPLoader, { config, attempts, port }: ImageJob): Promise<void> {
  const { usbVendorId = ESPRESSIF } = port.getInfo();
  // Such a chip may be behind a USB chip of another maker, too.
  const reset = config.reset === "usb-jtag" && usbVendorId !== ESPRESSIF ? "classic" : config.reset ?? "classic";
  try {
    await loader.detectChip(RESETS[reset], attempts ?? CONNECT_ATTEMPTS);
  } catch (error) {
    const { name, message } = error as Error;
    if (name.startsWith("UnexpectedChip")) throw new Failure("image-chip", { found: "one that esptool does not know", wanted: config.chip });
    throw new Failure("image-connect", { reason: message });
  }
  const found = loader.chip.CHIP_NAME;
  if (plainName(found) !== plainName(config.chip)) throw new Failure("image-chip", { found, wanted: config.chip });
}

async function write(loader: ESPLoader, { config, images, onProgress, signal }: ImageJob): Promise<void> {
  const { chip } = loader;
  const named = config.flashSize ?? "detect";
  const size = named === "detect" ? await loader.detectFlashSize() : named;
  if (size === undefined) throw new Error("the size of the flash cannot be read: set \"flashSize\"");
  const settings = {
    mode: config.flashMode, frequency: config.flashFrequency, sizeCode: chip.FLASH_SIZES[size],
    hasSha: chip.CHIP_NAME !== "ESP8266",
  };
  const room = loader.flashSizeBytes(size as FlashSizeValues);
  for (const { file, offset, data } of images) {
    if (room > 0 && offset + data.length > room) throw new Error(`${file} does not fit into a flash of ${size}`);
  }
  const fileArray = await Promise.all(images.map(async ({ data, offset }) => ({
    data: offset === chip.BOOTLOADER_FLASH_OFFSET ? await withFlashSettings(data, settings) : data, address: offset,
  })));
  const total = images.reduce((sum, { data }) => sum + data.length, 0);
  await loader.writeFlash({
    fileArray, eraseAll: false, compress: true,
    flashMode: "keep", flashFreq: "keep", flashSize: "keep",
    // What is sent is compressed: its share is that of the image.
    reportProgress: (index, written, all) => {
      if (signal?.aborted) throw new Failure("interrupted", { doing: `writing ${images[index]!.file}` }, "unknown");
      const before = images.slice(0, index).reduce((sum, { data }) => sum + data.length, 0);
      const bytes = before + Math.round((images[index]!.data.length * written) / Math.max(1, all));
      onProgress({ step: "upload", text: images[index]!.file, bytes, total });
    },
    calculateMD5Hash: md5Of,
  });
}

/**
 * Has the chip start what was written: RTS pulls EN low, DTR lets GPIO0 be high. Where that is done by hand, says so.
 */
export async function restartChip(
  reset: ImageConfig["reset"], setSignals: ((signals: { dtr: boolean; rts: boolean }) => Promise<void>) | undefined,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  if (reset === "none" || setSignals === undefined) {
    onProgress({ step: "restart", text: "press the reset button of the board (and let go of BOOT)" });
    return;
  }
  await setSignals({ dtr: false, rts: true });
  await new Promise((done) => setTimeout(done, RESET_MS));
  await setSignals({ dtr: false, rts: false });
}
