/** Filters in board files: what fits, what is said of what does not, what becomes of the fields. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadDrivers } from "../../tools/board/drivers.ts";
import { filterMetas, longestSilenceMs, publishedFields } from "../../tools/board/filters.ts";
import type { Problem } from "../../tools/board/types.ts";
import { changed, type Json, load } from "./helper.ts";

/** The greenhouse (interval 30s) with filters of the temperature, which has 2 decimals. */
const withChain = (chain: unknown, change: (sensor: Json) => void = () => {}): Json => changed((board) => {
  const sensor = board.sensors[0] as Json;
  sensor["filters"] = { temperature: chain };
  change(sensor);
});

const AT = "sensors[0].filters.temperature";
const HEARTBEAT = { heartbeat: "10m" };

test("every filter is there, and its examples are right where nothing is before it", async () => {
  assert.equal([...filterMetas.keys()],
    ["average", "calibrate", "clamp", "delta", "ema", "heartbeat", "median", "round", "scale", "throttle"]);
  for (const [name, { schema, opens }] of filterMetas) {
    for (const example of (schema as { examples: unknown[] }).examples) {
      const chain = [...(opens ? [{ delta: 0.1 }] : []), { [name]: example }, ...(name === "delta" ? [HEARTBEAT] : [])];
      const { problems, board } = await load(withChain(chain));
      assert.equal(problems, [], JSON.stringify(chain));
      assert.equal(board!.sensors[0]!.filters, { temperature: chain });
    }
  }
});

test("a sensor without filters has none in the board, and so has one with an empty object", async () => {
  for (const filters of [undefined, {}]) {
    const { board } = await load(changed((b) => (filters && (b.sensors[0].filters = filters))));
    assert.not.ok("filters" in board!.sensors[0]!);
  }
});

