/** Pins and serial ports of NodeMCU, on both chips: the platform's modules over the simulated firmware. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Level, PinPart, Wire } from "../../simulator/types.ts";
import type { Bench } from "../simulator/bench.ts";
import { linesOf, nameOf, pinNumber, TARGETS, type Target } from "./nodemcu.ts";

/** Pins that both chips have. */
const A = 5;
const B = 4;

/** A part whose pins go through levels at times, in ms. */
const scripted = (plans: Record<string, [ms: number, level: Level][]>): PinPart => ({
  attach: (wires: Record<string, Wire>) => {
    for (const [key, plan] of Object.entries(plans)) for (const [ms, level] of plan) wires[key]!.drive(level, ms);
  },
});

const attach = (part: PinPart, keys: Record<string, string>) => (bench: Bench): void =>
  bench.machine.lines.attach(part, keys);

const pins = (target: Target): string =>
  `const a = ${pinNumber(target, A)} as never;
  const b = ${pinNumber(target, B)} as never;\n`;

/** A DHT part that answers a start signal of 1 ms or more (AM2302 product manual, 7) with these bytes. */
const dhtPart = (bytes: number[]): PinPart => {
  let wire: Wire;
  let lowMs = Infinity;
  return {
    pulls: { pin: 1 },
    attach: (wires) => void (wire = wires["pin"]!),
    driven: (_, level, ms) => {
      if (level === 0) lowMs = Math.min(lowMs, ms);
      if (level === 0 || ms - lowMs < 1) return;
      lowMs = Infinity;
      let at = ms + 0.03;
      const hold = (to: Level | undefined, us: number): void => {
        wire.drive(to, at);
        at += us / 1000;
      };
      hold(0, 80);
      hold(undefined, 80);
      for (const byte of bytes) {
        for (let bit = 7; bit >= 0; bit--) {
          hold(0, 50);
          hold(undefined, byte >> bit & 1 ? 70 : 26);
        }
      }
      hold(0, 50);
      hold(undefined, 0);
    },
  };
};

