/**
 * Sensors of a node, on each engine: a part whose interrupt line is on a pin has a reading come when it says so; a
 * driver that fails, by a defect of its own, is called again.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildBoard, diagnostics, withNode, type Built } from "./board.ts";
import { engines } from "./engine-table.ts";

const BOARD = {
  name: "shed", hardware: "esp32-devkit", wifi: { ssid: "${WIFI_SSID}", password: "${WIFI_PASSWORD}" },
  mqtt: { url: "mqtt://127.0.0.1:1883", will: null, birth: null },
  buses: { i2c1: { sda: "D21", scl: "D22" }, onewire1: { pin: "D4" } },
  sensors: [
    { driver: "mpu6050", id: "door", bus: "i2c1", interrupt: "D27", motion: 40, interval: "1h" },
    { driver: "analog", id: "soil", pin: "D32", scale: [[0, 0], [1, 3.3]], interval: "5s" },
    { driver: "ds18b20", id: "air", bus: "onewire1", interval: "5s" },
  ],
};

/**
 * In front of the program: what the drivers call of the chip fails at some of its calls. The first reading of "soil"
 * fails in the driver's `open` or `sample`, a later one of "air" in the timer behind its conversion. Nothing of the
 * platform catches it there.
 */
const DEFECTS = {
  espruino: `(function(){
    function failing(o, name, calls) {
      var real = o[name], n = 0;
      o[name] = function(a) {
        n++;
        if (calls.indexOf(n) >= 0) throw new Error("broken " + name);
        return real.call(this, a);
      };
    }
    failing(global, "analogRead", [1, 4]);
    failing(OneWire.prototype, "read", [3]);
  })();`,
  nodemcu: `do
    local function failing(module, name, calls)
      local real, n = module[name], 0
      module[name] = function(...)
        n = n + 1
        if calls[n] then error("broken " .. name) end
        return real(...)
      end
    end
    failing(adc, "read", { [1] = true, [4] = true })
    failing(ow, "read_bytes", { [3] = true })
  end `,
};

/** Each second call fails: of the first pin the odd ones, of the other one the even ones. */
const TURNS = {
  espruino: `(function(){
    var real = analogRead, soil = 0, bed = 1;
    global.analogRead = function(pin) {
      if ((pin === D33 ? bed++ : soil++) % 2 === 0) throw new Error("broken");
      return real(pin);
    };
  })();`,
  nodemcu: `do
    local real, calls, first = adc.read, {}, nil
    adc.read = function(unit, channel)
      first = first or channel
      calls[channel] = (calls[channel] or channel == first and 0 or 1) + 1
      if calls[channel] % 2 == 1 then error("broken") end
      return real(unit, channel)
    end
  end `,
};

/** In one line: the lines of the program stay what they are. */
const before = (code: string, program: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(code.replace(/\s+/g, " ")), program]);

const broken = (built: Built, defects = DEFECTS): Built => {
  if (built.firmware instanceof Uint8Array) return { ...built, firmware: before(defects.espruino, built.firmware) };
  const program = before(defects.nodemcu, built.firmware["firmware.lua"]!);
  return { ...built, firmware: { ...built.firmware, "firmware.lua": program } };
};

for (const { name, board, options } of engines()) {
  const built = await buildBoard({ ...BOARD, ...board });

  test(`${name}: a motion is published at once, one that is too small is not, and the next one again`, async () => {
    await withNode(built, { engine: name, ...options }, async (node) => {
      const readings = (): { motion: string; acceleration_x: number }[] =>
        node.messages.filter(({ topic }) => topic === "shed/door").map(({ payload }) => JSON.parse(payload));
      for (const axis of ["ax", "ay", "az"]) node.world.set(`door.${axis}`, 0);
      await node.until("the first reading", () => readings().length > 0, 60_000);
      await node.run(2000);
      const before = readings().length;
      for (const [at, ax] of [0.2, -0.3].entries()) {
        node.world.set("door.ax", ax);
        // In real time the interpreter hears of it late; the interval is an hour.
        if (options.virtual === false) await node.until(`${ax} g`, () => readings().length > before + at, 60_000);
        else await node.run(200);
        assert.is(readings().length, before + at + 1, `${ax} g: no reading`);
        assert.is(readings().at(-1)!.motion, "ON");
      }
      node.world.set("door.ax", -0.29);
      await node.run(2000);
      assert.is(readings().length, before + 2, "10 mg are no motion");
    });
  });

  test(`${name}: a sensor whose driver fails is read again at its next interval, the others go on`, () =>
    withNode(broken(built), { engine: name, ...options }, async (node) => {
      const of = (id: string): number => node.messages.filter(({ topic }) => topic === `shed/${id}`).length;
      await node.until("a reading of air", () => of("air") > 0, 30_000);
      await node.run(30_000);
      await node.until("three errors", () => diagnostics(node)["faults"] === 3, 60_000);
      const { errors } = diagnostics(node);
      // What the real interpreter prints comes another way than what it publishes.
      const told = (): number => node.events.filter((event) =>
        event.type === "console" && /: broken (read|analogRead)/.test(event.line)).length;
      await node.until("all that was printed", () => told() >= 3, 20_000);
      assert.is(told(), 3);
      // The first reading, six intervals, the last of which may be under way; those that were lost.
      assert.ok(of("soil") >= 5 && of("air") >= 5, `${of("soil")} and ${of("air")} readings`);
      assert.equal(errors, { soil: { count: 2, reason: "" }, air: { count: 1, reason: "" } });
    }));

  test(`${name}: sensors that fail and work by turns, one of them each second, are reported all the same`, async () => {
    const soil = { ...BOARD.sensors[1]!, interval: "1s", samples: 1 };
    const two = await buildBoard({ ...BOARD, sensors: [soil, { ...soil, id: "bed", pin: "D33" }], ...board });
    await withNode(broken(two, TURNS), { engine: name, ...options }, async (node) => {
      const reports = (): number => node.messages.filter(({ topic }) => topic === "shed/diagnostics").length;
      await node.until("a session", () => reports() > 0, 60_000);
      const first = reports();
      await node.run(20_000);
      assert.ok(reports() - first >= 6, `${reports() - first} reports in 20 s`);
      assert.ok((diagnostics(node).errors["soil"] as { count: number }).count >= 6);
      assert.ok((diagnostics(node).errors["bed"] as { count: number }).count >= 6);
    });
  });
}

test.run();