/** What is wrong, the chain, the path behind that of the field, words of what is said. */
const ROWS: [string, unknown, string, string[]][] = [
  ["a filter that does not exist", [{ medain: 3 }], "[0].medain", ["no filter \"medain\"", "did you mean \"median\"?"]],
  ["a filter that resembles none", [{ smooth: 3 }], "[0].smooth", ["no filter \"smooth\"", "there are average, calibrate, clamp"]],
  ["two filters in one object", [{ delta: 0.1, heartbeat: "10m" }], "[0]",
    ["more than one filter", "{ \"delta\": 0.1 }, { \"heartbeat\": \"10m\" }"]],
  ["an object without a filter", [{}], "[0]", ["something is missing", "{\"delta\":0.1}"]],
  ["no list", { delta: 0.1 }, "", ["has to be a list [ ], not an object", "[{\"delta\":0.1},{\"heartbeat\":\"10m\"}]"]],
  ["an empty list", [], "", ["the list is empty"]],
  ["too many filters", Array(9).fill({ ema: 0.5 }), "", ["at most 8"]],
  ["an even median", [{ median: 4 }], "[0].median", ["4 readings have no middle one", "use 3 or 5"]],
  ["a median of one", [{ median: 1 }], "[0].median", ["too small", "3"]],
  ["a median of too many", [{ median: 17 }], "[0].median", ["too large", "15"]],
  ["a median of text", [{ median: "3" }], "[0].median", ["a whole number", "not text", "for example 5"]],
  ["an average of one", [{ average: 1 }], "[0].average", ["too small", "2"]],
  ["an average of too many", [{ average: 61 }], "[0].average", ["too large", "60"]],
  ["a weight of 1", [{ ema: 1 }], "[0].ema", ["too large", "0.99"]],
  ["a weight of 0", [{ ema: 0 }], "[0].ema", ["too small", "0.01"]],
  ["a weight of too many digits", [{ ema: 0.1234 }], "[0].ema", ["more than 3 digits"]],
  ["a change of 0", [{ delta: 0 }], "[0].delta", ["more than 0"]],
  ["a change that is negative", [{ delta: -1 }], "[0].delta", ["more than 0"]],
  ["a change below the resolution", [{ delta: 0.001 }, HEARTBEAT], "[0].delta",
    ["0.001 is less than the smallest step of temperature here, 0.01", "use 0.01 or more"]],
  ["a change below what round leaves", [{ round: 0 }, { delta: 0.5 }, HEARTBEAT], "[1].delta",
    ["0.5 is less than the smallest step of temperature here, 1"]],
  ["a share without %", [{ delta: "5" }, HEARTBEAT], "[0].delta", ["\"5\" is not valid", "\"5%\""]],
  ["a share of 0", [{ delta: "0%" }, HEARTBEAT], "[0].delta", ["0% is no share"]],
  ["a share of more than all", [{ delta: "250%" }, HEARTBEAT], "[0].delta", ["250% is no share", "100%"]],
  ["a throttle that is no time", [{ throttle: 5 }], "[0].throttle", ["text", "not a number", "5m"]],
  ["a throttle without a unit", [{ throttle: "5" }], "[0].throttle", ["\"5\" is not valid", "duration"]],
  ["a throttle below the interval", [{ throttle: "10s" }], "[0].throttle", ["holds none back", "interval"]],
  ["a throttle of the interval", [{ throttle: "30s" }], "[0].throttle", ["holds none back"]],
  ["a throttle beyond all timers", [{ throttle: "999d" }], "[0].throttle", ["longer than a timer can wait", "24d"]],
  ["two throttles", [{ throttle: "2m" }, { throttle: "5m" }], "[1].throttle", ["twice", "keep one"]],
  ["a heartbeat alone", [HEARTBEAT], "[0].heartbeat", ["no filter before \"heartbeat\" holds readings back", "put \"delta\" before it"]],
  ["a heartbeat before what it is for", [HEARTBEAT, { delta: 0.1 }], "[0].heartbeat", ["no filter before"]],
  ["a heartbeat behind a throttle alone", [{ throttle: "1m" }, HEARTBEAT], "[1].heartbeat",
    ["\"throttle\" holds nothing back for as long as this", "\"delta\""]],
  ["a heartbeat that a throttle outlasts", [{ delta: 0.1 }, { throttle: "1h" }, HEARTBEAT], "[2].heartbeat",
    ["\"throttle\" before it allows a message every 1h, and this lets one pass after 10m", "use more than \"1h\""]],
  ["a heartbeat below the interval", [{ delta: 0.1 }, { heartbeat: "20s" }], "[1].heartbeat", ["the filters before do nothing"]],
  ["a window behind a gate", [{ delta: 0.1 }, HEARTBEAT, { median: 3 }], "[2].median",
    ["\"median\" has to see each reading, and \"delta\" before it", "put it before \"delta\""]],
  ["limits in the wrong order", [{ clamp: { min: 50, max: 10 } }], "[0].clamp.max", ["10 is not more than the least value, 50", "exchange"]],
  ["limits that are the same", [{ clamp: { min: 5, max: 5 } }], "[0].clamp.max", ["all readings would be the same"]],
  ["no limits", [{ clamp: {} }], "[0].clamp", ["something is missing", "{\"min\":0,\"max\":100}"]],
  ["a limit between two steps", [{ clamp: { min: 0.125 } }], "[0].clamp.min", ["0.125 has more digits than temperature, which has 2"]],
  ["a limit that does not exist", [{ clamp: { low: 1 } }], "[0].clamp.low", ["no key \"low\"", "min, max"]],
  ["a calibration that is a number", [{ calibrate: -0.4 }], "[0].calibrate", ["an object", "not a number", "{\"offset\":-0.4}"]],
  ["an empty calibration", [{ calibrate: {} }], "[0].calibrate", ["something is missing"]],
  ["a calibration that changes nothing", [{ calibrate: { offset: 0, scale: 1 } }], "[0].calibrate", ["changes nothing"]],
  ["a calibration that says it twice", [{ calibrate: { offset: 1, points: [[0, 1]] } }], "[0].calibrate", ["keep either"]],
  ["a calibration by 0", [{ calibrate: { scale: 0 } }], "[0].calibrate.scale", ["more than 0"]],
  ["an offset of too many digits", [{ calibrate: { offset: 0.1234567 } }], "[0].calibrate.offset", ["more than 6 digits"]],
  ["points that do not rise", [{ calibrate: { points: [[0, 0], [20, 21], [10, 30]] } }], "[0].calibrate.points[2][0]",
    ["the raw values have to rise: 10 comes after 20", "sort the points"]],
  ["points that fall on the true side", [{ calibrate: { points: [[0, 0], [20, 21], [30, 20]] } }], "[0].calibrate.points[2][1]",
    ["the true values have to rise: 20 comes after 21"]],
  ["a point twice", [{ calibrate: { points: [[0, 0], [0, 1]] } }], "[0].calibrate.points[1][0]", ["0 comes after 0"]],
  ["a point of one number", [{ calibrate: { points: [[1]] } }], "[0].calibrate.points[0]", ["at least 2"]],
  ["a point between two steps", [{ calibrate: { points: [[0.001, 0], [1, 1]] } }], "[0].calibrate.points[0][0]", ["0.001 has more digits"]],
  ["rounding to more than there is", [{ round: 2 }], "[0].round", ["2 digits after the point here", "use 1 or less"]],
  ["rounding twice", [{ round: 0 }, { round: 0 }], "[1].round", ["0 digits after the point here", "remove it"]],
  ["a factor of 0", [{ scale: 0 }], "[0].scale", ["times 0"]],
  ["a factor that changes nothing", [{ scale: { factor: 1 } }], "[0].scale.factor", ["changes nothing"]],
  ["a factor of too many digits", [{ scale: 0.1234567 }], "[0].scale", ["more than 6 digits"]],
  ["a device class that does not exist", [{ scale: { factor: 2, deviceClass: "temprature" } }], "[0].scale.deviceClass",
    ["no device class \"temprature\"", "did you mean \"temperature\"?"]],
  ["a device class without the unit", [{ scale: { factor: 2, deviceClass: "humidity" } }], "[0].scale.unit",
    ["\"°C\" is no unit of the device class humidity", "it takes %"]],
  ["a scale without a factor", [{ scale: { unit: "K" } }], "[0].scale.factor", ["missing", "1.8"]],
];

