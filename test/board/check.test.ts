/** `motelet check` as people and scripts see it. */
import { test } from "uvu";
import * as assert from "uvu/assert";
import { join } from "node:path";
import kleur from "kleur";
import { check, type CheckOptions } from "../../tools/check.ts";
import { changed, greenhouse, inFolder, type Json, SECRETS, withEnvironment } from "./helper.ts";

kleur.enabled = false;

const UNSET = Object.fromEntries(Object.keys(SECRETS).map((name) => [name, undefined]));

/** Runs `check` and gives its exit code and its lines. */
async function run(file: string | undefined, options: CheckOptions = { secrets: SECRETS }): Promise<[number,
  string[]]> {
  const lines: string[] = [];
  return [await check(file, { ...options, print: (line) => lines.push(line) }), lines];
}

async function runBoard(board: unknown, options?: CheckOptions): Promise<[number, string[]]> {
  return inFolder({ "board.json": board }, (folder) => run(join(folder, "board.json"), options));
}

test("a good board ends in 0 and one line", async () => {
  const [code, lines] = await runBoard(greenhouse());
  assert.is(code, 0);
  assert.is(lines.length, 1);
  assert.match(lines[0]!, /board\.json: no mistakes$/);
});

test("a mistake is a line with file, line, column, path, sentence and suggestion, and the code is 1", async () => {
  const [code, lines] = await runBoard(changed((b) => b["sensors"][0].driver = "bme208"));
  assert.is(code, 1);
  assert.match(lines[0]!,
    /board\.json:\d+:\d+ sensors\[0\]\.driver: there is no driver "bme208"\. Did you mean "bme280"\?$/);
  assert.match(lines[1]!, /board\.json: 1 error$/);
});

test("line and column are those of the key", async () => {
  const text = JSON.stringify(changed((b) => b["target"] = "esprino"), null, 2);
  const [, lines] = await runBoard(text);
  const line = text.split("\n").findIndex((row) => row.includes("\"target\"")) + 1;
  assert.match(lines[0]!, new RegExp(`board\\.json:${line}:3 target: `));
});

test("warnings alone end in 0", async () => {
  const [code, lines] = await runBoard(changed((b) => b["buses"].i2c1.sda = "D12"));
  assert.is(code, 0);
  assert.match(lines[0]!, /buses\.i2c1\.sda: warning: D12/);
  assert.match(lines[1]!, /1 warning$/);
});

test("on a fresh clone missing secrets are warnings that say what to do", async () => {
  await withEnvironment(UNSET, async () => {
    const [code, lines] = await runBoard(greenhouse(), {});
    assert.is(code, 0);
    for (const name of Object.keys(SECRETS)) {
      const told = lines.filter((line) => line.includes(name));
      assert.is(told.length, 1, name);
      assert.match(told[0]!, /warning: .*simulator supplies its own.*in the environment or in .*secrets\.json/);
    }
  });
});

test("--json is one object", async () => {
  const [code, lines] = await runBoard(changed((b) => b["wifi"].extra = 1), { json: true, secrets: SECRETS });
  assert.is(code, 1);
  assert.is(lines.length, 1);
  const told = JSON.parse(lines[0]!) as Json;
  assert.equal([told["ok"], told["errors"], told["warnings"]], [false, 1, 0]);
  const { file, ok, problems, missingSecrets } = told["boards"][0];
  assert.match(file, /board\.json$/);
  assert.is(ok, false);
  assert.equal(missingSecrets, []);
  assert.is(problems[0].path, "wifi.extra");
  assert.is(problems[0].severity, "error");
});

test("without a file all boards of boards/ are checked, and nothing else that is there", async () => {
  const files = {
    "boards/a.json": changed((b) => b["name"] = "a b"), "boards/b.json": greenhouse(), "boards/secrets.json": SECRETS,
    "boards/board.schema.json": {}, "boards/hardware/x.json": {}, "boards/shared/y.json": {},
  };
  const before = process.cwd();
  await inFolder(files, async (folder) => {
    process.chdir(folder);
    try {
      const [code, lines] = await run(undefined, { json: true });
      const { boards } = JSON.parse(lines[0]!) as { boards: { file: string; ok: boolean }[] };
      assert.is(code, 1);
      assert.equal(boards.map(({ file, ok }) => [file, ok]), [["boards/a.json", false], ["boards/b.json", true]]);
    } finally {
      process.chdir(before);
    }
  });
  await inFolder({}, async (folder) => {
    process.chdir(folder);
    try {
      const [code, lines] = await run(undefined);
      assert.is(code, 1);
      assert.match(lines[0]!, /no board file in .*boards/);
    } finally {
      process.chdir(before);
    }
  });
});

test("no secret and no password is in any output", async () => {
  const literal = "literal-Pq55Zz";
  const boards = [
    greenhouse(),
    changed((b) => Object.assign(b["mqtt"], { url: "${WIFI_PASSWORD}", clientId: 5, keepAlive: "${MQTT_PASSWORD}" })),
    changed((b) => b["mqtt"].url = `mqtt://user:${literal}@broker`),
    changed((b) => Object.assign(b["wifi"],
      { password: "short-Pq", ssid: "${WIFI_PASSWORD}${WIFI_PASSWORD}${WIFI_PASSWORD}" })),
    changed((b) => Object.assign(b["mqtt"], { password: `${literal}\0`, username: `\${MQTT_PASSWORD}\ud800` })),
    changed((b) => b["wifi"] = literal),
    changed((b) => b["wifi"].pasword = literal),
    changed((b) => b["mqtt"].passwort = [literal]),
  ];
  for (const board of boards) {
    for (const json of [false, true]) {
      const [, lines] = await runBoard(board, { json, secrets: SECRETS });
      for (const secret of [...Object.values(SECRETS), literal, "short-Pq"]) {
        assert.not.ok(lines.join("\n").includes(secret), `${secret} is in ${lines.join("\n")}`);
      }
    }
  }
});

test.run();
