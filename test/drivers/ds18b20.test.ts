import { test } from "uvu";
import * as assert from "uvu/assert";
import { crc8 } from "../../lib/drivers/common/onewire.ts";
import { create, meta, sixteenths } from "../../lib/drivers/ds18b20.ts";
import type { Values } from "../../lib/drivers/types.ts";
import type { OneWireBus } from "../../lib/platform/types.ts";
import { driverAlone } from "./bundle.ts";
import { bytes, now, random, run, waitsMs } from "./clock.ts";

const INLET = "28ff641e8d3c0cda";
const OUTLET = "28ff4a60911503fe";

// --- CRC

/** The table-less shift register of the data sheet's figure "CRC Generator", bit by bit, as an independent check. */
const shiftRegister = (codes: number[]): number => {
  const stages = [0, 0, 0, 0, 0, 0, 0, 0];
  for (const code of codes) {
    for (let i = 0; i < 8; i++) {
      const feedback = stages[7]! ^ (code >> i & 1);
      // x^8 + x^5 + x^4 + 1: the feedback enters stages 1, 5 and 6.
      stages.unshift(feedback);
      stages.pop();
      stages[4]! ^= feedback;
      stages[5]! ^= feedback;
    }
  }
  return stages.reduce((crc, bit, i) => crc | bit << (7 - i), 0);
};

test("the ROM code of Maxim AN27, 02 1C B8 01 00 00 00, has the CRC A2", () => {
  assert.is(crc8(bytes("02 1c b8 01 00 00 00")), 0xa2);
  assert.is(crc8(bytes("02 1c b8 01 00 00 00 a2")), 0);
});

test("the CRC is that of the data sheet's shift register", () => {
  const below = random(26);
  for (let i = 0; i < 300; i++) {
    const codes = Array.from({ length: 8 }, () => below(256));
    assert.is(crc8(bytes(codes)), shiftRegister(codes));
  }
});

// --- Temperature

/** A scratchpad with its CRC: bytes 0 to 7. */
const scratchpad = (eight: string): string => bytes(eight) + String.fromCharCode(crc8(bytes(eight)));
const padOf = (raw: number, config = 0x7f): string =>
  scratchpad([raw & 255, raw >> 8 & 255, 0x4b, 0x46, config, 0xff, 16 - (raw & 15), 0x10]
    .map((n) => n.toString(16).padStart(2, "0")).join(""));

test("temperatures are those of the data sheet's table 1", () => {
  const rows: [string, number][] = [
    ["d0 07", 125], ["50 05", 85], ["91 01", 25.0625], ["a2 00", 10.125], ["08 00", 0.5], ["00 00", 0],
    ["f8 ff", -0.5], ["5e ff", -10.125], ["6f fe", -25.0625], ["90 fc", -55],
  ];
  for (const [pair, celsius] of rows) assert.is(sixteenths(bytes(pair), 1) / 16, celsius, pair);
});

test("with less than 12 bits the lowest ones, which are undefined, are left out, below 0 degC, too", () => {
  const rows: [number, number][] = [[1, -10.0625], [2, -10.125], [4, -10.25], [8, -10.5]];
  for (const [step, celsius] of rows) assert.is(sixteenths(bytes("5f ff"), step) / 16, celsius, `step ${step}`);
});

// --- The protocol, with a bus that knows these commands and no other

interface Probe {
  rom: string;
  /** What it answers to Read Scratchpad. */
  pad: string;
  /** What a conversion makes of it. */
  next: string;
  /** It loses its power as the conversion ends, does not answer, or never ends a conversion. */
  fault?: "brownout" | "dead" | "stuck" | undefined;
  /** By how much its conversion is longer than the data sheet allows. */
  lateMs?: number;
}

const WOKEN = scratchpad("50 05 4b 46 7f ff 0c 10");

const makeProbe = (rom: string, raw: number, more: Partial<Probe> = {}): Probe =>
  ({ rom, pad: WOKEN, next: padOf(raw), ...more });

type Bus = OneWireBus & { log: string[] };

