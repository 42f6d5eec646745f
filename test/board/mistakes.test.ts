/** Bad boards and what is said of them: each row is a change, the path that is named, and words of the sentence. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Problem } from "../../tools/board/types.ts";
import { changed, type Json, load } from "./helper.ts";

const ONE_WIRE = { driver: "ds18b20", id: "probe", bus: "onewire1" };
const ANALOG = { driver: "analog", id: "soil", pin: "D34", field: "moisture", unit: "%",
  scale: [[0, 0], [1, 100]] };
const AIR = { driver: "bme280", id: "air2", bus: "i2c1", address: "0x77" };

/** Name of the test, change, path, words, severity ("error" when absent). */
type Row = [string, (board: Json) => void, string, string[], Problem["severity"]?];

const ROWS: Row[] = [
  ["a mistyped driver gets the nearest one", (b) => b.sensors[0].driver = "bme208", "sensors[0].driver",
    ["no driver \"bme208\"", "did you mean \"bme280\"?"]],
  ["a driver that resembles none gets the list", (b) => b.sensors[0].driver = "xyzzy-plugh", "sensors[0].driver",
    ["no driver", "ads1115", "bme280"]],
  ["unknown hardware gets the nearest", (b) => b.hardware = "esp32-devkitt", "hardware",
    ["did you mean \"esp32-devkit\"?"]],
  ["an unknown key of the board gets the nearest", (b) => b.sensor = [], "sensor",
    ["no key", "did you mean \"sensors\"?"]],
  ["an unknown key of mqtt gets the nearest", (b) => b.mqtt.keepalive = "5s", "mqtt.keepalive",
    ["did you mean \"keepAlive\"?"]],
  ["an unknown key of a sensor is found", (b) => b.sensors[0].adress = "0x76", "sensors[0].adress",
    ["did you mean \"address\"?"]],
  ["an unknown key of wifi is found", (b) => b.wifi.pass = "x", "wifi.pass", ["no key"]],
  ["an unknown key of publish is found", (b) => b.sensors[0].publish.format = "json", "sensors[0].publish.format",
    ["no key"]],
  ["a mistyped \"driver\" is one mistake", (b) => {
    b.sensors[0].drvier = b.sensors[0].driver;
    delete b.sensors[0].driver;
  }, "sensors[0].drvier", ["did you mean \"driver\"?"]],

  ["actuators are not there yet", (b) => b.actuators = [], "actuators", ["not supported yet"]],
  ["a key that is not there yet is known in any case", (b) => b.homeassistant = true, "homeassistant",
    ["\"homeAssistant\" is not supported yet"]],
  ["Home Assistant is not there yet", (b) => b.homeAssistant = true, "homeAssistant", ["not supported yet"]],
  ["a missing name is named", (b) => delete b.name, "name", ["missing"]],
  ["a missing URL is named with an example", (b) => delete b.mqtt.url, "mqtt.url", ["missing", "mqtt://"]],
  ["a missing bus is named", (b) => delete b.sensors[0].bus, "sensors[0].bus", ["missing", "i2c1"]],
  ["a name has no slash", (b) => b.name = "green/house", "name", ["green/house", "letters, digits"]],
  ["an id has no slash", (b) => b.sensors[0].id = "a/b", "sensors[0].id", ["letters, digits"]],
  ["a board needs a sensor", (b) => b.sensors = [], "sensors", ["empty"]],
  ["sensors are a list", (b) => b.sensors = {}, "sensors", ["a list", "not an object"]],
  ["a number is no duration", (b) => b.sensors[0].interval = 30, "sensors[0].interval",
    ["text", "not a number", "30s"]],
  ["a duration needs a unit", (b) => b.sensors[0].interval = "30", "sensors[0].interval", ["\"30\"", "\"30s\""]],
  ["text is no flag", (b) => b.mqtt.cleanSession = "yes", "mqtt.cleanSession", ["true or false", "not text"]],
  ["a count is whole", (b) => b.mqtt.inflight.messages = 1.5, "mqtt.inflight.messages", ["whole number", "1.5"]],
  ["a count has a least", (b) => b.mqtt.inflight.messages = 0, "mqtt.inflight.messages", ["too small", "1"]],
  ["whenFull has three words", (b) => b.mqtt.offline.whenFull = "newest", "mqtt.offline.whenFull",
    ["reject, oldest, latest"]],
  ["a board file says offline.whenFull, not keep", (b) => b.mqtt.offline.keep = "newest", "mqtt.offline.keep",
    ["no key"]],
  ["will and birth are an object or null", (b) => b.mqtt.will = "offline", "mqtt.will", ["an object", "null"]],
  ["settings of NodeMCU are for it alone", (b) => b.nodemcu = { lua: "5.3" }, "nodemcu",
    ["the target is espruino", "set \"target\": \"nodemcu\""]],
  ["NodeMCU's Lua is 5.1 or 5.3", (b) => Object.assign(b, { target: "nodemcu", nodemcu: { lua: "5.4" } }), "nodemcu.lua",
    ["5.1, 5.3"]],
  ["NodeMCU does not run on each hardware", (b) =>
    Object.assign(b, { target: "nodemcu", hardware: "esp32-c3", buses: { i2c1: { sda: "D6", scl: "D7" } } }),
  "hardware", ["does not run nodemcu", "it runs espruino"]],
  ["NodeMCU has no TLS on the ESP32", (b) => {
    b.target = "nodemcu";
    b.mqtt.url = "mqtts://broker";
  }, "mqtt.url", ["esp32-devkit has no TLS with NodeMCU", "mqtt://"]],
  ["a NodeMCU of one's own build has what the board needs", (b) =>
    Object.assign(b, { target: "nodemcu", nodemcu: { modules: ["file", "net", "node", "tmr", "uart", "wifi"] } }),
  "nodemcu.modules", ["no module \"i2c\"", "i2c.ts needs", "build NodeMCU with it"]],
  ["the boot guard has needs of its own", (b) =>
    Object.assign(b, { target: "nodemcu", nodemcu: { modules: ["i2c", "net", "node", "tmr", "uart", "wifi"] } }),
  "nodemcu.modules", ["no module \"file\"", "init.lua needs"]],
  ["GPIO16 of the ESP8266 is for reading and writing alone with NodeMCU", (b) => {
    Object.assign(b, { target: "nodemcu", hardware: "esp8266-nodemcu", buses: { i2c1: { sda: "D16", scl: "D5" } } });
  }, "buses.i2c1.sda", ["D16", "use one of"]],
  ["there is one I2C bus on the ESP8266", (b) => {
    Object.assign(b, { target: "nodemcu", hardware: "esp8266-nodemcu" });
    b.buses = { i2c1: { sda: "D4", scl: "D5" }, i2c2: { sda: "D12", scl: "D14" } };
  }, "buses.i2c2", ["has no bus i2c2"]],
  ["an unknown target gets the nearest", (b) => b.target = "esprino", "target", ["did you mean \"espruino\"?"]],

  ["Espruino verifies no broker of mqtts", (b) => b.mqtt.url = "mqtts://broker", "mqtt.url",
    ["cannot verify a broker", "mqtt.tls.verify to false"]],
  ["Espruino verifies no broker of wss", (b) => b.mqtt.url = "wss://broker/mqtt", "mqtt.url", ["cannot verify a broker"]],
  ["http is no broker", (b) => b.mqtt.url = "http://broker", "mqtt.url", ["mqtt://"]],
  ["a URL needs its scheme", (b) => b.mqtt.url = "broker.local", "mqtt.url", ["not the URL", "mqtt://host"]],
  ["a URL has no login", (b) => b.mqtt.url = "mqtt://u:geheim@broker", "mqtt.url", ["mqtt.username"]],
  ["a port is a number", (b) => b.mqtt.url = "mqtt://broker:70000", "mqtt.url", ["port", "1883"]],
  ["an MQTT URL has no path", (b) => b.mqtt.url = "mqtt://broker/path", "mqtt.url", ["no path"]],
  ["keep-alive is whole seconds", (b) => b.mqtt.keepAlive = "1500ms", "mqtt.keepAlive", ["whole seconds"]],
  ["keep-alive has 16 bits", (b) => b.mqtt.keepAlive = "1d", "mqtt.keepAlive", ["65535s"]],
  ["there is no QoS 3", (b) => b.sensors[0].publish.qos = 3, "sensors[0].publish.qos", ["0", "1", "2"]],
  ["an age is a duration", (b) => b.mqtt.offline.maxAge = "old", "mqtt.offline.maxAge", ["duration"]],
  ["QoS 3 does not exist", (b) => b.sensors[0].publish.qos = 3, "sensors[0].publish.qos", ["3 is not one of 0, 1"]],
  ["a topic has no wildcards [MQTT-3.3.2-2]", (b) => b.mqtt.will.topic = "a/+/b", "mqtt.will.topic", ["wildcards"]],
  ["a topic is not empty [MQTT-4.7.3-1]", (b) => b.mqtt.birth.topic = "", "mqtt.birth.topic", ["empty"]],
  ["a topic has no U+0000 [MQTT-1.5.3-2]", (b) => b.mqtt.birth.topic = "a\0b", "mqtt.birth.topic", ["U+0000"]],
  ["a topic is UTF-8 [MQTT-1.5.3-1]", (b) => b.mqtt.birth.topic = "a\ud800b", "mqtt.birth.topic", ["surrogate"]],
  ["a topic has at most 65535 bytes", (b) => b.mqtt.birth.topic = "ä".repeat(32768), "mqtt.birth.topic", ["65535"]],
  ["a password needs a user name [MQTT-3.1.2-22]", (b) => delete b.mqtt.username, "mqtt.password", ["user name"]],
  ["an empty client id needs a clean session [MQTT-3.1.3-7]", (b) => b.mqtt.clientId = "", "mqtt.clientId",
    ["clean session"]],
  ["a literal password is a warning", (b) => b.wifi.password = "12345678", "wifi.password",
    ["written in the board file", "${WIFI_PASSWORD}"], "warning"],
  ["a literal broker password is a warning", (b) => b.mqtt.password = "x", "mqtt.password", ["${MQTT_PASSWORD}"],
    "warning"],
  ["a WPA password has 8 characters", (b) => b.wifi.password = "short", "wifi.password", ["8 to 63"]],
  ["a network's name has 32 bytes", (b) => b.wifi.ssid = "x".repeat(33), "wifi.ssid", ["32 bytes"]],
  ["a secret is not used elsewhere", (b) => b.sensors[0].id = "${WIFI_PASSWORD}", "sensors[0].id",
    ["cannot be used here"]],
  ["a malformed reference is found", (b) => b.wifi.ssid = "${WIFI SSID}", "wifi.ssid", ["malformed", "${NAME}"]],

  ["a pin that the board lacks", (b) => b.buses.i2c1.sda = "D99", "buses.i2c1.sda", ["no pin \"D99\""]],
  ["a GPIO number is recognised", (b) => b.buses.i2c1.sda = "GPIO21", "buses.i2c1.sda", ["did you mean \"D21\"?"]],
  ["a pin of the flash", (b) => b.buses.i2c1.sda = "D6", "buses.i2c1.sda", ["flash", "use one of"]],
  ["I2C on a pin that is input only", (b) => b.buses.i2c1.scl = "D34", "buses.i2c1.scl",
    ["D34 is input only", "use one of"]],
  ["a boot pin is a warning", (b) => b.buses.i2c1.sda = "D12", "buses.i2c1.sda", ["boots"], "warning"],
  ["a console pin is a warning", (b) => b.buses.i2c1.sda = "D1", "buses.i2c1.sda", ["console"], "warning"],
  ["a pin in use twice names both", (b) => b.buses.i2c1.scl = "D21", "buses.i2c1.scl",
    ["D21 is used 2 times", "buses.i2c1.sda, buses.i2c1.scl"]],
  ["a pin shared by two buses", (b) => b.buses.onewire1 = { pin: "D22" }, "buses.onewire1.pin", ["buses.i2c1.scl"]],
  ["a bus takes one sensor with the driver ds18b20", (b) => {
    b.buses.onewire1 = { pin: "D4" };
    b.sensors.push(ONE_WIRE, { ...ONE_WIRE, id: "other" });
  }, "sensors[2].bus", ["onewire1 has", "ds18b20", "sensors[1] (probe)", "`probes` of one sensor"]],
  ["an analog sensor needs a converter", (b) => b.sensors.push({ ...ANALOG, pin: "D4" }), "sensors[1].pin",
    ["D4 cannot measure", "D34"]],
  ["an analog sensor has no bus", (b) => b.sensors.push({ ...ANALOG, bus: "i2c1" }), "sensors[1].bus",
    ["pin, not on a bus"]],
  ["a bus sensor has no pin", (b) => b.sensors[0].pin = "D4", "sensors[0].pin", ["\"bus\""]],
  ["a bus that the hardware lacks", (b) => b.buses.i2c3 = { sda: "D18", scl: "D19" }, "buses.i2c3",
    ["no bus i2c3", "i2c"]],
  ["a bus of no known kind", (b) => b.buses.spi1 = {}, "buses.spi1", ["kind of bus", "i2c1"]],
  ["a bus without its clock", (b) => delete b.buses.i2c1.scl, "buses.i2c1.scl", ["missing"]],
  ["a bus that is not declared", (b) => b.sensors[0].bus = "i2c2", "sensors[0].bus", ["no bus \"i2c2\"", "i2c1"]],
  ["a bus of the wrong type", (b) => {
    b.buses.onewire1 = { pin: "D4" };
    b.sensors[0].bus = "onewire1";
  }, "sensors[0].bus", ["an I2C bus", "onewire1 is a 1-Wire bus", "use i2c1"]],
  ["1-Wire on an I2C bus", (b) => b.sensors.push({ ...ONE_WIRE, bus: "i2c1" }), "sensors[1].bus", ["1-Wire bus"]],
  ["an address that the part cannot have", (b) => b.sensors[0].address = "0x40", "sensors[0].address", ["0x76, 0x77"]],
  ["an address is text", (b) => b.sensors[0].address = 118, "sensors[0].address", ["text", "not a number"]],
  ["two parts at one address", (b) => b.sensors.push({ ...AIR, address: "0x76" }), "sensors[1].address",
    ["0x76 on i2c1", "sensors[0] (air)", "0x77"]],
  ["two parts at the default address", (b) => {
    delete b.sensors[0].address;
    b.sensors.push({ ...AIR, address: "0x76" });
  }, "sensors[1].address", ["already"]],
  ["two sensors of one id", (b) => b.sensors.push({ ...AIR, id: "air" }), "sensors[1].id", ["sensors[0]"]],
  ["an id that is a topic of the node", (b) => b.sensors[0].id = "diagnostics", "sensors[0].id", ["topic of the node"]],
  ["an interval below the conversion time", (b) => b.sensors[0].interval = "5ms", "sensors[0].interval",
    ["shorter than a measurement", "ms"]],
  ["an interval of nothing", (b) => b.sensors[0].interval = "0s", "sensors[0].interval", ["interval is 0"]],
  ["an interval that no timer can wait", (b) => b.sensors[0].interval = "30d", "sensors[0].interval", ["24d"]],
  ["a watchdog below a second", (b) => b.watchdog = "10ms", "watchdog", ["one second", "off"]],
  ["a packet that no in-flight buffer takes", (b) => b.mqtt.inflight.bytes = 40, "sensors[0]",
    ["in-flight buffer takes 40", "mqtt.inflight.bytes"]],
  ["a birth message that no in-flight buffer takes", (b) => b.mqtt.birth.payload = "x".repeat(300), "mqtt.birth",
    ["takes 256"]],
  ["a will that no in-flight buffer takes", (b) => b.mqtt.will.payload = "x".repeat(300), "mqtt.will", ["takes 256"]],
  ["a reading that the offline queue cannot take", (b) => b.mqtt.offline.bytes = 20, "sensors[0]",
    ["offline queue takes 20"]],
  ["a reading of more messages than the offline queue has slots", (b) => {
    b.mqtt.offline.messages = 2;
    b.sensors[0].publish.as = "value";
  }, "sensors[0]", ["3 messages", "takes 2", "mqtt.offline.messages"]],
  ["buffers beyond half of the heap", (b) => Object.assign(b.mqtt.inflight, { messages: 50, bytes: 2000 }), "mqtt",
    ["more than half", "esp32-devkit", "mqtt.inflight.messages"]],
  ["a probe's name is a word", (b) => {
    b.buses.onewire1 = { pin: "D4" };
    b.sensors.push({ ...ONE_WIRE, probes: { "in let": "28ff641e8d3c0cda" } });
  }, "sensors[1].probes[\"in let\"]", ["\"in let\" is not valid"]],
  ["what a driver says of its options is told at their place", (b) => {
    b.buses.onewire1 = { pin: "D4" };
    b.sensors.push({ ...ONE_WIRE, probes: { inlet: "28ff641e8d3c0c7a" } });
  }, "sensors[1].probes.inlet", ["check byte"]],
  ["a driver's own nested keys are checked", (b) => b.sensors[0].oversampling = { temprature: 2 },
    "sensors[0].oversampling.temprature", ["did you mean \"temperature\"?"]],
  ["extends is text", (b) => b.extends = 5, "extends", ["text"]],
];

