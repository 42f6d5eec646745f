/** The images of an interpreter, from files onto a chip. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImageConfig } from "./config.ts";
import { Failure } from "./protocol/failure.ts";
import { checkSha256, restartChip, writeImages, type Image } from "./protocol/images.ts";
import type { Progress, Transport } from "./protocol/transport.ts";
import { webSerialOf } from "./web-serial.ts";

/** Reads the images of a configuration; one that is missing, or not the one that is named, is a Failure. */
export async function readImages({ images }: ImageConfig, folder: string): Promise<Image[]> {
  return Promise.all(images.map(async ({ file, offset, sha256 }) => {
    const path = join(folder, file);
    const data = await readFile(path).catch(() => {
      throw new Failure("image-missing", { file: path });
    });
    await checkSha256(path, data, sha256);
    return { file, offset: Number(offset), data };
  }));
}

export interface ChipWrite {
  transport: Transport;
  config: ImageConfig;
  images: Image[];
  onProgress: (progress: Progress) => void;
  signal?: AbortSignal;
  /** Of the port, where that is known. */
  usb?: { vendorId?: string; productId?: string };
  attempts?: number;
}

/** Writes images through an open transport, which stays open; the chip restarts with them. Returns what chip it is. */
export async function bringImages({ transport, config, usb, ...job }: ChipWrite): Promise<string> {
  const { baud } = transport;
  const chip = await writeImages({
    ...job, config, port: webSerialOf(transport, usb), canChangeBaud: transport.setBaud !== undefined,
  });
  if (baud !== undefined) await transport.setBaud?.(baud);
  await restartChip(config.reset, transport.setSignals?.bind(transport), job.onProgress);
  return chip;
}
