/** The virtual DS18B20 against its datasheet (19-7487 Rev 6), byte by byte as a master sends and samples them. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { romBytes } from "../../../simulator/buses/onewire.ts";
import { bench, bytes, hexText, values, type Bench } from "./bench.ts";

const PIN = "D4";
const NORTH = "28ff4a6b7c16046b";
const SOUTH = "28112233445500ee";

/** Application note 27, the shift register bit by bit: x^8 + x^5 + x^4 + 1. */
function crc(data: number[]): number {
  let register = 0;
  for (const byte of data) {
    for (let i = 0; i < 8; i++) {
      const feedback = (register ^ (byte >> i)) & 1;
      register >>= 1;
      if (feedback === 1) register ^= 0b1000_1100;
    }
  }
  return register;
}

interface Board extends Bench {
  /** Reset, then bytes. Whether somebody was present. */
  send: (...b: number[]) => boolean;
  read: (count: number) => number[];
  /** The temperature register after Convert T and its time. */
  convert: (rom?: string) => { raw: string; scratchpad: number[] };
}

async function board(probes?: Record<string, string>, seed = 1): Promise<Board> {
  const made = await bench([
    { driver: "ds18b20", id: "soil", bus: "onewire1", ...(probes && { options: { probes } }) },
  ], seed);
  const send = (...b: number[]): boolean => {
    const present = made.machine.oneWireReset(PIN);
    made.machine.oneWireWrite(PIN, bytes(...b));
    return present;
  };
  const read = (count: number): number[] => values(made.machine.oneWireRead(PIN, count));
  const to = (rom?: string): number[] => (rom === undefined ? [0xcc] : [0x55, ...romBytes(rom)]);
  return {
    ...made, send, read,
    convert: (rom) => {
      send(...to(rom), 0x44);
      made.clock.advance(750);
      send(...to(rom), 0xbe);
      const scratchpad = read(9);
      return { raw: hexText(bytes(scratchpad[1]!, scratchpad[0]!)), scratchpad };
    },
  };
}

test("table 1: temperature to register, the negative ones included", async () => {
  const on = await board();
  const rows: [number, string][] = [
    [125, "07d0"], [85, "0550"], [25.0625, "0191"], [10.125, "00a2"], [0.5, "0008"], [0, "0000"],
    [-0.5, "fff8"], [-10.125, "ff5e"], [-25.0625, "fe6f"], [-55, "fc90"],
  ];
  for (const [degrees, register] of rows) {
    on.machine.world.set("soil.temperature", degrees);
    assert.is(on.convert().raw, register, `${degrees} degC`);
  }
});

test("the scratchpad after power-on is 85 degC, factory alarms, 12 bits, and its CRC is 1C (figure 9)", async () => {
  const on = await board();
  assert.ok(on.send(0xcc, 0xbe));
  assert.is(hexText(bytes(...on.read(9))), "50054b467fff0c101c");
  assert.equal(on.read(2), [0xff, 0xff], "after the ninth byte the line is high");
});

test("the CRC of this test and of the bus give A2 for the example of application note 27", () => {
  assert.is(crc([0x02, 0x1c, 0xb8, 0x01, 0, 0, 0]), 0xa2);
});

test("byte 8 is the CRC of bytes 0 to 7", async () => {
  const on = await board();
  for (let i = 0; i < 20; i++) {
    on.machine.world.set("soil.temperature", -50 + i * 8.3);
    const { scratchpad } = on.convert();
    assert.is(scratchpad[8], crc(scratchpad.slice(0, 8)));
  }
});

test("a conversion sends 0 bits for the time of table 2, and the scratchpad is old until then", async () => {
  for (const [bits, ms] of [[9, 93.75], [10, 187.5], [11, 375], [12, 750]] as const) {
    const on = await board();
    on.machine.world.set("soil.temperature", 20);
    on.send(0xcc, 0x4e, 0x4b, 0x46, ((bits - 9) << 5) | 0x1f);
    on.send(0xcc, 0x44);
    assert.equal(on.read(1), [0x00]);
    on.clock.advance(ms - 0.5);
    assert.equal(on.read(1), [0x00], `${bits} bits`);
    on.send(0xcc, 0xbe);
    assert.equal(on.read(2), [0x50, 0x05]);
    on.clock.advance(0.5);
    on.send(0xcc, 0xbe);
    assert.equal(on.read(2), [0x40, 0x01]);
  }
  const on = await board();
  on.send(0xcc, 0x44);
  on.clock.advance(750);
  assert.equal(on.read(1), [0xff], "1 bits when it is done");
});

