/** What is said of bad sensors: the path that is named, and words of the sentence; nothing else is told. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { changed, load } from "./helper.ts";

/** A sensor beside the BME280 of the greenhouse (i2c1, 0x76), buses that it needs, path inside the board, words. */
type Row = [string, object | object[], string, string[], object?];

const I2C = { id: "x", bus: "i2c1", interval: "1m" };
const PINS = { id: "x", interval: "1m" };
const UART = { uart1: { rx: "D16", tx: "D17" } };
const FAST = (bitrate: number): object => ({ i2c1: { sda: "D21", scl: "D22", bitrate } });
const ONE_WIRE = { onewire1: { pin: "D4" } };

const ROWS: Row[] = [
  ["an address of another part", { ...I2C, driver: "scd4x", address: "0x61" }, "sensors[1].address", ["0x62"]],
  ["an address that is a number", { ...I2C, driver: "ens160", address: 0x53 }, "sensors[1].address", ["double quotes"]],
  ["another part at the same address", { ...I2C, driver: "bme680", address: "0x76" }, "sensors[1].address",
    ["already that of sensors[0] (air)", "0x77"]],
  ["two parts of one fixed address", [{ ...I2C, driver: "htu21d" }, { ...I2C, id: "y", driver: "hdc1080" }],
    "sensors[2].address", ["0x40 on i2c1", "sensors[1] (x)", "another bus"]],
  ["a default address that is taken", [{ ...I2C, driver: "htu21d" }, { ...I2C, id: "y", driver: "ina219", shuntOhms: 0.1 }],
    "sensors[2].address", ["0x40", "0x41"]],
  ["a bus that is too fast for CO2", { ...I2C, driver: "scd4x" }, "buses.i2c1.bitrate",
    ["scd4x, sensors[1] (x), bears 100 kHz at most, not 400 kHz", "100000"], FAST(400_000)],
  ["a bus that is too fast for all but its BME280", { ...I2C, driver: "tmp117" }, "buses.i2c1.bitrate",
    ["tmp117", "400 kHz at most, not 1000 kHz"], FAST(1_000_000)],
  ["an altitude beyond the part's", { ...I2C, driver: "scd4x", altitude: 9000 }, "sensors[1].altitude", ["too large", "3000"]],
  ["an altitude as text", { ...I2C, driver: "scd4x", altitude: "450 m" }, "sensors[1].altitude", ["whole number", "not text"]],
  ["an interval below the low power's", { ...I2C, driver: "scd4x", lowPower: true, interval: "5s" }, "sensors[1].interval",
    ["30000 ms", "30s"]],
  ["an interval below the part's period", { ...I2C, driver: "scd30", period: 120 }, "sensors[1].interval", ["2m"]],
  ["altitude and pressure", { ...I2C, driver: "scd30", altitude: 400, pressure: 985 }, "sensors[1].altitude", ["leave one"]],
  ["a period below the part's", { ...I2C, driver: "scd30", period: 1 }, "sensors[1].period", ["the least is 2"]],
  ["half a baseline", { ...I2C, driver: "sgp30", baseline: { tvoc: 1 } }, "sensors[1].baseline.eco2", ["missing"]],
  ["a time as text", { ...I2C, driver: "ccs811", warmUp: "20m" }, "sensors[1].warmUp", ["not text", "20"]],
  ["a number that is none of a list", { ...I2C, driver: "ccs811", period: 8 }, "sensors[1].period",
    ["8 is not one of 1, 10, 60", "did you mean 10?"]],
  ["an interrupt that tells nothing", { ...I2C, driver: "mpu6050", interrupt: "D27" }, "sensors[1].interrupt",
    ["\"motion\": 40"]],
  ["an interrupt on a pin of the bus", { ...I2C, driver: "mpu6050", interrupt: "D21", motion: 40 }, "sensors[1].interrupt",
    ["D21", "buses.i2c1.sda"]],
  ["an interrupt of a part without one", { ...I2C, driver: "bmp280", address: "0x77", interrupt: "D27" },
    "sensors[1].interrupt", ["no key \"interrupt\""]],
  ["a step that is none", { ...I2C, driver: "mpu6050", motion: 41 }, "sensors[1].motion", ["multiple of 2"]],
  ["a full scale that is none", { ...I2C, driver: "mpu6050", rotation: 300 }, "sensors[1].rotation", ["did you mean 250?"]],
  ["a heater that is too cold", { ...I2C, driver: "bme680", address: "0x77", heater: 100 }, "sensors[1].heater", ["200 to 400"]],
  ["a heater that is too hot", { ...I2C, driver: "bme680", address: "0x77", heater: 500 }, "sensors[1].heater", ["400"]],
  ["a quantity that the part has not", { ...I2C, driver: "bmp280", address: "0x77", oversampling: { humidity: 2 } },
    "sensors[1].oversampling.humidity", ["temperature, pressure"]],
  ["a package that is none", { ...I2C, driver: "tsl2561", package: "fn" }, "sensors[1].package", ["t, cs"]],
  ["a gain that is none", { ...I2C, driver: "veml7700", gain: 4 }, "sensors[1].gain", ["did you mean 2?"]],
  ["a shunt of nothing", { ...I2C, driver: "ina219", shuntOhms: 0 }, "sensors[1].shuntOhms", ["more than 0"]],
  ["an input that is none", { ...I2C, driver: "ads1115", inputs: ["a4"] }, "sensors[1].inputs[0]", ["a0"]],
  ["a serial part on I2C", { ...I2C, driver: "gps" }, "sensors[1].bus", ["serial port", "uart1"]],
  ["a rate that the part has not", { ...I2C, bus: "uart1", driver: "gps" }, "buses.uart1.baud", ["12345", "9600"],
    { uart1: { ...UART.uart1, baud: 12345 } }],
  ["two parts on a serial port", [{ ...I2C, bus: "uart1", driver: "gps" }, { ...I2C, id: "y", bus: "uart1", driver: "mhz19" }],
    "sensors[2].bus", ["sensors[1] (x)", "its own"], UART],
  ["a rate at the sensor", { ...I2C, bus: "uart1", driver: "mhz19", baud: 9600 }, "sensors[1].baud", ["no key"], UART],
  ["a serial port on pins of I2C", { ...I2C, bus: "uart1", driver: "gps" }, "buses.uart1.rx", ["D21", "buses.i2c1.sda"],
    { uart1: { rx: "D21", tx: "D17" } }],
  ["a pin that cannot drive", { ...PINS, driver: "dht22", pin: "D34" }, "sensors[1].pin", ["input only", "use one of"]],
  ["an interval below what a DHT22 bears", { ...PINS, driver: "dht22", pin: "D4", interval: "1s" }, "sensors[1].interval",
    ["shorter"]],
  ["two pins that are one", { ...PINS, driver: "hcsr04", trigger: "D4", echo: "D4" }, "sensors[1].echo", ["used 2 times"]],
  ["a pin that is missing", { ...PINS, driver: "hcsr04", trigger: "D4" }, "sensors[1].echo", ["missing"]],
  ["two sensors on a 1-Wire bus", [
    { ...I2C, bus: "onewire1", driver: "ds18b20" }, { ...I2C, id: "y", bus: "onewire1", driver: "ds18b20" },
  ], "sensors[2].bus", ["`probes` of one sensor"], ONE_WIRE],
  ["a class that has no such unit", {
    ...PINS, driver: "analog", pin: "D34", field: "t", unit: "V", deviceClass: "temperature", scale: [[0, 0], [1, 1]],
  }, "sensors[1].unit", ["temperature", "\"V\"", "°C"]],
  ["a class without its unit", {
    ...PINS, driver: "analog", pin: "D34", field: "t", deviceClass: "voltage", scale: [[0, 0], [1, 1]],
  }, "sensors[1].deviceClass", ["voltage", "V, mV"]],
];

for (const [name, sensors, path, words, buses = {}] of ROWS) {
  test(`mistake of a sensor: ${name}`, async () => {
    const { problems, board } = await load(changed((b) => {
      Object.assign(b.buses, buses);
      b.sensors.push(...[sensors].flat());
    }));
    const told = problems.map((p) => `${p.severity} ${p.path}: ${p.message}. ${p.suggestion ?? ""}`);
    assert.is(told.length, 1, told.join("\n"));
    assert.ok(told[0]!.startsWith(`error ${path}: `) && words.every((word) => told[0]!.includes(word)), told[0]);
    assert.not.match(told[0]!, /must match|schema is|undefined|NaN|\[object/);
    assert.is(board, undefined);
  });
}

test.run();
