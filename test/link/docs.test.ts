/** The code blocks of docs/links.md and docs/store.md are right, each on what it is written for. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { authority } from "../../interop/certificate.ts";
import { checkGrammar } from "../../tools/build/grammar.ts";
import { minify } from "../../tools/build/minify.ts";
import { loadBoard } from "../../tools/board/load.ts";
import { changed, inFolder, ROOT, SECRETS, type Json } from "../board/helper.ts";
import { startAedes, until } from "./aedes.ts";

const blocks = (page: string, language: string): string[] =>
  [...readFileSync(join(ROOT, "docs", page), "utf8").matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, "gm"))].map((m) => m[1]!);

/** The hardware of each block of docs/links.md, in order. */
const BOARDS: Json[] = [
  { hardware: "esp32-devkit" }, { hardware: "esp8266-nodemcu", target: "nodemcu", nodemcu: { lua: "5.3" } },
];

const { ca, issue } = authority("motelet test", "rsa");
const own = issue(["greenhouse"]);
const files = { "ca.pem": ca, "greenhouse.pem": own.cert, "greenhouse.key": own.key };

test("each board of docs/links.md is one that check takes, and without its TLS it is not", async () => {
  const found = blocks("links.md", "json");
  assert.is(found.length, BOARDS.length);
  for (const [at, block] of found.entries()) {
    const tried = async (change: (mqtt: Json) => void): Promise<string[]> => {
      const board = changed((b) => {
        Object.assign(b, BOARDS[at]);
        Object.assign(b["mqtt"], (JSON.parse(`{${block}}`) as Json)["mqtt"]);
        change(b["mqtt"] as Json);
      });
      return inFolder({ ...files, "board.json": board }, async (folder) => {
        const { problems } = await loadBoard(join(folder, "board.json"), { secrets: SECRETS });
        return problems.filter(({ severity, path }) => severity === "error" && path.startsWith("mqtt")).map(({ message }) => message);
      });
    };
    assert.equal(await tried(() => {}), [], block);
    assert.is.not((await tried((mqtt) => {
      mqtt["tls"] = { cert: "greenhouse.pem" };
    })).length, 0, block);
  }
});

/** A program of a whole client around the lines of docs/store.md, with a flash that is a file. */
const program = (lines: string, port: number, file: string): string => `
  import { openFlash } from "motelet/lib/platform/node/flash.ts";
  import { tcp } from "motelet/lib/link/tcp.ts";
  import { start } from "motelet/lib/mqtt/client.ts";
  import { configure } from "motelet/lib/mqtt/inflight.ts";
  import { connect, field } from "motelet/lib/mqtt/packet.ts";
  import { held } from "motelet/lib/mqtt/qos2.ts";
  import { configureQueue, dropOldest } from "motelet/lib/mqtt/queue.ts";
  import { enqueueStored, openStore } from "motelet/lib/mqtt/store.ts";
  openFlash(${JSON.stringify(file)});
  const topic = field("meter"), payload = process.env["PAYLOAD"] ?? "";
  ${payloadOnce(lines)}
  if (payload === "") start(tcp("127.0.0.1", ${port}), connect({ clientId: "m", cleanSession: false, keepAlive: 60 }), 30000, 1024, 512, () => {});
`;
/** Nothing is published where there is no payload. */
const payloadOnce = (lines: string): string => lines.replace("enqueueStored(", "if (payload !== \"\") enqueueStored(");

test("the program of docs/store.md keeps what it has taken: killed at once, another boot sends it", async () => {
  const [lines] = blocks("store.md", "js");
  const { code } = await minify({ contents: program(lines!, 1883, "flash").replace(/.*openFlash.*/g, ""), resolveDir: ROOT }, ROOT);
  assert.equal(checkGrammar(code), []);
  const broker = await startAedes();
  const folder = mkdtempSync(join(tmpdir(), "motelet-store-"));
  const text = program(lines!, broker.ports.mqtt, join(folder, "flash")).replaceAll("motelet/lib", `${ROOT}/lib`);
  const boot = (payload: string): ChildProcess => spawn(
    process.execPath, ["--import", "./bin/typescript.js", "--input-type=module", "-e", text],
    { cwd: ROOT, stdio: "inherit", env: { ...process.env, PAYLOAD: payload } },
  );
  try {
    // Without a network: it ends as it has nothing to wait for.
    await new Promise((done) => boot("21.5").on("exit", done));
    assert.is(broker.messages.length, 0);
    const second = boot("");
    await until(() => broker.messages.length > 0, "the stored message arrives");
    second.kill("SIGKILL");
    await new Promise((done) => second.on("exit", done));
    assert.equal(broker.messages.map(({ topic, payload, qos }) => `${topic} ${payload.toString()} ${qos}`), ["meter 21.5 1"]);
  } finally {
    await broker.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
