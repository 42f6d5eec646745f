/** flash.config.json: what it says, what a board file and the command line say in its place, and its mistakes. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadHardware } from "../../tools/board/hardware.ts";
import { loadBoard } from "../../tools/board/load.ts";
import { problemLine } from "../../tools/board/report.ts";
import type { FlashOverrides } from "../../tools/board/types.ts";
import { root } from "../../tools/build/root.ts";
import { flash } from "../../tools/flash/command.ts";
import { ConfigError, readConfig, settingsOf, type FlashBoard } from "../../tools/flash/config.ts";
import { Failure } from "../../tools/flash/protocol/failure.ts";

const folder = mkdtempSync(join(tmpdir(), "motelet-config-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const shipped = readFileSync(join(root, "flash.config.json"), "utf8");
type Json = Record<string, unknown>;
let count = 0;
const save = (text: string): string => {
  const file = join(folder, `config-${count++}.json`);
  writeFileSync(file, text);
  return file;
};
const boardOf = (hardware: string, target: "espruino" | "nodemcu", own: FlashOverrides = {}): FlashBoard =>
  ({ target, hardware: loadHardware().get(hardware)!, flash: own, file: join(folder, "boards/x.json") });

/** The mistakes of the shipped configuration when `change` is made to it, a line each, without its file. */
async function mistakes(change: (config: Record<string, Json>) => void): Promise<string[]> {
  const config = JSON.parse(shipped) as Record<string, Json>;
  change(config);
  return mistakesOf(JSON.stringify(config, null, 1));
}
async function mistakesOf(text: string): Promise<string[]> {
  try {
    await readConfig(save(text));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    assert.ok(error.problems.every(({ file, line }) => /config-\d+\.json$/.test(file) && line! > 0));
    return error.problems.map((each) => problemLine(each).replace(/\x1b\[\d+m/g, "").replace(/^.*json:\S+ /, ""));
  }
  return [];
}
type Esp32 = Json & { espruino: Json & { image: Json; upload: Json }; nodemcu: Json };
const esp32 = (config: Record<string, Json>): Esp32 => config["esp32-devkit"] as Esp32;

test("each mistake in the configuration is told with its path and what to write", async () => {
  assert.equal(await mistakes(() => {}), []);
  const cases: [(hardware: Esp32) => void, string][] = [
    [(it) => it["match"] = ["10C4:EA60"], "esp32-devkit.match[0]: \"10C4:EA60\" is not valid. "
      + "Write vendor:product in small hexadecimal digits such as \"10c4:ea60\", or \"10c4:*\"."],
    [(it) => it["baud"] = 300, "esp32-devkit.baud: 300 is too small: the least is 1200."],
    [(it) => it["baud"] = "fast", "esp32-devkit.baud: this has to be a whole number, not text. For example 115200."],
    [(it) => delete it["port"], "esp32-devkit.port: \"port\" is missing. For example \"port\": \"auto\"."],
    [(it) => it["espruinoo"] = {}, "esp32-devkit.espruinoo: there is no key \"espruinoo\" here. Did you mean \"espruino\"?"],
    [(it) => it["limits"] = { boot: "soon" }, "esp32-devkit.limits.boot: \"soon\" is not valid. "
      + "Write a duration such as \"500ms\", \"30s\", \"5m\", \"1h\" or \"1d\"."],
    [({ espruino }) => espruino["minVersion"] = "2.20", "esp32-devkit.espruino.minVersion: \"2.20\" is not valid. For example \"2v20\"."],
    [({ espruino }) => espruino.upload["verify"] = "none", "esp32-devkit.espruino.upload.verify: \"none\" is not one of crc32."],
    [({ espruino }) => espruino.upload["mode"] = "bootcodes",
      "esp32-devkit.espruino.upload.mode: \"bootcodes\" is not one of storage, bootcode. Did you mean \"bootcode\"?"],
    [({ espruino }) => espruino.upload["chunkBytes"] = 5000, "esp32-devkit.espruino.upload.chunkBytes: 5000 is too large: the most is 4096."],
    [({ espruino }) => espruino.image["reset"] = "dtr", "esp32-devkit.espruino.image.reset: \"dtr\" is not one of classic, usb-jtag, none."],
    [({ espruino }) => espruino.image["images"] = [{ file: "a.bin", offset: "4096" }],
      "esp32-devkit.espruino.image.images[0].offset: \"4096\" is not valid. Write it in small hexadecimal digits such as \"0x1000\"."],
    [({ espruino }) => espruino.image["images"] = [{ file: "a.bin", offset: "0x1000", sha256: "abc" }],
      "esp32-devkit.espruino.image.images[0].sha256: \"abc\" is not valid. "
      + "Write 64 small hexadecimal digits, as sha256sum prints them."],
    [({ nodemcu }) => nodemcu["chip"] = "esp32c3", "esp32-devkit.nodemcu.chip: \"esp32c3\" is not one of esp8266, esp32. Did you mean \"esp32\"?"],
  ];
  for (const [change, told] of cases) {
    const lines = await mistakes((config) => change(esp32(config)));
    assert.ok(lines.includes(told), `${told}\nis not in\n${lines.join("\n")}`);
    assert.is(lines.length, 1, lines.join("\n"));
  }
  assert.equal(await mistakesOf("{ \"esp32-devkit\": { \"port\": \"auto\" \"baud\": 1 } }"), ["a comma is missing before this."]);
});

test("the command tells them, and ends with 1", async () => {
  const config = JSON.parse(shipped) as Record<string, Json>;
  esp32(config)["baud"] = "fast";
  writeFileSync(join(folder, "firmware.js"), "0");
  writeFileSync(join(folder, "manifest.json"), JSON.stringify({
    name: "x", target: "espruino", hardware: "esp32-devkit", secrets: "given", file: "firmware.js",
    sha256: createHash("sha256").update("0").digest("hex"),
  }));
  const events: Json[] = [];
  const { log } = console;
  console.log = (line: string) => void events.push(JSON.parse(line) as Json);
  const code = await flash([folder], { config: save(JSON.stringify(config)), json: true }).finally(() => {
    console.log = log;
  });
  assert.is(code, 1);
  const { code: name, problems } = events[0]! as { code: string; problems: { path: string }[] };
  assert.is(name, "config-file");
  assert.equal(problems.map(({ path }) => path), ["esp32-devkit.baud"]);
});

test("hardware whose interpreter Motelet does not write is told before a port is opened", async () => {
  const manifest = join(folder, "manifest.json");
  writeFileSync(manifest, readFileSync(manifest, "utf8").replace("esp32-devkit", "espruino-wifi"));
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => void lines.push(line);
  const options = { config: join(root, "flash.config.json"), json: true, image: true, port: "tcp://127.0.0.1:1" };
  const code = await flash([folder], options).finally(() => {
    console.log = log;
  });
  assert.is(code, 1);
  assert.is((JSON.parse(lines[0]!) as Json)["code"], "no-image");
});

test("hardware that it does not name is told, and so is a target", async () => {
  const config = save("{ \"esp32-c3\": { \"port\": \"auto\", \"baud\": 9600 } }");
  for (const hardware of ["esp32-c3", "esp32-devkit"]) {
    const failure = await settingsOf(boardOf(hardware, "espruino"), { config }).catch((error: Failure) => error) as Failure;
    assert.is(failure.code, "no-config");
    assert.is(failure.exit, 1);
    assert.is(failure.message, `flash.config.json does not say how ${hardware} with espruino is flashed`);
  }
});

test("each hardware has defaults: port, speed, chip, images with offsets, reset, mode, verification", async () => {
  for (const { name, targets } of loadHardware().values()) {
    for (const target of targets) {
      const settings = await settingsOf(boardOf(name, target), { config: join(root, "flash.config.json") });
      assert.is(settings.port, "auto");
      assert.ok(settings.match.length > 0, name);
      assert.is(settings.baud, 115_200);
      assert.is(settings.limits.attempts, 4);
      if (target === "espruino") {
        assert.is(settings.espruino!.mode, "storage");
        assert.is(settings.espruino!.verify, "crc32");
      } else assert.ok(["esp8266", "esp32"].includes(settings.nodemcu!.chip));
      if (settings.image === undefined) assert.is(name, "espruino-wifi");
      else assert.ok(settings.image.images.every(({ offset }) => Number(offset) >= 0));
    }
  }
});

test("a board file speaks before flash.config.json, and the command line before both", async () => {
  const own: FlashOverrides = {
    port: "/dev/ttyUSB7", match: ["1234:*"], baud: 9600, mode: "bootcode", restart: "load", chunkBytes: 100,
    image: { flashSize: "16MB", reset: "none" }, limits: { boot: "40s", attempts: 9 },
  };
  const config = join(root, "flash.config.json");
  const settings = await settingsOf(boardOf("esp32-devkit", "espruino", own), { config });
  const { port, match, baud, espruino, image, limits } = settings;
  assert.equal([port, match, baud], ["/dev/ttyUSB7", ["1234:*"], 9600]);
  assert.equal([espruino!.mode, espruino!.restart, espruino!.chunkBytes], ["bootcode", "load", 100]);
  assert.equal([image!.flashSize, image!.reset, image!.chip, image!.images.length], ["16MB", "none", "esp32", 3]);
  assert.equal([limits.bootMs, limits.attempts, limits.connectMs], [40_000, 9, 12_000]);
  const said = await settingsOf(boardOf("esp32-devkit", "espruino", own), { config, port: "COM3", baud: "74880" });
  assert.equal([said.port, said.baud], ["COM3", 74_880]);
});

test("paths are relative to the file that names them", async () => {
  const changed = JSON.parse(shipped) as Record<string, Json>;
  (esp32(changed).nodemcu["upload"] as Json)["luac"] = "../luac.cross";
  mkdirSync(join(folder, "sub"));
  const config = join(folder, "sub/flash.config.json");
  writeFileSync(config, JSON.stringify(changed));
  const plain = await settingsOf(boardOf("esp32-devkit", "nodemcu"), { config });
  assert.equal([plain.folder, plain.nodemcu!.luac], [join(folder, "sub"), join(folder, "luac.cross")]);
  const own = { luac: "tools/luac", compile: false, image: { images: [{ file: "nodemcu.bin", offset: "0x0" }] } };
  const { folder: images, nodemcu, image } = await settingsOf(boardOf("esp32-devkit", "nodemcu", own), { config });
  assert.equal([images, nodemcu!.luac, nodemcu!.compile], [join(folder, "boards"), join(folder, "boards/tools/luac"), false]);
  assert.equal(image!.images, own.image.images);
  assert.is((await settingsOf(boardOf("esp32-devkit", "nodemcu", own), { config, luac: "/opt/luac" })).nodemcu!.luac, "/opt/luac");
});

test("what a board file says of flashing is checked with it", async () => {
  const file = join(folder, "bad.json");
  writeFileSync(file, JSON.stringify({
    extends: join(root, "boards/greenhouse.json"), flash: { mode: "slots", image: { flashSize: "3MB" }, limits: { boot: "soon" }, offset: 1 },
  }));
  const { problems } = await loadBoard(file, { secrets: "simulated" });
  assert.equal(problems.map(({ path, suggestion }) => [path, suggestion !== undefined]).sort(), [
    ["flash.image.flashSize", true], ["flash.limits.boot", true], ["flash.mode", false], ["flash.offset", true],
  ]);
});

test.run();
