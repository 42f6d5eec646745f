/** The machine: parts on the buses and pins of a manifest. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { virtualClock } from "../../simulator/clock.ts";
import { createMachine, partNames, type Wiring } from "../../simulator/machine.ts";
import { createRng } from "../../simulator/rng.ts";
import { bench, bytes, hexText } from "./parts/bench.ts";

const AIR = { driver: "bme280", id: "air", bus: "i2c1", address: 0x76 };
const SOIL = { driver: "ds18b20", id: "soil", bus: "onewire1" };
const LIGHT = { driver: "analog", id: "light", pins: { pin: "D34" } };
const PINS = { sda: "D21", scl: "D22", bitrate: 100_000 };

test("the parts of a manifest are found by the names of their drivers, their signals by sensor", async () => {
  const { machine } = await bench([AIR, { ...AIR, id: "roof", address: 0x77 }, SOIL, LIGHT]);
  assert.equal([...machine.parts.keys()], ["air", "roof", "soil", "light"]);
  assert.is(machine.parts.get("roof")!.definition.title, "Bosch BME280");
  assert.is(machine.parts.get("roof")!.place, "i2c1 0x77");
  assert.equal(machine.world.names(), [
    "air.temperature", "air.humidity", "air.pressure",
    "roof.temperature", "roof.humidity", "roof.pressure",
    "soil.temperature", "light.value",
  ]);
  assert.ok(partNames().includes("bme280") && partNames().includes("analog"));
});

test("a driver without a virtual part is an error that says which file to add", async () => {
  const error = await bench([{ ...AIR, driver: "bme28" }]).then(() => undefined, (e: Error) => e);
  assert.is(error?.message,
    "there is no virtual part for the driver \"bme28\": add simulator/parts/bme28.ts, or did you mean \"bme280\"?");
  for (const driver of ["../machine", "bme280/trimming", ""]) {
    const refused = await bench([{ ...AIR, driver }]).then(() => undefined, (e: Error) => e);
    assert.match(refused?.message ?? "", /no virtual part/);
  }
});

test("a manifest that puts two parts at one place, or a part nowhere, is refused", async () => {
  const message = async (sensors: Parameters<typeof bench>[0]): Promise<string> =>
    bench(sensors).then(() => "", (error: Error) => error.message);
  assert.is(await message([AIR, { ...AIR, id: "roof" }]), "i2c1: two parts at address 0x76");
  assert.is(await message([LIGHT, { ...LIGHT, id: "dusk" }]), "two parts on the analog pin D34");
  assert.match(await message([{ ...AIR, bus: "i2c9" }]), /sensor "air" \(bme280\) has no I2C bus and address/);
  assert.match(await message([{ driver: "ds18b20", id: "soil" }]), /has no 1-Wire bus/);
  assert.match(await message([{ driver: "analog", id: "light" }]), /has no pin/);
});

test("an address where nobody is does not acknowledge, and that is no warning", async () => {
  const { machine, warnings } = await bench([AIR]);
  machine.i2cSetup("i2c1", PINS);
  assert.ok(machine.i2cWrite("i2c1", 0x76, bytes(0xd0)));
  assert.not(machine.i2cWrite("i2c1", 0x77, bytes(0xd0)));
  assert.is(machine.i2cRead("i2c1", 0x77, 1), undefined);
  assert.equal(warnings, []);
});

test("a bus before its setup, on other pins, or that does not exist, does not answer and warns once", async () => {
  const { machine, warnings } = await bench([AIR]);
  assert.not(machine.i2cWrite("I2C1", 0x76, bytes(0xd0)));
  assert.is(machine.i2cRead("I2C1", 0x76, 1), undefined);
  for (const pins of [{ sda: "D22", scl: "D21" }, { sda: "D21" }]) {
    machine.i2cSetup("I2C1", pins);
    assert.not(machine.i2cWrite("I2C1", 0x76, bytes(0xd0)));
  }
  assert.not(machine.i2cWrite("I2C2", 0x76, bytes(0xd0)));
  assert.not(machine.i2cWrite("I2C2", 0x76, bytes(0xd0)));
  machine.i2cSetup("I2C1", PINS);
  assert.ok(machine.i2cWrite("I2C1", 0x76, bytes(0xd0)));
  const wired = "but the board has it on sda D21, scl D22: nothing answers";
  assert.equal(warnings.map((text) => text.replace(" (at 0.000 s)", "")), [
    "i2c1: used before setup (the board has it on sda D21, scl D22): nothing answers",
    `i2c1: set up on sda D22, scl D21, ${wired}`,
    `i2c1: set up on sda D21, scl (none), ${wired}`,
    "the board file has no bus \"I2C2\" (it has i2c1): nothing answers",
  ]);
});

test("a pin without a 1-Wire bus has no presence and reads 1 bits", async () => {
  const { machine, warnings } = await bench([SOIL]);
  assert.not(machine.oneWireReset("D5"));
  machine.oneWireWrite("D5", bytes(0xcc));
  assert.is(hexText(machine.oneWireRead("D5", 2)), "ffff");
  assert.equal(machine.oneWireSearch("D5"), []);
  assert.equal(warnings, ["the board file has no 1-Wire bus on pin D5: nothing answers (at 0.000 s)"]);
  assert.ok(machine.oneWireReset("D4"));
  assert.is(machine.oneWireSearch("D4").length, 1);
});

test("every access is counted and logged, failures apart", async () => {
  const { machine, clock, log } = await bench([AIR, SOIL, LIGHT]);
  machine.i2cSetup("i2c1", PINS);
  clock.advance(1500);
  machine.i2cWrite("i2c1", 0x76, bytes(0xd0));
  machine.i2cRead("i2c1", 0x76, 1);
  machine.i2cRead("i2c1", 0x40, 1);
  machine.oneWireReset("D4");
  machine.analogRead("D34");
  assert.equal(machine.transfers, {
    "i2c write": 1, "i2c read": 2, "onewire reset": 1, "onewire write": 0, "onewire read": 0, "onewire search": 0,
    "uart write": 0, "uart read": 0, adc: 1, gpio: 0, failed: 1,
  });
  assert.equal(log.slice(0, 3), [
    { ms: 1500, kind: "i2c write", on: "i2c1", address: 0x76, bytes: "\xd0", ok: true },
    { ms: 1500, kind: "i2c read", on: "i2c1", address: 0x76, ok: true, bytes: "\x60" },
    { ms: 1500, kind: "i2c read", on: "i2c1", address: 0x40, ok: false },
  ]);
});

test("a digital pin keeps its level; one that was never written is low", async () => {
  const { machine } = await bench([]);
  assert.is(machine.digitalRead("D5"), 0);
  machine.digitalWrite("D5", 1);
  assert.is(machine.digitalRead("D5"), 1);
  machine.pins.set("D6", 1);
  assert.is(machine.digitalRead("D6"), 1);
});

test("a pin that the hardware gives no converter reads NaN", async () => {
  const manifest: Wiring = { buses: {}, sensors: [], adc: { bits: 10, referenceVolts: 1 } };
  const machine = await createMachine({
    manifest, clock: virtualClock(), rng: createRng(1), warn: () => undefined,
    pins: { D32: ["input", "adc"], D5: ["output"] },
  });
  assert.ok(machine.analogRead("D32") < 0.05);
  assert.ok(Number.isNaN(machine.analogRead("D5")));
  assert.ok(Number.isNaN(machine.analogRead("D99")));
});

test("faults are off, switched while running, and a wrong name lists what there is", async () => {
  const { machine } = await bench([AIR, SOIL]);
  assert.is(machine.parts.get("air")!.faults.size, 0);
  machine.setFault("air", "stuck", true);
  assert.equal([...machine.parts.get("air")!.faults], ["stuck"]);
  machine.setFault("air", "stuck", false);
  assert.is(machine.parts.get("air")!.faults.size, 0);
  assert.throws(() => machine.setFault("air", "absnt", true), "air has no fault \"absnt\": did you mean \"absent\"?");
  assert.throws(() => machine.setFault("roof", "absent", true), /there is no sensor and no I2C bus "roof": use one of air, soil, i2c1/);
  assert.throws(() => machine.setFault("i2c1", "absent", true), "i2c1 has no fault \"absent\": use one of low");
});

test("a part does not change because another sensor was added", async () => {
  const calibration = async (sensors: Parameters<typeof bench>[0]): Promise<string> => {
    const { machine } = await bench(sensors);
    machine.i2cSetup("i2c1", PINS);
    machine.i2cWrite("i2c1", 0x76, bytes(0x88));
    return hexText(machine.i2cRead("i2c1", 0x76, 26)) + machine.world.read("air.temperature");
  };
  assert.is(await calibration([AIR]), await calibration([SOIL, LIGHT, AIR]));
});

test("a world of one's own serves the parts", async () => {
  const { machine: other } = await bench([LIGHT]);
  const machine = await createMachine({
    manifest: {
      buses: {}, adc: { bits: 12, referenceVolts: 3.3 },
      sensors: [{
        ...LIGHT, options: {}, fields: [], intervalMs: 1000, publish: { qos: 0, retain: false, as: "json" },
      }],
    },
    clock: virtualClock(), rng: createRng(1), world: other.world, warn: () => undefined,
  });
  other.world.set("light.value", 0.75);
  assert.is(machine.analogRead("D34"), 0.75);
});

test.run();