test("fewer bits cut the value off, also below zero (figure 10, table 2)", async () => {
  const on = await board();
  const rows: [number, number, string][] = [
    [12, 25.0625, "0191"], [11, 25.0625, "0190"], [10, 25.4375, "0194"], [9, 25.4375, "0190"], [9, -10.125, "ff58"],
  ];
  for (const [bits, degrees, register] of rows) {
    on.send(0xcc, 0x4e, 0, 0, ((bits - 9) << 5) | 0x1f);
    on.machine.world.set("soil.temperature", degrees);
    assert.is(on.convert().raw, register, `${bits} bits, ${degrees} degC`);
  }
});

test("of the configuration only R1 and R0 can be written; TH and TL take any byte (figure 10)", async () => {
  const on = await board();
  on.send(0xcc, 0x4e, 0x12, 0x9a, 0x00);
  on.send(0xcc, 0xbe);
  assert.equal(on.read(8), [0x50, 0x05, 0x12, 0x9a, 0x1f, 0xff, 0x0c, 0x10]);
  on.send(0xcc, 0x4e, 0x12, 0x9a, 0xff);
  on.send(0xcc, 0xbe);
  assert.is(on.read(8)[4], 0x7f);
});

test("copy scratchpad survives a loss of power, a write without it does not; recall brings it back", async () => {
  const on = await board();
  on.send(0xcc, 0x4e, 0x20, 0x10, 0x3f);
  on.send(0xcc, 0x48);
  assert.equal(on.read(1), [0x00], "busy while it writes the EEPROM");
  on.clock.advance(10);
  assert.equal(on.read(1), [0xff]);
  on.send(0xcc, 0x4e, 0x01, 0x02, 0x7f);
  on.send(0xcc, 0xb8);
  assert.equal(on.read(1), [0xff]);
  on.send(0xcc, 0xbe);
  assert.equal(on.read(5).slice(2), [0x20, 0x10, 0x3f]);
  on.send(0xcc, 0x4e, 0x01, 0x02, 0x7f);
  on.machine.setFault("soil", "reset", true);
  assert.equal(on.convert().scratchpad.slice(2, 5), [0x20, 0x10, 0x3f]);
});

test("read power supply: a part with VDD lets the line high", async () => {
  const on = await board();
  on.send(0xcc, 0xb4);
  assert.equal(on.read(1), [0xff]);
});

test("several probes: each answers to its own ROM code with its own signal", async () => {
  const on = await board({ north: NORTH, south: SOUTH });
  assert.equal(on.machine.world.names(), ["soil.north", "soil.south"]);
  on.machine.world.set("soil.north", -10.125);
  on.machine.world.set("soil.south", 25.0625);
  assert.is(on.convert(NORTH).raw, "ff5e");
  assert.is(on.convert(SOUTH).raw, "0191");
  on.send(0x55, ...romBytes("28aaaaaaaaaaaa00"), 0xbe);
  assert.equal(on.read(3), [0xff, 0xff, 0xff], "a ROM code that nobody has: nobody answers");
});

test("skip ROM reaches all; their answers are ANDed on the line and the CRC shows it", async () => {
  const on = await board({ north: NORTH, south: SOUTH });
  on.machine.world.set("soil.north", 85.5);
  on.machine.world.set("soil.south", 10.125);
  on.send(0xcc, 0x44);
  on.clock.advance(750);
  on.send(0xcc, 0xbe);
  const both = on.read(9);
  on.send(0x55, ...romBytes(NORTH), 0xbe);
  const north = on.read(9);
  on.send(0x55, ...romBytes(SOUTH), 0xbe);
  const south = on.read(9);
  assert.equal(both, north.map((byte, i) => byte & south[i]!));
  assert.is.not(both[8], crc(both.slice(0, 8)));
});

test("a search finds every present part with a right CRC, in the order of the algorithm", async () => {
  const roms = [NORTH, SOUTH, "28100000000000 45", "28a0000000000042"].map((rom) => rom.replace(" ", ""));
  const on = await board({ ...Object.fromEntries(roms.map((rom, i) => [`p${i}`, rom])), bad: "2855555555555500" });
  const found = on.machine.oneWireSearch(PIN);
  assert.equal([...found].sort(), [...roms].sort());
  // Zeros first, least significant bit first: the order of the codes read as bits.
  const bits = (rom: string): string =>
    Array.from(romBytes(rom), (byte) => [...byte.toString(2).padStart(8, "0")].reverse().join("")).join("");
  assert.equal(found.map(bits), found.map(bits).sort());
  on.machine.setFault("soil", "absent:p1", true);
  assert.equal([...on.machine.oneWireSearch(PIN)].sort(), roms.filter((rom) => rom !== SOUTH).sort());
});

