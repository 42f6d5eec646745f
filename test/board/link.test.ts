/** How a board file says by which link its broker is reached, and what is said of one that cannot be. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadBoard } from "../../tools/board/load.ts";
import { authorityOf, parseUrl } from "../../tools/board/rules/link.ts";
import type { Board, Problem } from "../../tools/board/types.ts";
import { build } from "../../tools/build/build.ts";
import { authority } from "../../interop/certificate.ts";
import { changed, inFolder, type Json, SECRETS } from "./helper.ts";

const ours = authority("motelet test");
const own = ours.issue(["greenhouse"]);
const other = ours.issue(["freezer"]);
const FILES = {
  "ca.pem": ours.ca, "own.pem": own.cert, "own.key": own.key, "other.key": other.key,
  "old.pem": ours.issue(["old"], new Date(Date.now() - 1000)).cert, "text.pem": "no PEM at all",
};

test("the URL says link, port and path", () => {
  const rows: [string, object][] = [
    ["mqtts://a", { link: "tls", host: "a", port: 8883 }],
    ["MQTTS://a:1", { link: "tls", host: "a", port: 1 }],
    ["ws://a", { link: "ws", host: "a", port: 80, path: "/mqtt" }],
    ["ws://a/", { link: "ws", host: "a", port: 80, path: "/mqtt" }],
    ["wss://a", { link: "wss", host: "a", port: 443, path: "/mqtt" }],
    ["wss://a:8084/mqtt/v3?key=1%20x", { link: "wss", host: "a", port: 8084, path: "/mqtt/v3?key=1%20x" }],
  ];
  for (const [url, parts] of rows) assert.equal(parseUrl(url), parts, url);
});

test("a URL that cannot be is refused", () => {
  for (const url of ["ws://", "ws://a:0", "ws://a:70000", "ws://a b", "ws://u@a", "ws://a/x y", "ws://a/x#y", "ws://a?x",
    "ws://a/\r\nx", "mqtts://a/path", "wss://[::1]/mqtt", "tcp://a", "https://a", "constructor://a"]) {
    assert.ok("problem" in parseUrl(url), url);
  }
});

test("a URL near a right one gets that one", () => {
  for (const [url, right] of [["ssl://a", "mqtts://"], ["http://a", "ws://"], ["https://a", "wss://"], ["tcp://a", "mqtt://"]]) {
    const seen = parseUrl(url!);
    assert.ok("problem" in seen && seen.suggestion.includes(right!), url);
  }
});

test("the port is said to a server where it is not the link's own", () => {
  assert.is(authorityOf({ link: "ws", host: "a", port: 80 }), "a");
  assert.is(authorityOf({ link: "ws", host: "a", port: 443 }), "a:443");
  assert.is(authorityOf({ link: "wss", host: "a", port: 443 }), "a");
});

type Loaded = Promise<{ board?: Board; problems: Problem[] }>;

const load = (change: (board: Json) => void, secrets: Record<string, string> = {}): Loaded =>
  inFolder({ "board.json": changed(change), ...FILES }, (folder) =>
    loadBoard(join(folder, "board.json"), { secrets: { ...SECRETS, ...secrets } }));

const UNVERIFIED = (b: Json): void => {
  b.mqtt.url = "mqtts://broker";
  b.mqtt.tls = { verify: false };
};

/** Name, change, path, words, severity. */
const ROWS: [string, (board: Json) => void, string, string[], Problem["severity"]?][] = [
  ["a link that is not verified is a warning, even where it is wanted", UNVERIFIED, "mqtt.tls.verify", ["pose as the broker"],
    "warning"],
  ["verify is true where it is not written", (b) => {
    UNVERIFIED(b);
    b.mqtt.tls = { ca: "ca.pem" };
  }, "mqtt.tls", ["cannot verify a broker", "verify to false"]],
  ["an ESP8266 has no TLS", (b) => {
    UNVERIFIED(b);
    b.hardware = "esp8266-nodemcu";
  }, "mqtt.url", ["has no TLS"]],
  ["tls needs a URL with TLS", (b) => b.mqtt.tls = { verify: false }, "mqtt.tls", ["no TLS", "mqtts://"]],
  ["tls needs a WebSocket with TLS", (b) => {
    b.mqtt.url = "ws://a";
    b.mqtt.tls = {};
  }, "mqtt.tls", ["wss://"]],
  ["an unknown key of tls gets the nearest", (b) => {
    UNVERIFIED(b);
    b.mqtt.tls.servername = "x";
  }, "mqtt.tls.servername", ["serverName"]],
  ["Espruino cannot say a server name", (b) => {
    UNVERIFIED(b);
    b.mqtt.tls.serverName = "x";
  }, "mqtt.tls.serverName", ["fixed one"]],
  ["an authority that nobody asks is a warning", (b) => {
    UNVERIFIED(b);
    b.mqtt.tls.ca = "ca.pem";
  }, "mqtt.tls.ca", ["left out"], "warning"],
  ["a certificate needs its key", (b) => {
    UNVERIFIED(b);
    b.mqtt.tls.cert = "own.pem";
  }, "mqtt.tls.cert", ["no \"key\""]],
  ["a key needs its certificate", (b) => {
    UNVERIFIED(b);
    b.mqtt.tls.key = "own.key";
  }, "mqtt.tls.key", ["no \"cert\""]],
  ["the key of another certificate is found", (b) => {
    UNVERIFIED(b);
    Object.assign(b.mqtt.tls, { cert: "own.pem", key: "other.key" });
  }, "mqtt.tls.key", ["not the key of the certificate"]],
  ["a file that is not there is found", (b) => {
    UNVERIFIED(b);
    Object.assign(b.mqtt.tls, { cert: "nowhere.pem", key: "own.key" });
  }, "mqtt.tls.cert", ["no such file", "relative to the board file"]],
  ["a folder is no certificate", (b) => {
    UNVERIFIED(b);
    Object.assign(b.mqtt.tls, { cert: ".", key: "own.key" });
  }, "mqtt.tls.cert", ["cannot be read"]],
  ["a file that is no PEM is found", (b) => {
    UNVERIFIED(b);
    Object.assign(b.mqtt.tls, { cert: "text.pem", key: "own.key" });
  }, "mqtt.tls.cert", ["not a certificate in PEM"]],
  ["a key in the place of a certificate is found", (b) => {
    UNVERIFIED(b);
    Object.assign(b.mqtt.tls, { cert: "own.key", key: "own.key" });
  }, "mqtt.tls.cert", ["not a certificate"]],
  ["a certificate in the place of a key is found", (b) => {
    UNVERIFIED(b);
    Object.assign(b.mqtt.tls, { cert: "own.pem", key: "own.pem" });
  }, "mqtt.tls.key", ["not a private key"]],
  ["a certificate that has run out is a warning", (b) => {
    UNVERIFIED(b);
    b.mqtt.tls.ca = "old.pem";
  }, "mqtt.tls.ca", ["has run out"], "warning"],
];

