/** What a board becomes: defaults, sharing, secrets, syntax. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { join } from "node:path";
import { durationMs, durationText } from "../../tools/board/duration.ts";
import { loadBoard } from "../../tools/board/load.ts";
import { queueBytes, slotBytes } from "../../tools/board/rules/memory.ts";
import { parseUrl } from "../../tools/board/rules/link.ts";
import { editDistance, nearest, pathText, pointerSegments } from "../../tools/board/words.ts";
import { changed, greenhouse, inFolder, type Json, load, ROOT, SECRETS, withEnvironment } from "./helper.ts";

const UNSET = Object.fromEntries(Object.keys(SECRETS).map((name) => [name, undefined]));

test("the greenhouse board is loaded with durations in ms and secrets in place", async () => {
  const { board, problems } = await loadBoard(join(ROOT, "boards/greenhouse.json"), { secrets: SECRETS });
  assert.equal(problems, []);
  assert.is(board!.wifi.password, SECRETS.WIFI_PASSWORD);
  assert.is(board!.mqtt.host, "127.0.0.1");
  assert.is(board!.mqtt.port, 1883);
  assert.is(board!.mqtt.keepAliveSeconds, 60);
  assert.is(board!.diagnosticsIntervalMs, 300_000);
  assert.is(board!.watchdogMs, 60_000);
  assert.is(board!.hardware.heap.variables, 16383);
  const sensor = board!.sensors[0]!;
  assert.equal(sensor, {
    id: "air", driver: "bme280", bus: "i2c1", address: 0x76, intervalMs: 30_000,
    publish: { qos: 1, retain: false, as: "json" },
    options: { oversampling: { temperature: 1, humidity: 1, pressure: 1 }, filter: "off" },
  });
});

test("all boards of the repository are without mistakes", async () => {
  for (const name of ["greenhouse", "freezer", "workbench"]) {
    const { board, problems } = await loadBoard(join(ROOT, `boards/${name}.json`), { secrets: SECRETS });
    assert.equal(problems, [], name);
    assert.is(board!.name, name);
  }
});

test("what is absent has its default", async () => {
  const { board, problems } = await load({
    name: "n", hardware: "esp32-devkit", wifi: { ssid: "net" }, mqtt: { url: "mqtt://broker" },
    buses: { i2c1: { sda: "D21", scl: "D22" } }, sensors: [{ driver: "bme280", id: "air", bus: "i2c1" }],
  });
  assert.equal(problems, []);
  const { sensors, mqtt, target, wifi, buses } = board!;
  assert.is(target, "espruino");
  assert.equal(wifi, { ssid: "net", password: "" });
  assert.equal(mqtt, {
    link: "tcp", host: "broker", port: 1883, clientId: "n", keepAliveSeconds: 60, cleanSession: false,
    will: { topic: "n/availability", payload: "offline", qos: 1, retain: true },
    birth: { topic: "n/availability", payload: "online", qos: 1, retain: true },
    inflight: { messages: 4, bytes: 256 },
    offline: { messages: 16, bytes: 1024, whenFull: "oldest", maxAgeMs: 0 },
  });
  assert.equal(buses["i2c1"], { type: "i2c", sda: "D21", scl: "D22", bitrate: 100000 });
  assert.equal(sensors[0]!.publish, { qos: 0, retain: false, as: "json" });
  assert.is(sensors[0]!.intervalMs, 60_000);
  assert.is(sensors[0]!.address, 0x76);
});

test("defaults inside a driver's options are filled in beside what is given", async () => {
  const { board } = await load(changed((b) => b["sensors"][0].oversampling = { pressure: 16 }));
  assert.equal(board!.sensors[0]!.options["oversampling"], { temperature: 1, humidity: 1, pressure: 16 });
});

test("null switches will and birth off, \"off\" diagnostics and watchdog", async () => {
  const { board } = await load(changed((b) => {
    b["mqtt"].will = null;
    b["mqtt"].birth = null;
    b["diagnostics"] = "off";
    b["watchdog"] = "off";
  }));
  assert.is(board!.mqtt.will, undefined);
  assert.is(board!.mqtt.birth, undefined);
  assert.is(board!.diagnosticsIntervalMs, 0);
  assert.is(board!.watchdogMs, 0);
});

test("a board that extends another is laid over it: objects merge, lists and null replace", async () => {
  const base = changed((b) => {
    b["name"] = "base";
    b["mqtt"].keepAlive = "10s";
  });
  const over = {
    extends: "./shared/base.json", name: "over", mqtt: { will: null, offline: { messages: 3 } },
    sensors: [{ driver: "bme280", id: "one", bus: "i2c1" }],
  };
  await inFolder({ "over.json": over, "shared/base.json": base }, async (folder) => {
    const { board, problems } = await loadBoard(join(folder, "over.json"), { secrets: SECRETS });
    assert.equal(problems, []);
    assert.is(board!.name, "over");
    assert.is(board!.mqtt.keepAliveSeconds, 10);
    assert.is(board!.mqtt.will, undefined);
    assert.equal(board!.mqtt.offline, { messages: 3, bytes: 2048, whenFull: "oldest", maxAgeMs: 0 });
    assert.equal(board!.sensors.map(({ id }) => id), ["one"]);
  });
});

test("a mistake in a base is told with the base's file and line", async () => {
  const base = changed((b) => b["mqtt"].keepAlive = "soon");
  await inFolder({ "over.json": { extends: "base.json", mqtt: { cleanSession: 1 } }, "base.json": base },
    async (folder) => {
      const { problems } = await loadBoard(join(folder, "over.json"), { secrets: SECRETS });
      assert.equal(problems.map(({ path, file }) => [path, file.endsWith("base.json")]),
        [["mqtt.cleanSession", false], ["mqtt.keepAlive", true]]);
      assert.ok(problems[1]!.line! > 5);
    });
});

test("a list that replaces a base's is where its mistakes are told", async () => {
  const over = { extends: "base.json", sensors: [{ driver: "bme280", bus: "i2c1" }] };
  await inFolder({ "over.json": over, "base.json": greenhouse() }, async (folder) => {
    const { problems } = await loadBoard(join(folder, "over.json"), { secrets: SECRETS });
    assert.equal(problems.map(({ path, file }) => [path, file.endsWith("over.json")]), [["sensors[0].id", true]]);
  });
});

test("files that extend each other in a circle, and bases that are not there, are errors", async () => {
  await inFolder({ "a.json": { extends: "b.json" }, "b.json": { extends: "a.json" } }, async (folder) => {
    const { problems } = await loadBoard(join(folder, "a.json"));
    assert.match(problems[0]!.message, /circle: .*a\.json -> .*b\.json -> .*a\.json/);
  });
  await inFolder({ "a.json": { extends: "lap.json" }, "lab.json": {} }, async (folder) => {
    const { problems } = await loadBoard(join(folder, "a.json"));
    assert.is(problems[0]!.path, "extends");
    assert.match(`${problems[0]!.message} ${problems[0]!.suggestion}`,
      /cannot extend .*lap\.json: .*did you mean .*lab\.json/);
  });
});

test("broken JSON is told in words, all of it, with line and column", async () => {
  const { problems } = await load("{\n  \"name\": \"x\"\n  \"hardware\": esp32,\n  \"wifi\": {,}\n}\n");
  assert.ok(problems.length >= 3, JSON.stringify(problems));
  assert.equal([problems[0]!.line, problems[0]!.column], [3, 3]);
  assert.match(problems[0]!.message, /comma is missing/);
  assert.match(problems[1]!.message, /double quotes/);
  for (const { severity, line } of problems) assert.ok(severity === "error" && line! > 1);
});

test("a file that is absent, empty, a folder, not UTF-8 or nested without end is told so", async () => {
  await inFolder({ "board.json": greenhouse(), "empty.json": "", "bytes.json": new Uint8Array([0x7b, 0xff]),
    "deep.json": "[".repeat(200_000), "list.json": [1], "folder.json/x.json": {} }, async (folder) => {
    const first = async (name: string): Promise<string> => {
      const { problems } = await loadBoard(join(folder, name), { secrets: SECRETS });
      return `${problems[0]!.message} ${problems[0]!.suggestion}`;
    };
    assert.match(await first("borad.json"), /no such file.*did you mean .*board\.json/);
    assert.match(await first("empty.json"), /empty|value is expected/);
    assert.match(await first("folder.json"), /folder/);
    assert.match(await first("bytes.json"), /UTF-8/);
    assert.match(await first("deep.json"), /nested|closing/);
    assert.match(await first("list.json"), /an object/);
  });
});

test("comments are allowed, a key that is there twice is an error, and so is __proto__", async () => {
  const text = JSON.stringify(greenhouse(), null, 2);
  assert.equal((await load(`// greenhouse\n${text}`)).problems, []);
  const twice = await load(text.replace("{", "{ \"name\": \"other\","));
  assert.match(twice.problems[0]!.message, /twice/);
  const proto = await load(text.replace("{", "{ \"__proto__\": { \"name\": 5 },"));
  assert.is(proto.problems[0]!.path, "__proto__");
});

test("a missing secret is named once, with all that uses it and where to put it", async () => {
  const board = changed((b) => b["mqtt"].password = "${WIFI_PASSWORD}");
  const result = await load(board, { secrets: { WIFI_SSID: "x" } });
  assert.is(result.board, undefined);
  assert.equal(result.missingSecrets, ["WIFI_PASSWORD"]);
  assert.is(result.missing.length, 1);
  const { message, suggestion, path, line } = result.missing[0]!;
  assert.is(path, "wifi.password");
  assert.ok(line! > 0);
  assert.match(message, /WIFI_PASSWORD is not set \(used by wifi\.password, mqtt\.password\)/);
  assert.match(suggestion!, /environment or in .*secrets\.json/);
  assert.equal(result.problems, result.missing);
});

test("secrets come from the environment, then from secrets.json beside the board file", async () => {
  const files = { "board.json": greenhouse(), "secrets.json": { ...SECRETS, WIFI_SSID: "from file" } };
  await withEnvironment({ ...UNSET, WIFI_SSID: "from environment" }, () => inFolder(files, async (folder) => {
    const { board } = await loadBoard(join(folder, "board.json"));
    assert.is(board!.wifi.ssid, "from environment");
    assert.is(board!.wifi.password, SECRETS.WIFI_PASSWORD);
  }));
});

test("a broken secrets.json is a problem that shows none of it", async () => {
  for (const secrets of ["{ \"WIFI_PASSWORD\": \"wifi-Xw93kd0Q\"", { WIFI_PASSWORD: ["wifi-Xw93kd0Q"] },
    ["wifi-Xw93kd0Q"]]) {
    await withEnvironment(UNSET,
      () => inFolder({ "board.json": greenhouse(), "secrets.json": secrets }, async (folder) => {
        const { problems, board } = await loadBoard(join(folder, "board.json"), { secrets: "simulated" });
        assert.is(board, undefined);
        assert.match(problems[0]!.file, /secrets\.json$/);
        assert.not.match(JSON.stringify(problems), /Xw93kd0Q/);
      }));
  }
});

test("simulated secrets fill what is missing and are listed", async () => {
  await withEnvironment({ ...UNSET, WIFI_SSID: "given" }, async () => {
    const { board, simulatedSecrets, missingSecrets } = await load(greenhouse(), { secrets: "simulated" });
    assert.equal(board!.wifi, { ssid: "given", password: "simulated-wifi_password" });
    assert.equal(simulatedSecrets, ["MQTT_PASSWORD", "WIFI_PASSWORD"]);
    assert.equal(missingSecrets, []);
  });
  const url = changed((b: Json) => b["mqtt"].url = "${BROKER}");
  await withEnvironment({ ...UNSET, BROKER: undefined }, async () => {
    assert.is((await load(url, { secrets: "simulated" })).board!.mqtt.host, "simulated-broker");
  });
});

test("durations are read and written", () => {
  assert.equal(["500ms", "30s", "5m", "1h", "1d"].map(durationMs), [500, 30_000, 300_000, 3_600_000, 86_400_000]);
  assert.equal(["", "5", "1.5h", "-1s", "5 s", "1w", 5, null].map(durationMs), Array(8).fill(undefined));
  assert.equal([86_400_000, 90_000, 1500, 0].map(durationText), ["1d", "90s", "1500ms", "0ms"]);
});

test("a message takes its PUBLISH packet of an in-flight buffer, and topic and payload of the queue", () => {
  // 32 80 02 00 01 61 12 34 + 300 bytes: fixed header with two bytes of length, topic "a", packet id, payload.
  assert.is(slotBytes({ topicBytes: 1, payloadBytes: 300 }), 308);
  // The length of the topic and the topic, the payload.
  assert.is(queueBytes({ topicBytes: 1, payloadBytes: 300 }), 303);
});

test("the largest reading is counted to the byte, as JSON and as values", async () => {
  // 12 characters are those of -12345678.90, the longest 32-bit integer with a point.
  const json = 7 + "greenhouse/air".length + "{\"temperature\":,\"humidity\":,\"pressure\":}".length + 3 * 12;
  const fits = async (bytes: number, as: string): Promise<boolean> => (await load(changed((b) => {
    b["mqtt"].inflight.bytes = bytes;
    b["sensors"][0].publish.as = as;
  }))).problems.length === 0;
  assert.equal([await fits(json, "json"), await fits(json - 1, "json")], [true, false]);
  const value = 7 + "greenhouse/air/temperature".length + 12;
  assert.equal([await fits(value, "value"), await fits(value - 1, "value")], [true, false]);
});

test("URLs of brokers are taken apart", () => {
  assert.equal(parseUrl("mqtt://broker.local"), { link: "tcp", host: "broker.local", port: 1883 });
  assert.equal(parseUrl("MQTT://10.0.0.1:1884/"), { link: "tcp", host: "10.0.0.1", port: 1884 });
  for (const url of ["mqtt://", "mqtt://:1883", "mqtt://a:", "mqtt://a:0", "mqtt://a b", "mqtt://[::1]", "mqtt:/a"]) {
    assert.ok("problem" in parseUrl(url), url);
  }
});

test("the nearest word is found, and none where none is near", () => {
  assert.is(editDistance("bme208", "bme280"), 1);
  assert.is(editDistance("kitten", "sitting"), 3);
  assert.is(nearest("drvier", ["id", "driver", "interval"]), "driver");
  assert.is(nearest("zzz", ["id", "driver"]), undefined);
});

test("paths are written as people write them", () => {
  assert.is(pathText(["sensors", 0, "address"]), "sensors[0].address");
  assert.is(pathText(["buses", "my bus", "sda"]), "buses[\"my bus\"].sda");
  assert.equal(pointerSegments("/a~1b/0/c", { "a/b": [{ c: 1 }] }), ["a/b", 0, "c"]);
  assert.equal(pointerSegments("/buses/0", { buses: { 0: 1 } }), ["buses", "0"]);
});

test.run();