for (const [name, change, path, words, severity = "error"] of ROWS) {
  test(`mistake: ${name}`, async () => {
    const { problems, board } = await load(changed(change));
    const told = problems.map((p) => `${p.severity} ${p.path}: ${p.message}. ${p.suggestion ?? ""}`);
    const found = problems.filter((p) => p.path === path && p.severity === severity)
      .map((p) => `${p.message}. ${p.suggestion ?? ""}`);
    assert.ok(found.some((text) => words.every((word) => text.includes(word))),
      `expected ${severity} at ${path} with ${words.join(" | ")}, got\n${told.join("\n")}`);
    assert.is(board === undefined, severity === "error");
    assert.is(problems.filter((p) => p.severity === severity).length, 1,
      `more was told than the mistake:\n${told.join("\n")}`);
    for (const text of told) assert.not.match(text, /must match|schema is|undefined|NaN|\[object/);
  });
}

test("a good board has no problems", async () => {
  assert.equal((await load(changed(() => undefined))).problems, []);
});

test("all mistakes are told at once, in the order of the file, each with its line", async () => {
  const { problems } = await load(changed((b) => {
    b.hardware = "esp32-devkitt";
    b.mqtt.url = "ws://";
    b.mqtt.will.topic = "#";
    b.mqtt.inflight.bytes = 20;
    b.buses.i2c1.speed = 5;
    b.sensors.push({ ...AIR, id: "air", address: "0x10", interval: "1 hour" }, { driver: "bme" });
    b.homeAssistant = true;
  }));
  const paths = problems.map(({ path }) => path);
  for (const path of ["hardware", "mqtt.url", "mqtt.will.topic", "mqtt.birth", "sensors[0]", "buses.i2c1.speed", "sensors[1].id", "sensors[1].address", "sensors[1].interval", "sensors[2].driver",
    "sensors[2].id", "homeAssistant"]) {
    assert.ok(paths.includes(path), `${path} is missing in ${paths.join(", ")}`);
  }
  const lines = problems.map(({ line }) => line!);
  assert.equal(lines, lines.toSorted((a, b) => a - b));
  assert.is(new Set(problems.map((p) => `${p.path} ${p.message}`)).size, problems.length);
});

test("a part on the pins that its bus has no choice of is told which", async () => {
  const { problems } = await load(changed((b) => {
    b.hardware = "espruino-wifi";
    b.buses.i2c1 = { sda: "B3", scl: "B6" };
  }));
  const { message, suggestion } = problems.find(({ path }) => path === "buses.i2c1.sda")!;
  assert.match(`${message} ${suggestion}`, /i2c1 of espruino-wifi cannot have B3.*B7, B9/);
});

test.run();