for (const [name, change, path, words, severity = "error"] of ROWS) {
  test(name, async () => {
    const { problems } = await load(change);
    const found = problems.filter((p) => p.path === path && p.severity === severity)
      .map(({ message, suggestion }) => `${message}. ${suggestion ?? ""}`);
    assert.ok(found.some((text) => words.every((word) => text.includes(word))), JSON.stringify(problems, null, 1));
  });
}

test("certificate and key are loaded, from files or from secrets, and are not in what is printed", async () => {
  const change = (b: Json): void => {
    UNVERIFIED(b);
    Object.assign(b.mqtt.tls, { cert: "${CERT}", key: "${KEY}" });
  };
  const der = (pem: string): string => pem.replace(/-----.*-----|\n/g, "");
  for (const secrets of [{ CERT: "own.pem", KEY: "own.key" }, { CERT: own.cert, KEY: own.key }]) {
    const { board, problems } = await load(change, secrets);
    assert.equal(problems.filter((p) => p.severity === "error"), []);
    assert.equal(board!.mqtt.tls, { verify: false, cert: der(own.cert), key: der(own.key) });
  }
  const { problems } = await load(change, { CERT: own.cert, KEY: other.key });
  assert.not.ok(JSON.stringify(problems).includes(der(other.key).slice(0, 40)));
});

test("without a secret that holds a key the simulator still gets a build", async () => {
  const board = changed((b) => {
    UNVERIFIED(b);
    Object.assign(b.mqtt.tls, { cert: "own.pem", key: "${A_KEY_THAT_NOBODY_SET}" });
  });
  await inFolder({ "board.json": board, ...FILES }, async (folder) => {
    const { manifest, problems } = await build(join(folder, "board.json"), { secrets: "simulated", outDir: folder });
    assert.equal(problems.filter((p) => p.severity === "error"), []);
    assert.is(manifest!.secrets, "simulated");
  });
});

test("a board gets the links that its URL names, and no other; the key is in the firmware alone", async () => {
  const links: Record<string, string[]> = {
    "mqtt://b": [], "ws://b": ["websocket"], "mqtts://b": ["tls"], "wss://b/x": ["tls", "websocket"],
  };
  for (const [url, wanted] of Object.entries(links)) {
    const board = changed((b) => {
      b.mqtt.url = url;
      if (url.includes("s:") && !url.startsWith("ws:")) b.mqtt.tls = { verify: false, cert: "own.pem", key: "own.key" };
    });
    await inFolder({ "board.json": board, ...FILES }, async (folder) => {
      const { manifest, file } = await build(join(folder, "board.json"), { secrets: "simulated", outDir: folder });
      const modules = Object.keys(manifest!.modules).join(" ");
      assert.is(modules.includes("lib/link/websocket.ts"), wanted.includes("websocket"), url);
      assert.is(modules.includes("espruino/tls.ts"), wanted.includes("tls"), url);
      assert.is(modules.includes("espruino/net.ts"), true, url);
      const code = readFileSync(file!, "latin1");
      const key = own.keyDer.toString("base64");
      assert.is(code.includes(key), wanted.includes("tls"), url);
      assert.not.ok(JSON.stringify(manifest).includes(key.slice(0, 40)));
      assert.is(code.includes("GET /"), wanted.includes("websocket"), url);
    });
  }
});

test.run();