/** Log: "R" reset, "S" skip, "M" + end of the ROM code, then bytes written, "<9" bytes read. */
const makeBus = (probes: Probe[], options: { corrupt?: (pad: string) => string } = {}): Bus => {
  const log: string[] = [];
  let addressed: Probe[] = [];
  let state: "idle" | "reset" | "command" | "converting" | "read" = "idle";
  let convertedMs = 0;
  const alive = (): Probe[] => probes.filter((probe) => probe.fault !== "dead");
  const expect = (wanted: typeof state): void => assert.is(state, wanted, log.join(" "));
  return {
    log,
    reset: () => {
      log.push("R");
      state = "reset";
      return alive().length > 0;
    },
    skip: () => {
      expect("reset");
      log.push("S");
      addressed = alive();
      state = "command";
    },
    select: (rom) => {
      expect("reset");
      assert.match(rom, /^28[0-9a-f]{14}$/);
      log.push(`M${rom.slice(-2)}`);
      addressed = alive().filter((probe) => probe.rom === rom);
      state = "command";
    },
    write: (written) => {
      expect("command");
      const codes = [...written].map((c) => c.charCodeAt(0));
      log.push(codes.map((c) => c.toString(16).padStart(2, "0")).join(""));
      state = "idle";
      if (codes[0] === 0x44 && codes.length === 1) {
        convertedMs = now();
        state = "converting";
        for (const probe of addressed) {
          const config = probe.pad.charCodeAt(4);
          convertedMs = Math.max(convertedMs, now() + 750 / 2 ** (3 - (config >> 5)) + (probe.lateMs ?? 0));
          const next = [...probe.next.slice(0, 8)].map((c) => c.charCodeAt(0));
          next.splice(2, 3, ...[...probe.pad.slice(2, 5)].map((c) => c.charCodeAt(0)));
          if (probe.fault === "stuck") convertedMs = Infinity;
          else probe.pad = probe.fault === "brownout" ? WOKEN : bytes(next) + String.fromCharCode(crc8(bytes(next)));
        }
      } else if (codes[0] === 0x4e && codes.length === 4) {
        for (const probe of addressed) {
          const pad = probe.pad.slice(0, 2) + written.slice(1) + probe.pad.slice(5, 8);
          probe.pad = pad + String.fromCharCode(crc8(pad));
        }
      } else {
        assert.is(codes[0], 0xbe, log.join(" "));
        assert.is(codes.length, 1);
        assert.ok(now() >= convertedMs || convertedMs === Infinity, "a scratchpad was read before the conversion ended");
        state = "read";
      }
    },
    read: (count) => {
      log.push(`<${count}`);
      if (state === "converting") {
        assert.is(count, 1);
        if (now() < convertedMs) return "\0";
        state = "idle";
        return "\xff";
      }
      expect("read");
      assert.is(count, 9);
      state = "idle";
      // The bus is a wired AND.
      const pads = addressed.map((probe) => probe.pad);
      const all = Array.from({ length: 9 }, (_, i) => pads.reduce((and, pad) => and & pad.charCodeAt(i), 255));
      return options.corrupt?.(bytes(all)) ?? bytes(all);
    },
    search: () => {
      throw new Error("nothing asked for a search");
    },
  };
};

interface Outcome { opened: string[]; sampled: [string, Values][] }

const use = (bus: OneWireBus, options: Record<string, unknown> = {}): Outcome => {
  const outcome: Outcome = { opened: [], sampled: [] };
  const [roms, config, step, ms, parasite] = meta.constants(options) as [string[], number, number, number, boolean];
  const driver = create(bus, roms, config, step, ms, parasite);
  run(() => driver.open((error) => {
    outcome.opened.push(error);
    if (error === "") driver.sample((...sample) => outcome.sampled.push(sample));
  }));
  return outcome;
};

const TWO = { probes: { inlet: INLET, outlet: OUTLET } };

test("creating a driver touches nothing; one probe without a ROM code is found by Skip ROM", () => {
  const bus = makeBus([makeProbe(INLET, -162)]);
  create(bus, [""], 0x7f, 1, 750, false);
  assert.equal(bus.log, []);
  assert.equal(use(bus), { opened: [""], sampled: [["", [-101250]]] });
  assert.equal(bus.log, ["R", "S", "be", "<9", "R", "S", "44", "<1", "R", "S", "be", "<9"]);
  assert.equal(waitsMs, [750]);
});

