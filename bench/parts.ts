/**
 * What each part of the store and of the WebSocket link costs: it is left out of the source, and the rest is built.
 * `npm run sizes` measures it and writes the tables of docs/store.md and docs/links.md.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../tools/build/root.ts";
import { libraryBytes } from "./profiles.ts";

/** Bytes of each part, by page and part. */
export type PartSizes = Record<string, Record<string, number>>;

/** From the first text up to the second, which stays, or alone; and what takes its place. */
type Cut = [from: string, until: string, put: string];

interface Part {
  /** What it is. */
  part: string;
  /** What becomes of a program without it. */
  without: string;
  cuts: Cut[];
}

interface Whole {
  page: string;
  file: string;
  profile: string;
  parts: Part[];
}

const only = (text: string, put = ""): Cut => [text, "", put];

const STORE: Whole = {
  page: "docs/store.md",
  file: "lib/mqtt/store.ts",
  profile: "stored",
  parts: [
    {
      part: "recovery: the newest area, its journal, the lists of the client",
      without: "nothing comes back",
      cuts: [["  let newest = 0;\n", "  const acknowledger =", "  sequence = 0;\n  journalEnd = NOWHERE;\n"]],
    },
    {
      part: "areas in turn: erasing the next, all that is alive, its head last; the newest counts",
      without: "the flash is full once, or a cut in an erasure loses all",
      cuts: [
        ["    const old = sequence;\n", "  }\n};\n\n/** `enqueue` that", "    if (journalEnd > areaBytes) {\n      storeFailures++;\n    }\n"],
        ["  let newest = 0;\n", "    journalEnd = HEAD_BYTES;\n    for (let record", "  {\n"],
      ],
    },
    {
      part: "records of differences",
      without: "each record is the whole state: the flash wears out many times sooner",
      cuts: [
        ["    let found = stored.indexOf(", "  });\n\nconst save", "    fn(change(place, element));\n"],
        only("  let record = \"\";\n", "  let record = \"\";\n  const before = stored.join();\n  stored = [];\n"),
        only("if (record !== \"\") {\n    append(record)", "if (before !== stored.join()) {\n    append(record)"),
        only("      let at = 0;\n      while", "      let at = 0;\n      stored = [];\n      while"),
      ],
    },
    {
      part: "a QoS 2 message is noted before it is delivered",
      without: "it may be delivered twice",
      cuts: [["  const acknowledger =", "  beforeSending(save)", ""]],
    },
    {
      part: "worn pages are passed over, the old area stays until a new one counts",
      without: "one worn page ends the store",
      cuts: [
        only("    const old = sequence;\n    let tries = areas;\n"),
        only("while (journalEnd > areaBytes && --tries > 0) {", "if (journalEnd > areaBytes) {"),
        only("      sequence = old;\n"),
      ],
    },
    {
      part: "areas of another shape are not read",
      without: "after a change of the buffers foreign bytes are sent as messages",
      cuts: [
        only("head.substring(0, 2) === uint16(areaBytes) && number % areas === sequence && "),
        only("uint16At(head, 2) * 65536 + uint16At(head, 4)", "uint16At(head, 0) * 65536 + uint16At(head, 2)"),
        only("append(uint16(areaBytes) + uint32(sequence))", "append(uint32(sequence))"),
      ],
    },
    {
      part: "checksum of records",
      without: "half a record is believed",
      cuts: [
        only("if (uint32(crc32(record)) === bytes.substring(2, 6)) {", "{"),
        only("bytes.substring(6, size)", "bytes.substring(2, size)"),
        only("uint16At(readFlash(at, 4), 0) + 6", "uint16At(readFlash(at, 4), 0) + 2"),
        only("uint16(record.length) + uint32(crc32(record)) + record", "uint16(record.length) + record"),
      ],
    },
    {
      part: "`enqueueStored` returns when the message is stored",
      without: "an accepted reading may be lost",
      cuts: [["export const enqueueStored", "/**\n * Brings back", "export const enqueueStored: Publish = enqueue;\n"]],
    },
    {
      part: "SUBSCRIBE is not brought back",
      without: "a node that restarts without a network fills its slots",
      cuts: [only("} else if (element.charCodeAt(0) <= PUBREL) {", "} else {")],
    },
    {
      part: "failures are counted",
      without: "nobody sees that the flash is worn",
      cuts: [only("export let storeFailures = 0", "export const storeFailures = 0"), only("      storeFailures++;\n")],
    },
    {
      part: "what was written is read back",
      without: "what the flash did not take counts as stored",
      cuts: [only("isThere = readRecord() === record;", "journalEnd += (record.length + 9) & NOWHERE;")],
    },
  ],
};

const NO_BOUND_OF_PONGS: Cut[] = [
  only("    let pong = \"\";\n    let pongUnderWay = false;\n"),
  ["    /** One pong at a time", "    const hear", ""],
  ["() => {\n      pongUnderWay = false;", ");\n    if (link)", "onDrain"],
  only("      answerPing();\n    };\n\n    const link", "    };\n\n    const link"),
];