for (const [what, chain, path, words] of ROWS) {
  test(`${what} is told`, async () => {
    const { problems, board } = await load(withChain(chain));
    assert.is(problems.length, 1, JSON.stringify(problems));
    const [problem] = problems as [Problem];
    assert.is(problem.path, AT + path);
    assert.is(problem.severity, "error");
    assert.is(board, undefined);
    assert.ok(problem.line! > 1 && problem.column! > 0);
    const said = `${problem.message}. ${problem.suggestion ?? ""}`;
    for (const word of words) assert.ok(said.includes(word), `${said} lacks ${word}`);
  });
}

test("a field that the driver does not give is told, with the nearest", async () => {
  const chain = [{ median: 3 }];
  const { problems } = await load(changed((b) => b.sensors[0].filters = { temprature: chain, wind: chain }));
  assert.equal(problems.map(({ path, message, suggestion }) => [path, message, suggestion]), [
    ["sensors[0].filters.temprature", "bme280 gives no \"temprature\"", "did you mean \"temperature\"?"],
    ["sensors[0].filters.wind", "bme280 gives no \"wind\"", "it gives temperature, humidity, pressure"],
  ]);
});

test("of a word, what computes is refused, and what holds back is not", async () => {
  const door = { driver: "contact", id: "door", pin: "D4", interval: "1m" };
  const self = { driver: "chip", id: "self", interval: "1m", quantities: ["resetReason"] };
  for (const [sensor, field, words] of [[door, "contact", "(OFF, ON)"], [self, "resetReason", "(unknown, boot"]] as const) {
    const withFilters = (chain: object[]): Json =>
      changed((b) => b.sensors.push({ ...sensor, filters: { [field]: chain } }));
    for (const [name, { schema, kind }] of filterMetas) {
      if (kind === "change" || kind === "time") continue;
      const [example] = (schema as { examples: unknown[] }).examples;
      const { problems } = await load(withFilters([{ [name]: example }]));
      assert.equal(problems.map(({ path }) => path), [`sensors[1].filters.${field}[0].${name}`]);
      assert.ok(problems[0]!.message.includes(`${field} is a word ${words}`) && problems[0]!.message.includes("for numbers"),
        problems[0]!.message);
    }
    assert.equal((await load(withFilters([{ delta: "5%" }, HEARTBEAT]))).problems.length, 1, "a share of a word");
    assert.equal((await load(withFilters([{ delta: 1 }, { throttle: "2m" }, HEARTBEAT]))).problems, []);
  }
});