test("probes that live on the bus are fed while they convert, for the whole time, and asked for nothing meanwhile", () => {
  const bus = makeBus([makeProbe(INLET, -162)]);
  const powered: [string, boolean | undefined][] = [];
  const write = bus.write;
  const fed = { ...bus, write: (what: string, power?: boolean) => {
    powered.push([what, power]);
    write(what, power);
  } };
  assert.equal(use(fed, { power: "parasite" }), { opened: [""], sampled: [["", [-101250]]] });
  assert.equal(bus.log, ["R", "S", "be", "<9", "R", "S", "44", "R", "S", "be", "<9"]);
  assert.equal(powered.filter(([, power]) => power), [["\x44", true]]);
  assert.equal(waitsMs, [750]);
});

test("several probes convert together, and each is read by its ROM code", () => {
  const bus = makeBus([makeProbe(OUTLET, 0x191), makeProbe(INLET, 0xff5e - 65536)]);
  assert.equal(use(bus, TWO), { opened: [""], sampled: [["", [-101250, 250625]]] });
  assert.equal(bus.log.slice(8), ["R", "S", "44", "<1", "R", "Mda", "be", "<9", "R", "Mfe", "be", "<9"]);
});

test("the resolution is written where it differs, and nothing else changes; the wait is t_CONV of it (table 2)", () => {
  const rows: [number, string, number][] = [[9, "1f", 94], [10, "3f", 188], [11, "5f", 375], [12, "7f", 750]];
  for (const [resolution, config, ms] of rows) {
    const bus = makeBus([makeProbe(INLET, 0x191)]);
    const step = 2 ** (12 - resolution);
    assert.equal(use(bus, { resolution }), { opened: [""], sampled: [["", [Math.floor(0x191 / step) * step * 625]]] });
    assert.equal(bus.log.filter((entry) => entry.startsWith("4e")), resolution === 12 ? [] : [`4e4b46${config}`]);
    assert.equal(waitsMs, [ms]);
    assert.is(meta.conversionMs({ resolution }), ms);
  }
});

test("no presence pulse is \"absent\"", () => {
  assert.equal(use(makeBus([])), { opened: ["absent"], sampled: [] });
  const probe = makeProbe(INLET, 0);
  const driver = create(makeBus([{ ...probe, fault: "dead" }]), [""], 0x7f, 1, 750, false);
  const sampled: [string, Values][] = [];
  run(() => driver.sample((...sample) => sampled.push(sample)));
  assert.equal(sampled, [["absent", []]]);
});

test("without a presence pulse whatever reads is \"absent\": zeros of a bus that is held low", () => {
  const low = { ...makeBus([]), skip: () => {}, write: () => {}, read: () => bytes("00".repeat(9)) };
  assert.equal(use(low), { opened: ["absent"], sampled: [] });
});

test("one dead probe is \"absent\" and does not stop the others, whichever it is", () => {
  for (const dead of [INLET, OUTLET]) {
    const fault = (rom: string): "dead" | undefined => (rom === dead ? "dead" : undefined);
    const bus = makeBus([INLET, OUTLET].map((rom) => makeProbe(rom, 0x191, { fault: fault(rom) })));
    const values = dead === INLET ? [undefined, 250625] : [250625, undefined];
    assert.equal(use(bus, TWO), { opened: [""], sampled: [["absent", values]] });
  }
});

test("each single wrong bit of a scratchpad is \"crc\" and gives no value", () => {
  for (let bit = 0; bit < 72; bit++) {
    let reads = 0;
    const corrupt = (pad: string): string => {
      reads++;
      return reads === 1 ? pad
        : bytes([...pad].map((c, i) => c.charCodeAt(0) ^ (i === bit >> 3 ? 1 << (bit & 7) : 0)));
    };
    const bus = makeBus([makeProbe(INLET, 0x191)], { corrupt });
    assert.equal(use(bus), { opened: [""], sampled: [["crc", [undefined]]] }, `bit ${bit}`);
  }
});