const WEBSOCKET: Whole = {
  page: "docs/links.md",
  file: "lib/link/websocket.ts",
  profile: "qos01+ws",
  parts: [
    {
      part: "the answer of the server is checked",
      without: "any web server passes for a broker",
      cuts: [["        // 4.1: the server speaks", "        next = NEW_MESSAGE", ""]],
    },
    {
      part: "of that, the accept key",
      without: "the answer may be that of another request, out of a cache",
      cuts: [["          compact(\"-accept:\"", "          \"-protocol:", ""]],
    },
    {
      part: "masks and the key, of the chip's own chance",
      without: "the server has to close (5.1); and a key that is not of chance proves nothing",
      cuts: [
        only("char(first, 128 + length)", "char(first, length)"),
        only("char(first, 254,", "char(first, 126,"),
        only("length & 255)) + veil(bytes)", "length & 255)) + bytes"),
        only("base64(veil(veil(veil(veil(\"\")))))", "\"AAAAAAAAAAAAAAAAAAAAAA==\""),
      ],
    },
    {
      part: "pong",
      without: "brokers that ping end the link",
      cuts: [
        ...NO_BOUND_OF_PONGS,
        ["          } else if (first === PING) {\n", "          } else if (first === CLOSE)", ""],
      ],
    },
    {
      part: "of that, the bound of one at a time",
      without: "a peer that pings and does not read fills the heap",
      cuts: [
        ...NO_BOUND_OF_PONGS,
        only("pong = frame(PONG, input.substring(start, end))", "send(frame(PONG, input.substring(start, end)))"),
      ],
    },
    {
      part: "close frames, both ways",
      without: "the broker sees an abnormal end",
      cuts: [
        ["      if (bytes === undefined) {", "      return !isOpen", ""],
        only("bytes === undefined ? frame(CLOSE, \"\\x03\\xe8\") : frame(BINARY, bytes)", "frame(BINARY, bytes!)"),
        only("!isOpen ? \"\"", "!isOpen || bytes === undefined ? \"\""),
        [" else if (first === CLOSE) {", "\n        }\n      }\n      waiting", ""],
      ],
    },
    {
      part: "lengths in 16 and 64 bits that come in",
      without: "a message of more than 125 bytes cannot be received",
      cuts: [["          if (size > 125) {\n            const end", "          const end = isControl", ""]],
    },
    {
      part: "reserved bits, opcodes, masks, order of fragments are checked",
      without: "garbage is taken for MQTT",
      cuts: [["          if (isControl ? first > PONG", "          if (size > 125) {\n            const end", ""]],
    },
    {
      part: "lengths in 16 bits that go out",
      without: "a packet of more than 125 bytes cannot be sent",
      cuts: [["(length < 126 ? ", ";\n};\n\n/**\n * Returns how", "char(first, 128 + length) + veil(bytes)"]],
    },
    {
      part: "a header in pieces is held",
      without: "the network decides whether the link works",
      cuts: [["          if (!(end <= length)) {", "          at = end;", ""], only("      waiting = input.substring(at);\n")],
    },
    {
      part: "at most 2,048 bytes of the answer are held",
      without: "a server fills the heap",
      cuts: [only(" && length <= LARGEST_ANSWER_BYTES")],
    },
  ],
};

const WHOLES = [STORE, WEBSOCKET];
const MARKS = ["<!-- parts -->\n", "<!-- /parts -->"] as const;

const apply = (text: string, { part, cuts }: Part): string => cuts.reduce((left, [from, until, put]) => {
  const at = left.indexOf(from);
  const end = until === "" ? at + from.length : left.indexOf(until, at);
  if (at < 0 || end < at || left.includes(from, at + 1)) {
    throw new Error(`"${part}" cannot be left out: "${at < 0 || end >= at ? from : until}" is not there, or more than once; change bench/parts.ts`);
  }
  return left.slice(0, at) + put + left.slice(end);
}, text);

/** Leaves out each part in turn. */
export const measureParts = async (): Promise<PartSizes> => {
  const copy = mkdtempSync(join(tmpdir(), "motelet-parts-"));
  try {
    cpSync(join(root, "lib"), join(copy, "lib"), { recursive: true });
    cpSync(join(root, "package.json"), join(copy, "package.json"));
    const all: PartSizes = {};
    for (const { page, file, profile, parts } of WHOLES) {
      const text = readFileSync(join(root, file), "utf8");
      const whole = await libraryBytes(profile, copy);
      const bytes: Record<string, number> = all[page] = {};
      for (const part of parts) {
        writeFileSync(join(copy, file), apply(text, part));
        bytes[part.part] = whole - await libraryBytes(profile, copy);
      }
      writeFileSync(join(copy, file), text);
    }
    return all;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
};

/** The pages with their tables as they are, and with these sizes. */
export const partDocs = (sizes: PartSizes): { path: string; now: string; wanted: string }[] =>
  WHOLES.map(({ page, parts }) => {
    const path = join(root, page);
    const now = readFileSync(path, "utf8");
    const [start, end] = [now.indexOf(MARKS[0]) + MARKS[0].length, now.indexOf(MARKS[1])];
    const rows = parts.map(({ part, without }) => `| ${part} | ${sizes[page]![part]!} | ${without} |\n`);
    return { path, now, wanted: `${now.slice(0, start)}\n| part | bytes | without it |\n| --- | --- | --- |\n${rows.join("")}\n${now.slice(end)}` };
  });