test("a part without a ROM code in the board file has one of its own: family 28, right CRC, by seed", async () => {
  const [a, b, c] = [await board(undefined, 1), await board(undefined, 2), await board(undefined, 1)];
  const [rom] = a.machine.oneWireSearch(PIN);
  assert.match(rom!, /^28[0-9a-f]{14}$/);
  assert.is(crc([...romBytes(rom!)]), 0);
  assert.not.equal(b.machine.oneWireSearch(PIN), [rom]);
  assert.equal(c.machine.oneWireSearch(PIN), [rom]);
  a.send(0x33);
  assert.is(hexText(bytes(...a.read(8))), rom, "Read ROM");
});

test("alarm search finds what is at or beyond TH or TL after its last conversion", async () => {
  const on = await board({ north: NORTH, south: SOUTH });
  on.machine.world.set("soil.north", 29.9);
  on.machine.world.set("soil.south", -5);
  for (const rom of [NORTH, SOUTH]) {
    on.send(0x55, ...romBytes(rom), 0x4e, 30, 0xf6, 0x7f); // 30 and -10 degC
    on.convert(rom);
  }
  assert.equal(on.machine.oneWireSearch(PIN, 0xec), []);
  on.machine.world.set("soil.north", 30);
  on.convert(NORTH);
  assert.equal(on.machine.oneWireSearch(PIN, 0xec), [NORTH]);
  on.machine.world.set("soil.south", -10.5);
  on.convert(SOUTH);
  assert.equal(on.machine.oneWireSearch(PIN, 0xec).length, 2);
});

test("byte 6 tells 85 degC that was measured from 85 degC of power-on", async () => {
  const on = await board();
  on.machine.world.set("soil.temperature", 85);
  const { raw, scratchpad } = on.convert();
  assert.is(raw, "0550");
  assert.is(scratchpad[6], 0x10);
});

test("a command that does not exist warns and nobody answers", async () => {
  const on = await board();
  on.send(0xcc, 0x99);
  assert.equal(on.read(1), [0xff]);
  on.send(0x12, 0xbe);
  assert.equal(on.read(1), [0xff]);
  on.send(0xf0);
  assert.equal(on.warnings, [
    "soil (ds18b20, onewire1): temperature: 99h is no function command (at 0.000 s)",
    "onewire1: 12h is no ROM command: all parts wait for a reset (at 0.000 s)",
    "onewire1: a search goes by bits, not bytes: use the search of the bus (at 0.000 s)",
  ]);
});

test("fault absent: no presence and 1 bits; of one probe alone, the others answer", async () => {
  const on = await board({ north: NORTH, south: SOUTH });
  on.machine.setFault("soil", "absent", true);
  assert.not(on.send(0xcc, 0xbe));
  assert.equal(on.read(2), [0xff, 0xff]);
  on.machine.setFault("soil", "absent", false);
  on.machine.setFault("soil", "absent:north", true);
  assert.ok(on.send(0xcc, 0x44));
  assert.is(on.convert(NORTH).raw, "ffff");
  assert.is.not(on.convert(SOUTH).raw, "ffff");
});

test("fault crc: the data is right, its CRC is not", async () => {
  const on = await board();
  on.machine.world.set("soil.temperature", 10.125);
  on.machine.setFault("soil", "crc", true);
  const { raw, scratchpad } = on.convert();
  assert.is(raw, "00a2");
  assert.is.not(scratchpad[8], crc(scratchpad.slice(0, 8)));
});

test("fault reset: after the conversion the register is that of power-on, 85 degC with a right CRC", async () => {
  const on = await board();
  on.machine.setFault("soil", "reset", true);
  const { scratchpad } = on.convert();
  assert.is(hexText(bytes(...scratchpad)), "50054b467fff0c101c");
});

test("fault stuck: 0 bits for ever and the old register, until the fault ends", async () => {
  const on = await board();
  on.machine.world.set("soil.temperature", 10.125);
  on.machine.setFault("soil", "stuck", true);
  assert.is(on.convert().raw, "0550");
  on.send(0xcc, 0x44);
  on.clock.advance(100_000);
  assert.equal(on.read(1), [0x00]);
  on.machine.setFault("soil", "stuck", false);
  assert.equal(on.read(1), [0xff]);
  assert.is(on.convert().raw, "00a2");
});

test.run();