for (const target of TARGETS) {
  test(`${nameOf(target)}: an input that bounces is one change, when it has held`, async () => {
    const bouncing: [number, Level][] =
      [[100, 1], [101, 0], [102, 1], [103, 0], [104, 1], [500, 0], [502, 1], [900, 0]];
    const lines = await linesOf(`import { input } from "#platform/gpio";
      import { now } from "#platform/timer";
      ${pins(target)}
      const door = input(a, true);
      const start = now();
      door.watch(30, (high) => print(high, Math.floor((now() - start) / 100)));`,
    target, 1500, attach(scripted({ pin: [[0, 0], ...bouncing] }), { pin: `D${A}` }));
    assert.equal(lines, ["true\t1", "false\t9"]);
  });

  test(`${nameOf(target)}: each pulse counts without a debounce, those that hold with one`, async () => {
    const train: [number, Level][] = [[0, 0]];
    for (let i = 0; i < 50; i++) train.push([100 + 2 * i, 1], [101 + 2 * i, 0]);
    train.push([400, 1], [600, 0]);
    for (const [debounceMs, edge, wanted] of [[0, true, 51], [0, false, 51], [20, true, 1], [20, false, 1]] as const) {
      const lines = await linesOf(`import { counter } from "#platform/counter";
        import { after } from "#platform/timer";
        ${pins(target)}
        const count = counter(a, false, ${edge}, ${debounceMs});
        after(() => print(count()), 1000);`,
      target, 1500, attach(scripted({ pin: train }), { pin: `D${A}` }));
      assert.equal(lines, [String(wanted)], `${debounceMs} ms, ${edge ? "rising" : "falling"}`);
    }
  });

  test(`${nameOf(target)}: an encoder counts quarters both ways, and tells of turns`, async () => {
    // A leads: up.
    const up = (from: number): { a: [number, Level][]; b: [number, Level][] } => (
      { a: [[from, 0], [from + 2, 1]], b: [[from + 1, 0], [from + 3, 1]] });
    const down = (from: number): { a: [number, Level][]; b: [number, Level][] } => (
      { a: [[from + 1, 0], [from + 3, 1]], b: [[from, 0], [from + 2, 1]] });
    const turns = [up(100), up(200), up(300), down(400)];
    const plan = (key: "a" | "b"): [number, Level][] => [[0, 1], ...turns.flatMap((turn) => turn[key])];
    const lines = await linesOf(`import { quadrature } from "#platform/quadrature";
      import { after } from "#platform/timer";
      ${pins(target)}
      let turns = 0;
      const knob = quadrature(a, b, true);
      knob.onTurn(() => turns++);
      after(() => print(knob.position(), turns > 2), 350);
      after(() => print(knob.position()), 1000);`,
    target, 1500, attach(scripted({ a: plan("a"), b: plan("b") }), { a: `D${A}`, b: `D${B}` }));
    assert.equal(lines, ["12\ttrue", "8"]);
  });

  test(`${nameOf(target)}: an echo is as long as it is, none is none, and one that stays is beyond measure`, async () => {
    for (const [widthMs, wanted] of [[0.58, "580"], [5.83, "5830"], [23.3, "23300"], [38, "far"], [0, "nil"]] as const) {
      let wire: Wire;
      const part: PinPart = {
        attach: (wires) => {
          wire = wires["echo"]!;
          wire.drive(0, 0);
        },
        driven: (pin, level, ms) => {
          if (pin !== "trigger" || level !== 0 || ms < 1 || widthMs === 0) return;
          wire.drive(1, ms + 0.5);
          wire.drive(0, ms + 0.5 + widthMs);
        },
      };
      const lines = await linesOf(`import { echo } from "#platform/echo";
        import { after } from "#platform/timer";
        ${pins(target)}
        const ping = echo(a, b);
        after(() => ping(60, (us) => print(us === undefined ? us : us > 25900 ? "far" : Math.floor(us / 10 + 0.5) * 10)), 20);`,
      target, 500, attach(part, { trigger: `D${A}`, echo: `D${B}` }));
      assert.equal(lines, [wanted], `${widthMs} ms`);
    }
  });

  test(`${nameOf(target)}: the bytes of a DHT part are those that it sent, through the firmware's degrees`, async () => {
    const sum = (bytes: number[]): number[] => [...bytes, bytes.reduce((a, b) => a + b, 0) & 255];
    const frames: [name: string, lowMs: number, bytes: number[]][] = [
      ["DHT22, 65.2 % and 35.1 degC", 1, sum([0x02, 0x8c, 0x01, 0x5f])],
      ["DHT22, below zero", 1, sum([0x02, 0x8c, 0x80, 0x65])],
      ["DHT22, low bytes of zero", 1, sum([0x01, 0x00, 0x01, 0x00])],
      ["DHT22, all zero but humidity", 1, sum([0x03, 0x00, 0x00, 0x00])],
      ["DHT11, whole degrees", 20, sum([48, 0, 23, 0])],
      ["DHT11, tenths", 20, sum([48, 7, 23, 4])],
      ["DHT11, below zero", 20, sum([95, 0, 10, 0x81])],
    ];
    for (const [name, lowMs, bytes] of frames) {
      const lines = await linesOf(`import { dht } from "#platform/dht";
        ${pins(target)}
        dht(a)(${lowMs}, (frame) => print(frame.charCodeAt(0), frame.charCodeAt(1), frame.charCodeAt(2),
          frame.charCodeAt(3), frame.charCodeAt(4)));`, target, 200, attach(dhtPart(bytes), { pin: `D${A}` }));
      assert.equal(lines, [bytes.join("\t")], name);
    }
    const ask = `import { dht } from "#platform/dht";
      ${pins(target)}
      dht(a)(1, (frame) => print(frame.length, frame.length > 0 && (frame.charCodeAt(0) + frame.charCodeAt(1)
        + frame.charCodeAt(2) + frame.charCodeAt(3)) % 256 === frame.charCodeAt(4)));`;
    assert.equal(await linesOf(ask, target, 200), ["0\tfalse"], "nobody there");
    const wrong = attach(dhtPart([2, 0x8c, 1, 0x5f, 0]), { pin: `D${A}` });
    assert.equal(await linesOf(ask, target, 200, wrong), ["5\tfalse"], "wrong check bits");
  });

  test(`${nameOf(target)}: a part is clocked, and its bits come highest first`, async () => {
    let bits = "101100111000111100001111";
    let wire: Wire;
    const part: PinPart = {
      attach: (wires) => {
        wire = wires["data"]!;
        wire.drive(0, 0);
      },
      driven: (pin, level) => {
        if (pin !== "clock" || level !== 1) return;
        wire.drive(bits[0] === "1" ? 1 : 0);
        bits = bits.slice(1);
      },
    };
    const lines = await linesOf(`import { shift } from "#platform/shift";
      ${pins(target)}
      const port = shift(a, b);
      print(port.data(), port.pulse(24));`, target, 100, attach(part, { clock: `D${A}`, data: `D${B}` }));
    assert.equal(lines, [`false\t${0b101100111000111100001111}`]);
  });

  test(`${nameOf(target)}: bytes go out of a serial port, and those that come in are told`, async () => {
    const rx = target.chip === "ESP32" ? 16 : 3;
    let machine: Bench["machine"] | undefined;
    const lines = await linesOf(`import { uart } from "#platform/uart";
      import { after } from "#platform/timer";
      const port = uart(${target.chip === "ESP32" ? 2 : 0} as never, ${pinNumber(target, rx)} as never, ${
        pinNumber(target, target.chip === "ESP32" ? 17 : 1)} as never, 9600);
      let heard = "";
      port.onData((bytes) => heard += bytes);
      port.write("\\xff\\x01\\x86\\0");
      after(() => print(heard.length, heard.charCodeAt(0), heard.charCodeAt(2), heard.charCodeAt(3)), 200);`,
    target, 500, (bench) => {
      machine = bench.machine;
      bench.clock.after(50, () => machine!.received.push([`D${rx}`, "\xff\x86"]));
      bench.clock.after(60, () => machine!.received.push([`D${rx}`, "\0A"]));
    });
    assert.equal(lines, ["4\t255\t0\t65"]);
    const tx = target.chip === "ESP32" ? 17 : 1;
    assert.equal(machine!.log, [`uart D${rx} D${tx} 9600`, `uart D${rx} < \xff\x01\x86\0`]);
  });
}

test.run();
