/** The links on the real interpreter, against Aedes; skipped without ESPRUINO. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findEspruino } from "../../bench/interpreter.ts";
import { upgradeRequest } from "../../lib/link/websocket.ts";
import { minify } from "../../tools/build/minify.ts";
import { root } from "../../tools/build/root.ts";
import { startAedes, until } from "./aedes.ts";
import { authority } from "../../interop/certificate.ts";
import { listen } from "./servers.ts";

const espruino = findEspruino();
const testThere = espruino === undefined ? test.skip : test;
if (espruino === undefined) console.log("skipped: the links on the real interpreter need ESPRUINO, a Linux build of Espruino");

/** Runs code on the interpreter while `body` watches what it prints, then kills it. */
const onInterpreter = async (code: string, body: (printed: () => string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "motelet-link-"));
  writeFileSync(join(folder, "run.js"), code, "latin1");
  const child = spawn(espruino!, ["run.js"], { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
  const gone = new Promise((done) => child.on("exit", done));
  let text = "";
  child.stdout.setEncoding("latin1").on("data", (piece: string) => {
    text += piece;
  });
  try {
    await body(() => text);
  } catch (error) {
    throw new Error(`${String(error)}; the interpreter printed:\n${text.slice(-1500)}`);
  } finally {
    // It catches SIGTERM.
    child.kill("SIGKILL");
    await gone;
    rmSync(folder, { recursive: true, force: true });
  }
};

const client = (link: string): string => `
  import { tcp } from "motelet/lib/link/tcp.ts";
  import { tls } from "motelet/lib/link/tls.ts";
  import { websocket } from "motelet/lib/link/websocket.ts";
  import { start } from "motelet/lib/mqtt/client.ts";
  import { configure, onSettled } from "motelet/lib/mqtt/inflight.ts";
  import { connect, field } from "motelet/lib/mqtt/packet.ts";
  import { publish } from "motelet/lib/mqtt/publish.ts";
  import { publishKept } from "motelet/lib/mqtt/qos1.ts";
  import { listeners, subscribe } from "motelet/lib/mqtt/subscribe.ts";
  declare const print: (line: string) => void;
  let all = "";
  for (let i = 0; i < 256; i++) all += String.fromCharCode(i);
  let gone = false;
  configure(4, 2000, true);
  listeners[""] = (topic, payload) => {
    let right = payload.length % 256 === 0;
    for (let i = 0; i < payload.length; i += 256) right = right && payload.substring(i, i + 256) === all;
    print("GOT " + topic.substring(2) + " " + payload.length + " " + right);
  };
  onSettled((kept) => {
    if (kept[1]!.charCodeAt(0) === 0x82 && !gone) {
      gone = true;
      print("SUBSCRIBED");
      publish(field("up/0"), all, 0);
      publishKept(field("up/1"), all + all, 2);
    }
  });
  subscribe(field("down/#"), 1);
  start(${link}, connect({ clientId: "e", cleanSession: true, keepAlive: 60 }), 30000, 5000, 70000,
    (reason) => print("DOWN " + reason));
`;

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
const rsa = espruino === undefined ? undefined : authority("motelet test", "rsa");

const LINKS: Record<string, (ports: Record<"ws" | "mqtts" | "wss", number>) => string> = {
  "websocket over tcp": ({ ws }) => `websocket(tcp("127.0.0.1", ${ws}), REQUEST)`,
  "tls that verifies nothing": ({ mqtts }) => `tls("127.0.0.1", ${mqtts}, { verify: false })`,
  "websocket over such tls": ({ wss }) => `websocket(tls("127.0.0.1", ${wss}, { verify: false }), REQUEST)`,
};

for (const [name, link] of Object.entries(LINKS)) {
  testThere(`on the real interpreter the client speaks with Aedes over ${name}`, async () => {
    const brokers = await startAedes(rsa!.issue(["localhost"]));
    try {
      const request = JSON.stringify(upgradeRequest("127.0.0.1", "/mqtt"));
      const contents = client(link(brokers.ports).replace("REQUEST", request));
      const { code } = await minify({ contents, resolveDir: root }, root);
      await onInterpreter(code, async (printed) => {
        await until(() => brokers.messages.length === 2, "two messages at the broker");
        const sent = brokers.messages.sort((a, b) => a.payload.length - b.payload.length);
        assert.ok(sent[0]!.payload.equals(ALL_BYTES));
        assert.ok(sent[1]!.payload.equals(Buffer.concat([ALL_BYTES, ALL_BYTES])));
        brokers.publish("down/a", ALL_BYTES, 1);
        brokers.publish("down/large", Buffer.concat(Array(100).fill(ALL_BYTES)), 1);
        await until(() => /GOT down\/large [^\n]*\n/.test(printed()), "a large message at the node");
        assert.match(printed(), /GOT down\/a 256 true/);
        assert.match(printed(), /GOT down\/large 25600 true/);
        assert.not.match(printed(), /DOWN/);
      });
    } finally {
      await brokers.close();
    }
  });
}

testThere("on the real interpreter a client certificate is shown to a broker that asks for one", async () => {
  const own = rsa!.issue(["greenhouse"]);
  let said = "";
  const server = await listen((stream) => stream.on("data", (bytes) => (said += bytes.toString("latin1"))),
    { ...rsa!.issue(["localhost"]), ca: rsa!.ca, requestCert: true, rejectUnauthorized: true });
  const der = (bytes: Buffer): string => JSON.stringify(bytes.toString("base64"));
  const { code } = await minify({
    contents: 'import { tls } from "motelet/lib/link/tls.ts";\n'
      + `const socket = tls("127.0.0.1", ${server.port}, { verify: false, cert: ${der(own.certDer)}, `
      + `key: ${der(own.keyDer)} })(() => socket!.write("let in"), () => {}, () => {}, () => {});`,
    resolveDir: root,
  }, root);
  await onInterpreter(code, () => until(() => said === "let in", "the broker lets the node in"));
  assert.is(said, "let in");
  await server.close();
});

testThere("Espruino verifies no broker, whatever `ca` says: why the link refuses to be told to", async () => {
  const streams: { destroy(): void }[] = [];
  let said = "";
  const server = createServer(rsa!.issue(["another.example"]), (stream) => {
    streams.push(stream);
    stream.on("error", () => {});
    stream.on("data", (bytes) => (said += bytes.toString("latin1")));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  const stranger = authority("stranger", "rsa").ca.replace(/-----.*-----|\n/g, "");
  await onInterpreter(
    `require("tls").connect({host:"127.0.0.1",port:${port},ca:atob("${stranger}")},function(s){s.write("a password")})`,
    () => until(() => said === "a password", "a broker whom nobody vouches for is believed"),
  );
  // Where this fails Espruino has begun to verify: lib/platform/espruino/tls.ts and boards/hardware can say so then.
  assert.is(said, "a password");
  for (const stream of streams) stream.destroy();
  await new Promise<void>((done) => server.close(() => done()));
});

test.run();
