/**
 * The serial loader in the ROM of an Espressif chip, and the flasher stub that esptool brings it, as esptool's manual
 * describes them (docs.espressif.com, "Serial Protocol"): for tests. Behind the reset circuit of a development board.
 */
import { createHash } from "node:crypto";
import { inflateSync } from "node:zlib";

const [END, ESC, ESC_END, ESC_ESC] = [0xc0, 0xdb, 0xdc, 0xdd];
const OP = {
  FLASH_BEGIN: 2, FLASH_DATA: 3, FLASH_END: 4, MEM_BEGIN: 5, MEM_END: 6, MEM_DATA: 7, SYNC: 8, WRITE_REG: 9,
  READ_REG: 10,
  SPI_ATTACH: 13, CHANGE_BAUD: 15, DEFL_BEGIN: 16, DEFL_DATA: 17, DEFL_END: 18, MD5: 19, SECURITY_INFO: 20,
};
/** By the magic number of a register, or by an id in the security info, a chip is known. */
const CHIPS = {
  ESP32: { magic: 0x00f01d83 }, ESP8266: { magic: 0xfff0c101 }, "ESP32-C3": { id: 5, magic: 0x6921506f },
  "another chip": { magic: 0x12345678 },
};
const MAGIC_REGISTER = 0x40001000;
/** The first word of what SPI1 of the ESP32 has read (Technical Reference Manual, 7). */
const SPI_W0 = 0x3ff42080;
const ROM_BAUD = 115_200;

export interface RomLoaderOptions {
  chip?: keyof typeof CHIPS;
  /** Bytes to the host. */
  send: (bytes: Uint8Array) => void;
  /** The chip has started what is in its flash. */
  onRun?: () => void;
  /** Whether DTR and RTS reach EN and GPIO0. */
  hasCircuit?: boolean;
  /** Whether it begins in its loader. */
  inLoader?: boolean;
  /** The flash stores another byte there. */
  worn?: number;
  /** The number of its flash chip for its size: 0x16 for 4 MB. */
  sizeId?: number;
}

export interface RomLoader {
  inLoader: boolean;
  readonly flash: Uint8Array;
  /** Speeds that the chip was set to. */
  readonly bauds: number[];
  /** Commands, by number, and what was wrong with some. */
  readonly seen: number[];
  readonly complaints: string[];
  /** The host's port is set to this speed; at another one than the chip's there is only noise. */
  hostBaud: number;
  input(bytes: Uint8Array): void;
  signals(lines: { dtr?: boolean; rts?: boolean }): void;
  /** The reset button, with BOOT held or not. */
  reset(withBoot: boolean): void;
}

const xorOf = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum ^ byte, 0xef);