test("fields are those that the options give", async () => {
  const oneWire = (filters: object): Json => changed((b) => {
    b.buses.onewire1 = { pin: "D4" };
    const probes = { inlet: "28ff641e8d3c0cda", outlet: "28ff4a60911503fe" };
    b.sensors = [{ driver: "ds18b20", id: "tank", bus: "onewire1", probes, filters }];
  });
  assert.equal((await load(oneWire({ outlet: [{ round: 1 }] }))).problems, []);
  assert.equal((await load(oneWire({ temperature: [{ round: 1 }] }))).problems.map(({ path }) => path),
    ["sensors[0].filters.temperature"]);
});

test("a value that need not change and is never repeated is a warning, unless the broker keeps it", async () => {
  const { problems, board } = await load(withChain([{ delta: 0.1 }]));
  assert.equal(problems.map(({ path, severity }) => [path, severity]), [["sensors[0].filters", "warning"]]);
  assert.match(problems[0]!.suggestion!, /heartbeat/);
  assert.ok(board);
  assert.equal((await load(withChain([{ delta: 0.1 }], (sensor) => sensor["publish"].retain = true))).problems, []);
  // Another quantity of the same message has a heartbeat.
  const other = withChain([{ delta: 0.1 }], (sensor) => sensor["filters"].humidity = [{ delta: 1 }, HEARTBEAT]);
  assert.equal((await load(other)).problems, []);
  (other["sensors"][0] as Json)["publish"] = { as: "value" };
  assert.is((await load(other)).problems.length, 1);
});

test("how long a sensor may be silent is told from its filters", async () => {
  const meta = (await loadDrivers()).get("bme280")!;
  const silence = (filters: Record<string, Record<string, unknown>[]>, as: string): number =>
    longestSilenceMs(meta, { options: {}, filters, intervalMs: 30_000, publish: { as } });
  assert.is(silence({}, "json"), 30_000);
  assert.is(silence({ temperature: [{ median: 3 }] }, "json"), 30_000);
  assert.is(silence({ temperature: [{ throttle: "5m" }] }, "json"), 300_000);
  assert.is(silence({ temperature: [{ delta: 1 }] }, "json"), Infinity);
  assert.is(silence({ temperature: [{ delta: 1 }, { throttle: "5m" }, { heartbeat: "1h" }] }, "json"), 3_600_000);
  assert.is(silence({ temperature: [{ delta: 1 }, { heartbeat: "1h" }], humidity: [{ throttle: "2m" }] }, "json"), 120_000);
  assert.is(silence({ temperature: [{ delta: 1 }, { heartbeat: "1h" }], humidity: [{ throttle: "2m" }] }, "value"), 3_600_000);
});

test("what is published has the unit and the digits that the filters leave", async () => {
  const meta = (await loadDrivers()).get("bme280")!;
  const scale = { factor: 1.8, offset: 32, unit: "°F", decimals: 1 };
  const fields = publishedFields(meta, {
    options: {},
    filters: {
      temperature: [{ scale }], humidity: [{ median: 3 }, { round: 0 }], pressure: [{ scale: { factor: 0.1, unit: "cm" } }],
    },
  });
  assert.equal(fields.map(({ name, unit, decimals, deviceClass }) => [name, unit, decimals, deviceClass]), [
    ["temperature", "°F", 1, "temperature"], ["humidity", "%", 0, "humidity"], ["pressure", "cm", 2, undefined],
  ]);
});

test("the memory of filters is added to that of the buffers", async () => {
  const small = (average: number): Json => changed((b) => {
    Object.assign(b, { hardware: "esp8266-nodemcu", buses: { i2c1: { sda: "D4", scl: "D5" } } });
    b.mqtt.offline = { messages: 32, bytes: 2048 };
    const chain = [{ average }, { delta: 1 }, HEARTBEAT];
    b.sensors[0].filters = { temperature: chain, humidity: chain, pressure: chain };
  });
  assert.equal((await load(small(5))).problems, []);
  const { problems: [problem] } = await load(small(60));
  assert.is(problem!.path, "mqtt");
  assert.match(problem!.message, /buffers and filters can take \d+ variables/);
  assert.match(problem!.suggestion!, /ema/);
});

test.run();