test("a bus that is held low, whose zeros have a right CRC, is \"id\", and so is a DS18S20", () => {
  for (const pad of [bytes("00".repeat(9)), scratchpad("aa 00 4b 46 ff ff 0c 10")]) {
    assert.equal(use(makeBus([makeProbe(INLET, 0)], { corrupt: () => pad })), { opened: ["id"], sampled: [] });
  }
});

test("two probes that answer at once are \"crc\", not a temperature of neither", () => {
  const bus = makeBus([makeProbe(INLET, 0x191), makeProbe(OUTLET, 0x0a2)]);
  assert.equal(use(bus).sampled, [["crc", [undefined]]]);
});

test("85 degC of a probe that woke up since is \"reset\"; 85 degC that was measured is a value", () => {
  assert.equal(use(makeBus([makeProbe(INLET, 0, { fault: "brownout" })])).sampled, [["reset", [undefined]]]);
  assert.equal(use(makeBus([makeProbe(INLET, 0x550)])).sampled, [["", [850000]]]);
});

test("a clone whose reserved byte 6 never changes is read at any other temperature", () => {
  const next = scratchpad("91 01 4b 46 7f ff 0c 10");
  assert.equal(use(makeBus([makeProbe(INLET, 0, { next })])).sampled, [["", [250625]]]);
});

test("a probe that fell back to the resolution of its EEPROM is \"reset\"", () => {
  let reads = 0;
  const corrupt = (pad: string): string => (++reads === 1 ? pad : padOf(0x191, 0x7f));
  const bus = makeBus([makeProbe(INLET, 0x191)], { corrupt });
  assert.equal(use(bus, { resolution: 9 }).sampled, [["reset", [undefined]]]);
});

test("a conversion that never ends is \"timeout\": the reading before it is not given as a new one", () => {
  const probe = makeProbe("28ff641e8d3c0cda", 0x0191, { pad: padOf(0x0191), fault: "stuck" });
  assert.equal(use(makeBus([probe])).sampled, [["timeout", []]]);
});

test("a conversion that takes a little longer than it may is waited for, and asked after three times in all", () => {
  for (const [lateMs, waits] of [[1, [750, 50]], [50, [750, 50]], [100, [750, 50, 50]]] as const) {
    assert.equal(use(makeBus([makeProbe(INLET, -162, { lateMs })])).sampled, [["", [-101250]]], `${lateMs} ms late`);
    assert.equal(waitsMs, [...waits]);
  }
  assert.equal(use(makeBus([makeProbe(INLET, -162, { lateMs: 101 })])).sampled, [["timeout", []]]);
});

test("readings beyond -55 and 125 degC, 0x07ff of a failed conversion among them, are \"range\"", () => {
  for (const raw of [0x7ff, 2001, -881]) {
    assert.equal(use(makeBus([makeProbe(INLET, raw)])).sampled, [["range", [undefined]]], `${raw}`);
  }
  for (const raw of [2000, -880]) assert.equal(use(makeBus([makeProbe(INLET, raw)])).sampled, [["", [raw * 625]]]);
});

// --- meta

test("wrong ROM codes are found: family, check byte, the same one twice", () => {
  const problems = meta.problems!({ probes: {
    good: INLET, family: "10ff641e8d3c0cda", check: "28ff641e8d3c0cdb", again: INLET.toUpperCase(),
  } });
  assert.equal(problems.map(([pointer]) => pointer), ["/probes/family", "/probes/check", "/probes/again"]);
  assert.match(problems[1]![1], "After 28ff641e8d3c0c comes da");
  assert.equal(meta.problems!({}), []);
});

test("fields are the probes by name, with 4 decimals for 1/16 degC; alone it is temperature", () => {
  assert.equal(meta.fields(TWO).map((field) => [field.name, field.decimals]), [["inlet", 4], ["outlet", 4]]);
  assert.equal(meta.fields({}).map((field) => field.name), ["temperature"]);
});

// --- As it is built

test("meta stays out of the bundle, and the driver is below 1,050 bytes", async () => {
  const alone = await driverAlone("ds18b20");
  assert.not.match(alone.code, /probes|deviceClass|title/);
  assert.ok(alone.bytes <= 1050, `${alone.bytes} bytes`);
});

test.run();
