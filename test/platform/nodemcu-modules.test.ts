/** Each file of lib/platform/nodemcu says in its first comment which modules of the firmware it needs. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../../tools/build/root.ts";

const FOLDER = join(root, "lib/platform/nodemcu");
/** Lua's own, which every firmware has. */
const LUA = ["debug", "pcall", "xpcall", "print", "select", "string", "table", "tonumber", "math"];
/** The ESP32's way to open files: Lua's io on the firmware's file system. */
const MODULE_OF: Record<string, string> = { io: "file" };

const files = readdirSync(FOLDER, { recursive: true }).map(String).filter((file) => file.endsWith(".ts") && file !== "api.ts");

/** The values that a file takes of api.ts, under the names of the firmware. */
const usedIn = (text: string): string[] =>
  [...text.matchAll(/import \{([^}]*)\} from "\.{1,2}\/api\.ts"/g)].flatMap(([, names]) => names!.split(","))
    .map((name) => name.trim()).filter((name) => name !== "" && !name.startsWith("type "))
    .map((name) => name.split(" as ")[0]!).filter((name) => !LUA.includes(name))
    .map((name) => MODULE_OF[name] ?? name);

for (const file of files) {
  test(`${file} names its modules`, () => {
    const text = readFileSync(join(FOLDER, file), "utf8");
    const comment = /^\/\*\*[^]*?\*\//.exec(text)?.[0] ?? "";
    const named: string[] = /Firmware modules?:([^]*)/.exec(comment)?.[1]!.match(/\w+/g) ?? [];
    assert.equal(usedIn(text).filter((name) => !named.includes(name)), [], comment);
  });
}

test("what they use is seen", () => {
  const all = new Set(files.flatMap((file) => usedIn(readFileSync(join(FOLDER, file), "utf8"))));
  for (const module of ["net", "wifi", "tmr", "i2c", "ow", "adc", "gpio", "uart", "file", "node", "tls", "rmt", "pulsecnt", "sntp", "rtctime", "time", "rtcmem"]) {
    assert.ok(all.has(module), `nobody uses ${module}, or this test does not see it: ${[...all].join()}`);
  }
});

test.run();