export function createRomLoader(options: RomLoaderOptions): RomLoader {
  const { chip = "ESP32", send, onRun = () => {}, hasCircuit = true, worn, sizeId = 0x16 } = options;
  let packet: number[] | undefined;
  let isEscaped = false;
  let isStub = false;
  let chipBaud = ROM_BAUD;
  let lines = { dtr: false, rts: false };
  /** Of an upload: where, the bytes so far, and how many blocks there will be. */
  let upload = { at: 0, blocks: 0, got: [] as Uint8Array[] };

  const say = (bytes: number[] | Uint8Array): void => {
    const framed = [...bytes].flatMap((byte) =>
      (byte === END ? [ESC, ESC_END] : byte === ESC ? [ESC, ESC_ESC] : [byte]));
    send(Uint8Array.from([END, ...framed, END]));
  };
  /** Of the ROM of an ESP32 four bytes of status follow, of the others' and of the stub two. */
  const reply = (op: number, value = 0, data: number[] | Uint8Array = [], error = 0): void => {
    const status = [error === 0 ? 0 : 1, error, ...(isStub || chip === "ESP8266" ? [] : [0, 0])];
    const head = Buffer.alloc(8);
    head[0] = 1;
    head[1] = op;
    head.writeUInt16LE(data.length + status.length, 2);
    head.writeUInt32LE(value >>> 0, 4);
    say([...head, ...data, ...status]);
  };
  const store = (at: number, bytes: Uint8Array): void => {
    self.flash.fill(0xff, at & ~4095, Math.ceil((at + bytes.length) / 4096) * 4096);
    self.flash.set(bytes, at);
    if (worn !== undefined && worn >= at && worn < at + bytes.length) self.flash[worn]! ^= 1;
  };
  const begin = (op: number, data: Buffer): void => {
    upload = { at: data.readUInt32LE(12), blocks: data.readUInt32LE(4), got: [] };
    reply(op);
  };
  const block = (op: number, data: Buffer, sum: number): void => {
    const bytes = data.subarray(16, 16 + data.readUInt32LE(0));
    const seq = data.readUInt32LE(4);
    if (xorOf(bytes) !== sum) {
      self.complaints.push(`block ${seq}: checksum`);
      reply(op, 0, [], 7);
      return;
    }
    upload.got[seq] = Uint8Array.from(bytes);
    reply(op);
    if (op === OP.MEM_DATA || upload.got.filter((each) => each).length < upload.blocks) return;
    const all = Buffer.concat(upload.got);
    store(upload.at, op === OP.DEFL_DATA ? inflateSync(all) : all);
  };
  const answer = (op: number, sum: number, data: Buffer): void => {
    switch (op) {
      case OP.SYNC:
        // The ROM answers eight times, with a number that is not zero.
        for (let times = 0; times < 8; times++) reply(op, isStub ? 0 : 0x20120707);
        return;
      case OP.READ_REG: {
        const register = data.readUInt32LE(0);
        reply(op, register === MAGIC_REGISTER ? CHIPS[chip].magic : register === SPI_W0 ? (sizeId << 16) | 0x4020 : 0);
        return;
      }
      case OP.SECURITY_INFO: {
        const known = CHIPS[chip];
        if (!("id" in known)) return reply(op, 0, [], 5);
        const info = Buffer.alloc(20);
        info.writeUInt32LE(known.id, 12);
        return reply(op, 0, info);
      }
      case OP.MEM_END:
        reply(op);
        isStub = true;
        say(Buffer.from("OHAI"));
        return;
      case OP.CHANGE_BAUD:
        reply(op);
        chipBaud = data.readUInt32LE(0);
        self.bauds.push(chipBaud);
        return;
      case OP.MD5: {
        const at = data.readUInt32LE(0);
        const sumOf = createHash("md5").update(self.flash.subarray(at, at + data.readUInt32LE(4)));
        return reply(op, 0, isStub ? sumOf.digest() : Buffer.from(sumOf.digest("hex")));
      }
      case OP.MEM_BEGIN: case OP.FLASH_BEGIN: case OP.DEFL_BEGIN: return begin(op, data);
      case OP.MEM_DATA: case OP.FLASH_DATA: case OP.DEFL_DATA: return block(op, data, sum);
      case OP.WRITE_REG: case OP.SPI_ATTACH: case OP.FLASH_END: case OP.DEFL_END: return reply(op);
      default:
        self.complaints.push(`command ${op}`);
        reply(op, 0, [], 5);
    }
  };
  const self: RomLoader = {
    inLoader: options.inLoader ?? false, flash: new Uint8Array(4 * 1024 * 1024).fill(0xff), bauds: [], seen: [],
    complaints: [], hostBaud: ROM_BAUD,
    input(bytes) {
      if (!self.inLoader || self.hostBaud !== chipBaud) return;
      for (const byte of bytes) {
        if (byte === END) {
          const whole = Buffer.from(packet ?? []);
          packet = whole.length === 0 ? [] : undefined;
          if (whole.length < 8) continue;
          self.seen.push(whole[1]!);
          answer(whole[1]!, whole.readUInt32LE(4) & 255, whole.subarray(8));
        } else if (packet !== undefined) {
          if (byte === ESC) isEscaped = true;
          else {
            packet.push(!isEscaped ? byte : byte === ESC_END ? END : ESC);
            isEscaped = false;
          }
        }
      }
    },
    signals(changed) {
      // Two transistors: EN is low for RTS without DTR, GPIO0 for DTR without RTS. A capacitor holds EN for a moment.
      const was = lines;
      lines = { ...lines, ...changed };
      if (hasCircuit && was.rts && !was.dtr && !(lines.rts && !lines.dtr)) self.reset(lines.dtr && !lines.rts);
    },
    reset(withBoot) {
      self.inLoader = withBoot;
      isStub = false;
      chipBaud = ROM_BAUD;
      packet = undefined;
      const mode = withBoot ? "boot:0x3 (DOWNLOAD_BOOT(UART0))\r\nwaiting for download\r\n"
        : "boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n";
      send(Buffer.from(`ets Jun  8 2016 00:22:57\r\n\r\nrst:0x1 (POWERON_RESET),${mode}`));
      if (!withBoot) onRun();
    },
  };
  return self;
}

/** An image as a chip's loader takes it: header, two segments, checksum, and a SHA-256 where `hasSha` is set. */
export function imageOf(bytes: number, hasSha: boolean): Uint8Array {
  const half = Math.floor(bytes / 2) & ~3;
  const segment = (at: number): Buffer => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(at);
    head.writeUInt32LE(half, 4);
    return Buffer.concat([head, Buffer.from(Uint8Array.from({ length: half }, (_, i) => (i * 7 + at) & (i >> 3)))]);
  };
  const header = Buffer.alloc(24);
  header.set([0xe9, 2, 0, 0x10]);
  header[23] = hasSha ? 1 : 0;
  const body = Buffer.concat([header, segment(0x3f400020), segment(0x400d0020)]);
  const whole = Buffer.concat([body, Buffer.alloc(16 - (body.length % 16))]);
  return hasSha ? Buffer.concat([whole, createHash("sha256").update(whole).digest()]) : whole;
}
