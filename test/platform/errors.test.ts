/**
 * An error in any callback of a platform is caught, counted, told with where it was, and ends nothing: on each engine,
 * and on both chips of NodeMCU, by one program.
 */
import { duplexPair } from "node:stream";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createEspruinoEngine } from "../../simulator/engines/espruino.ts";
import { createV8Engine } from "../../simulator/engines/v8.ts";
import { bundle } from "../drivers/bundle.ts";
import { enginesWith } from "../engines.ts";
import { createBench, type Bench } from "../simulator/bench.ts";
import { boot, nameOf, pinNumber, TARGETS } from "./nodemcu.ts";

/**
 * At which of its calls each of them fails. No two at the same moment: of the exceptions of one round of its idle loop
 * the interpreter keeps the last (jsiCheckErrors of jsinteractive.c), so that they count for one.
 */
const FAILS: Record<string, number> = {
  timer: 1, edge: 1, held: 1, turn: 1, bytes: 1, up: 1, down: 1, open: 1, close: 1, data: 2, drain: 3,
};
const CALLBACKS = Object.keys(FAILS);

/** What differs: how a program throws, and what `pin` and `uart` are given. */
interface Dialect { head: string; pin(gpio: number): string; port: string }

const program = ({ head, pin, port }: Dialect): string => `
import { input } from "#platform/gpio";
import { connector, writer } from "#platform/net";
import { quadrature } from "#platform/quadrature";
import { faults, log, onBoot } from "#platform/system";
import { after } from "#platform/timer";
import { uart } from "#platform/uart";
import { join } from "#platform/wifi";
${head}
const failing = (name: string, at: number): (this: void) => void => {
  let calls = 0;
  return () => {
    calls++;
    log(name + " " + calls);
    if (calls === at) {
      fail("broken " + name);
    }
  };
};
const ${CALLBACKS.map((name) => `${name} = failing("${name}", ${FAILS[name]})`).join(", ")};
onBoot(() => {
  log("begin");
  after(timer, 10);
  after(timer, 500);
  input(${pin(5)} as never, true).watch(0, edge);
  input(${pin(4)} as never, true).watch(20, held);
  quadrature(${pin(12)} as never, ${pin(14)} as never, true).onTurn(turn);
  uart(${port} as never, 9600).onData(bytes);
  join("home", "secret", up, down);
  const dialer = connector("broker", 1883);
  const dial = (): void => {
    const write = writer(dialer(opened, data, close, drain)!);
    after(() => write("xy"), 300);
  };
  after(dial, 7000);
  after(dial, 8500);
  after(dial, 10000);
  after(dial, 11500);
  after(() => log("faults " + faults), 75000);
});
`.replace("open = failing", "opened = failing");

/** What comes from outside: edges, turns, bytes, a server that echoes and hangs up, Wi-Fi that goes and comes. */
const happen = (rx: string) => ({ clock, machine, network }: Bench): void => {
  const now = clock.now();
  machine.lines.attach({
    attach: ({ door, gate, a, b }) => {
      for (const line of [a!, b!]) line.drive(1, now);
      for (const [at, ms] of [1000, 2000, 3000].entries()) {
        const level = at % 2 === 0 ? 0 : 1;
        door!.drive(level, now + ms);
        gate!.drive(level, now + ms + 250);
        a!.drive(level, now + ms + 500);
        b!.drive(level, now + ms + 502);
      }
    },
  }, { door: "D5", gate: "D4", a: "D12", b: "D14" });
  for (const ms of [4000, 5000]) {
    clock.after(ms, () => {
      machine.received.push([rx, "?"]);
      machine.onInput?.();
    });
  }
  network.route("broker", 1883, {
    open() {
      const [node, server] = duplexPair();
      server.on("error", () => {}).on("data", (bytes) => void server.end(bytes));
      node.on("close", () => server.destroy());
      return node;
    },
  });
  // Espruino tells of a loss some 11 s later, and tries to join again every 20 s.
  for (const [at, ms] of [14_000, 30_000, 55_000].entries()) clock.after(ms, () => network.setWifi(at === 1));
};

/** That each callback was called, failed, was told of with where it was, and was called again. */
const check = (bench: Bench, isPlace: (line: string) => boolean): void => {
  const { lines } = bench;
  const all = lines.join("\n");
  for (const name of CALLBACKS) {
    const calls = lines.filter((line) => line.startsWith(`${name} `));
    assert.ok(calls.length > FAILS[name]!, `${name}:\n${all}`);
    const told = lines.findIndex((line) => line.endsWith(`broken ${name}`));
    assert.ok(lines.slice(told + 1, told + 5).some(isPlace), `${name}:\n${all}`);
  }
  assert.ok(lines.includes(`faults ${CALLBACKS.length}`), all);
  assert.equal(bench.resets, []);
  // Such as of a second send before the first one was acknowledged.
  assert.equal(bench.warnings, []);
};

const ESPRUINO: Dialect = {
  head: "const fail = (text: string): void => { throw new Error(text); };\ndeclare const Serial2: never;"
    + [4, 5, 12, 14, 16, 17].map((gpio) => `\ndeclare const D${gpio}: never;`).join(""),
  pin: (gpio) => `D${gpio}`, port: "Serial2, D16, D17",
};

/** The program as a build shrinks it, which is where a stack names no function. */
const onEspruino = async (speed: number): Promise<void> => {
  const bench = createBench((all) => (speed === 1 ? createV8Engine(all) : createEspruinoEngine({ ...all, speed })),
    { virtual: speed === 1, speed });
  try {
    await bench.engine.start(Buffer.from(await bundle(program(ESPRUINO), "esbuild+terser"), "latin1"));
    if (speed > 1) await bench.line("begin");
    happen("D16")(bench);
    await (speed === 1 ? bench.pass(76_000) : bench.line(`faults ${CALLBACKS.length}`));
    check(bench, (line) => /^ +at /.test(line));
  } finally {
    await bench.close();
  }
};

const onNodemcu = async (target: (typeof TARGETS)[number]): Promise<void> => {
  const isEsp32 = target.chip === "ESP32";
  const dialect: Dialect = {
    head: "declare const error: (this: void, text: string) => void;\nconst fail = (text: string): void => error(text);",
    pin: (gpio) => `${pinNumber(target, gpio)}`, port: isEsp32 ? "2 as never, 16 as never, 17" : "0 as never, 9 as never, 10",
  };
  const bench = await boot(program(dialect), target, {}, happen(isEsp32 ? "D16" : "D3"));
  try {
    await bench.pass(76_000);
    check(bench, (line) => /init\.lua:\d+: in /.test(line));
  } finally {
    await bench.close();
  }
};

const lua = (version: string) => TARGETS.filter((target) => target.version === version)
  .map((target) => ({ chip: nameOf(target), run: () => onNodemcu(target) }));

for (const { name, missing, kinds } of enginesWith({
  v8: { kinds: [{ chip: "ESP32", run: () => onEspruino(1) }] },
  "lua5.1": { kinds: lua("5.1") },
  "lua5.3": { kinds: lua("5.3") },
  // Time is the host's, so many times as fast.
  espruino: { kinds: [{ chip: "ESP32", run: () => onEspruino(10) }] },
})) {
  for (const { chip, run } of kinds) {
    const skipped = missing === undefined ? "" : ` (skipped: ${missing})`;
    (missing === undefined ? test : test.skip)(
      `${name}, ${chip}: each kind of callback fails once, is told with where it was, and is called again${skipped}`, run);
  }
}

test.run();
