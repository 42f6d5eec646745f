/** An error in any callback of NodeMCU's platform is caught, counted, told with its traceback, and ends nothing. */
import { duplexPair } from "node:stream";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Bench } from "../simulator/bench.ts";
import { boot, nameOf, pinNumber, TARGETS, type Target } from "./nodemcu.ts";

/** Each of them fails at its first call. */
const CALLBACKS = ["timer", "edge", "turn", "bytes", "up", "down", "open", "data", "drain", "close"];

const program = (target: Target): string => `
import { input } from "#platform/gpio";
import { connector } from "#platform/net";
import { quadrature } from "#platform/quadrature";
import { faults } from "#platform/system";
import { after } from "#platform/timer";
import { uart } from "#platform/uart";
import { join } from "#platform/wifi";
declare const error: (this: void, text: string) => void;

const failing = (name: string): (this: void) => void => {
  let calls = 0;
  return () => {
    calls++;
    print(name, calls);
    if (calls === 1) {
      error("broken " + name);
    }
  };
};
const ${CALLBACKS.map((name) => `${name} = failing("${name}")`).join(", ")};
after(timer, 10);
after(timer, 20);
input(${pinNumber(target, 5)} as never, true).watch(0, edge);
quadrature(${pinNumber(target, 12)} as never, ${pinNumber(target, 14)} as never, true).onTurn(turn);
uart(${target.chip === "ESP32" ? "2 as never, 16 as never, 17" : "0 as never, 9 as never, 10"} as never, 9600).onData(bytes);
join("home", "secret", up, down);
const open = connector("broker", 1883);
const dial = (): void => {
  const link = open(opened, data, close, drain)!;
  after(() => {
    link.write("x");
    link.write("y");
  }, 200);
};
after(dial, 3000);
after(dial, 6000);
after(() => print("faults", faults), 29000);
`.replace("open = failing", "opened = failing");

/** What comes from outside: edges, turns, bytes, a server that echoes and hangs up, Wi-Fi that goes and comes. */
const happen = (target: Target) => (bench: Bench): void => {
  const { clock, machine, network } = bench;
  const rx = target.chip === "ESP32" ? "D16" : "D3";
  machine.lines.attach({
    attach: ({ door, a, b }) => {
      a!.drive(1, 0);
      b!.drive(1, 0);
      for (const [at, ms] of [100, 300, 500].entries()) {
        door!.drive(at % 2 === 0 ? 0 : 1, ms);
        a!.drive(at % 2 === 0 ? 0 : 1, ms);
        b!.drive(at % 2 === 0 ? 0 : 1, ms + 2);
      }
    },
  }, { door: "D5", a: "D12", b: "D14" });
  for (const ms of [150, 250]) clock.after(ms, () => machine.received.push([rx, "?"]));
  network.route("broker", 1883, {
    open() {
      const [node, server] = duplexPair();
      server.on("error", () => {}).on("data", (bytes) => {
        server.write(bytes);
        clock.after(500, () => server.end());
      });
      node.on("close", () => server.destroy());
      return node;
    },
  });
  for (const [at, ms] of [9000, 18_000, 21_000].entries()) clock.after(ms, () => network.setWifi(at === 1));
};

for (const target of TARGETS) {
  test(`${nameOf(target)}: each kind of callback fails once, is told with a traceback, and is called again`, async () => {
    const bench = await boot(program(target), target, {}, happen(target));
    try {
      await bench.pass(30_000);
      const { lines } = bench;
      for (const name of CALLBACKS) {
        const calls = lines.filter((line) => line.startsWith(`${name}\t`));
        assert.equal(calls.slice(0, 2), [`${name}\t1`, `${name}\t2`], `${name}:\n${lines.join("\n")}`);
        const told = lines.findIndex((line) => line.endsWith(`broken ${name}`));
        assert.is(lines[told + 1], "stack traceback:", `${name}:\n${lines.join("\n")}`);
        assert.ok(/init\.lua:\d+: in /.test(lines.slice(told + 2, told + 5).join("\n")), lines.join("\n"));
      }
      assert.ok(lines.includes(`faults\t${CALLBACKS.length}`), lines.join("\n"));
      assert.equal(bench.resets, []);
      // Such as of a second send before the first one was acknowledged.
      assert.equal(bench.warnings, []);
    } finally {
      await bench.close();
    }
  });
}

test.run();
