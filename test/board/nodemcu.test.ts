/** Boards that ask NodeMCU for what it lacks: what is wrong, where, and what to do. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Problem } from "../../tools/board/types.ts";
import { changed, type Json, load } from "./helper.ts";

const ESP8266 = { target: "nodemcu", hardware: "esp8266-nodemcu", buses: { i2c1: { sda: "D4", scl: "D5" } } };
const ESP32 = { target: "nodemcu" };
/** All that the greenhouse may need on an ESP8266, TLS aside. */
const MODULES = ["bit", "crypto", "encoder", "file", "i2c", "net", "node", "rtcmem", "tmr", "uart", "wifi"];
const without = (name: string): object => ({ modules: MODULES.filter((each) => each !== name) });
const AIR = { driver: "bme280", id: "air", address: "0x76" };
const on = (base: object, more: object) => (board: Json): Json => Object.assign(board, structuredClone(base), more);
const sensors = (...all: object[]): object => ({ sensors: all });
const UNVERIFIED = { tls: { verify: false } };

/** Name of the test, the board, path, words of what is said and of what to do, severity ("error" when absent). */
type Row = [string, (board: Json) => Json, string, string[], Problem["severity"]?];

const ROWS: Row[] = [
  ["the ESP8266 has one I2C bus", on(ESP8266, {
    buses: { i2c2: { sda: "D12", scl: "D13" } }, ...sensors({ ...AIR, bus: "i2c2" }),
  }), "buses.i2c2", ["esp8266-nodemcu has no bus i2c2", "\"i2c1\""]],
  ["the ESP32 has two", on(ESP32, {
    buses: { i2c3: { sda: "D21", scl: "D22" } }, ...sensors({ ...AIR, bus: "i2c3" }),
  }), "buses.i2c3", ["esp32-devkit has no bus i2c3", "\"i2c1\""]],
  ["no part is on SPI", on(ESP8266, { buses: { ...ESP8266.buses, spi1: { sck: "D14" } } }), "buses.spi1",
    ["does not say what kind", "i2c1"]],
  ["the ESP8266 has one serial port", on(ESP8266, {
    buses: { uart2: { rx: "D13", tx: "D12" } }, ...sensors({ driver: "mhz19", id: "co2", bus: "uart2" }),
  }), "buses.uart2", ["has no bus uart2", "\"uart1\""]],
  ["the ESP32's port of the console is not for parts", on(ESP32, {
    buses: { uart0: { rx: "D16", tx: "D17" } }, ...sensors({ driver: "mhz19", id: "co2", bus: "uart0" }),
  }), "buses.uart0", ["has no bus uart0", "\"uart1\""]],
  ["GPIO16 of the ESP8266 is no open drain, for 1-Wire", on(ESP8266, {
    buses: { onewire1: { pin: "D16" } }, ...sensors({ driver: "ds18b20", id: "t", bus: "onewire1" }),
  }), "buses.onewire1.pin", ["cannot be an open drain", "use one of D4"]],
  ["nor for a DHT22", on(ESP8266, sensors({ driver: "dht22", id: "t", pin: "D16" })), "sensors[0].pin",
    ["cannot be an open drain", "use one of D4"]],
  ["GPIO16 of the ESP8266 has no interrupt, for a contact", on(ESP8266, sensors({ driver: "contact", id: "door", pin: "D16" })),
    "sensors[0].pin", ["cannot tell when its level changes", "use one of D4"]],
  ["nor for a part's interrupt line", on(ESP8266, sensors(
    { driver: "mpu6050", id: "m", bus: "i2c1", interrupt: "D16", motion: 40 },
  )), "sensors[0].interrupt", ["cannot tell when its level changes", "use one of D4"]],
  ["nor to count pulses", on(ESP8266, sensors({ driver: "pulse", id: "rain", pin: "D16" })), "sensors[0].pin",
    ["cannot tell when its level changes"]],
  ["the ESP8266 measures voltages on A0 alone", on(ESP8266, sensors(
    { driver: "analog", id: "s", pin: "D14", scale: [[0, 0], [1, 1]] },
  )), "sensors[0].pin", ["no analog input", "use one of A0"]],
  ["ADC2 of the ESP32 is Wi-Fi's", on(ESP32, sensors(
    { driver: "analog", id: "s", pin: "D25", scale: [[0, 0], [1, 1]] },
  )), "sensors[0].pin", ["no analog input", "D32"]],
  ["the pins of the flash are its own", on(ESP8266, { buses: { i2c1: { sda: "D6", scl: "D5" } } }), "buses.i2c1.sda",
    ["flash memory", "use one of D4"]],
  ["the old driver of the ESP8266 knows one bitrate", on(ESP8266, {
    buses: { i2c1: { sda: "D4", scl: "D5", bitrate: 400000 } },
  }), "buses.i2c1.bitrate", ["100 kHz", "I2C_MASTER_OLD_VERSION"], "warning"],
  ["a firmware without i2c", on(ESP8266, { nodemcu: without("i2c") }), "nodemcu.modules",
    ["no module \"i2c\", which lib/platform/nodemcu/esp8266/i2c.ts needs", "build NodeMCU with it"]],
  ["a firmware without what WebSocket needs", on(ESP8266, { nodemcu: without("crypto"), mqtt: { url: "ws://broker/mqtt" } }),
    "nodemcu.modules", ["no module \"crypto\", which lib/platform/nodemcu/esp8266/crypto.ts needs", "do without"]],
  ["mqtts on a firmware without TLS", on(ESP8266, { nodemcu: without(""), mqtt: { url: "mqtts://broker", ...UNVERIFIED } }),
    "nodemcu.modules", ["no module \"tls\", which lib/platform/nodemcu/esp8266/tls.ts needs", "build NodeMCU with it"]],
  ["wss on a firmware without TLS", on(ESP8266, { nodemcu: without(""), mqtt: { url: "wss://broker/mqtt", ...UNVERIFIED } }),
    "nodemcu.modules", ["no module \"tls\"", "build NodeMCU with it"]],
  ["mqtts on the ESP32", on(ESP32, { mqtt: { url: "mqtts://broker", ...UNVERIFIED } }), "mqtt.url",
    ["has no TLS with NodeMCU", "mqtt:// or ws://"]],
  ["wss on the ESP32", on(ESP32, { mqtt: { url: "wss://broker/mqtt", ...UNVERIFIED } }), "mqtt.url",
    ["has no TLS with NodeMCU", "mqtt:// or ws://"]],
  ["TLS that knows no authority", on(ESP8266, { mqtt: { url: "mqtts://broker" } }), "mqtt.url",
    ["it would believe nobody", "mqtt.tls.ca"]],
  ["a server name", on(ESP8266, { mqtt: { url: "mqtts://broker", tls: { verify: false, serverName: "x" } } }),
    "mqtt.tls.serverName", ["cannot say a server name", "remove it"]],
  ["deep sleep", on(ESP8266, { sleep: "10m" }), "sleep", ["not supported yet", "remove it"]],
  ["code in the heap of an ESP8266", on(ESP8266, { nodemcu: { lfs: false } }), "nodemcu.lfs",
    ["there is little", "set it to true"], "warning"],
  ["buffers beyond the heap", on(ESP8266, { mqtt: { url: "mqtt://b", offline: { messages: 500, bytes: 60000 } } }), "mqtt",
    ["more than half of what esp8266-nodemcu has", "lower"]],
  ["a thermometer of the ESP8266", on(ESP8266, sensors({ driver: "chip", id: "self", quantities: ["temperature"] })),
    "sensors[0].quantities", ["no thermometer that nodemcu reads", "give quantities without temperature"]],
  ["a signal of the ESP32", on(ESP32, sensors({ driver: "chip", id: "self", quantities: ["rssi"] })), "sensors[0].quantities",
    ["no rssi on the ESP32", "give quantities without it"]],
];

for (const [name, board, path, words, severity = "error"] of ROWS) {
  test(`NodeMCU lacks: ${name}`, async () => {
    const { problems, board: loaded } = await load(changed(board));
    const told = problems.map((p) => `${p.severity} ${p.path}: ${p.message}. ${p.suggestion ?? ""}`);
    const found = problems.filter((p) => p.path === path && p.severity === severity)
      .map((p) => `${p.message}. ${p.suggestion ?? ""}`);
    assert.ok(found.some((text) => words.every((word) => text.includes(word))), told.join("\n"));
    assert.is(problems.filter((p) => p.severity === "error").length, severity === "error" ? 1 : 0, told.join("\n"));
    assert.is(loaded === undefined, severity === "error");
  });
}

test("LFS on an ESP32, and all of the modules, are no mistakes", async () => {
  assert.equal((await load(changed(on(ESP32, { nodemcu: { lfs: true } })))).problems, []);
  assert.equal((await load(changed(on(ESP8266, { nodemcu: without("") })))).problems, []);
});

test.run();
