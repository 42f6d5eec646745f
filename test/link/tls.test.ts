/** What the TLS link lets in: a broker that is who it should be, and nobody else, unless it was told otherwise. */
import type { TlsOptions as ServerOptions } from "node:tls";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { minify } from "../../tools/build/minify.ts";
import { root } from "../../tools/build/root.ts";
import { tls } from "../../lib/link/tls.ts";
import type { TlsOptions } from "../../lib/platform/types.ts";
import { authority } from "../../interop/certificate.ts";
import { probe } from "./probe.ts";
import { listen, ourAuthority } from "./servers.ts";

interface Seen {
  events: string[];
  /** What the server saw of each connection that it let in. */
  names: unknown[];
  received: string;
}

/** Connects once; the server greets whom it lets in. */
const attempt = async (server: ServerOptions, client: TlsOptions, host = "127.0.0.1"): Promise<Seen> => {
  const names: unknown[] = [];
  const listening = await listen((stream) => {
    names.push((stream as unknown as { servername: unknown }).servername);
    stream.write("hello");
  }, server);
  const node = probe(tls(host, listening.port, client));
  await node.until("data", () => node.received().length === 5 || node.events.includes("close"));
  const { events } = node;
  await node.close(false);
  await listening.close();
  return { events, names, received: node.received().toString() };
};

const assertLetIn = ({ events, received }: Seen): void => {
  assert.is(events[0], "open");
  assert.is(received, "hello");
};

const assertKeptOut = ({ events, received }: Seen): void => {
  assert.equal(events, ["close"]);
  assert.is(received, "");
};

const { ca, issue } = ourAuthority();
const broker = issue(["localhost", "127.0.0.1"]);

test("a broker whose certificate our authority has signed is let in", async () => {
  assertLetIn(await attempt(broker, { ca }));
});

test("a broker is not let in when its authority is not known, which is so by default", async () => {
  assertKeptOut(await attempt(broker, {}));
});

test("a broker of another authority is not let in, even one of the same name", async () => {
  assertKeptOut(await attempt(broker, { ca: authority("motelet test").ca }));
});

test("a broker with the certificate of another host is not let in", async () => {
  assertKeptOut(await attempt(issue(["broker.example"]), { ca }));
});

test("a broker whose certificate has run out is not let in", async () => {
  assertKeptOut(await attempt(issue(["127.0.0.1"], new Date(Date.now() - 1000)), { ca }));
});

test("verify: false, and nothing but that, lets anybody in", async () => {
  assertLetIn(await attempt(issue(["broker.example"]), { verify: false }));
  assertKeptOut(await attempt(broker, { verify: true }));
  assertKeptOut(await attempt(broker, { verify: undefined }));
});

test("the server name is asked for, and is what the certificate has to be for", async () => {
  const identity = issue(["broker.example"]);
  const seen = await attempt(identity, { ca, serverName: "broker.example" });
  assertLetIn(seen);
  assert.equal(seen.names, ["broker.example"]);
  assertKeptOut(await attempt(identity, { ca, serverName: "other.example" }));
});

test("the host is the server name where none is given", async () => {
  const seen = await attempt(broker, { ca }, "localhost");
  assertLetIn(seen);
  assert.equal(seen.names, ["localhost"]);
});

test("a client certificate is shown to a broker that asks for one, which keeps out those without", async () => {
  const client = issue(["greenhouse"]);
  const server = { ...broker, ca, requestCert: true, rejectUnauthorized: true };
  assertLetIn(await attempt(server, { ca, cert: client.cert, key: client.key }));
  const without = await attempt(server, { ca });
  assert.is(without.received, "");
  assert.equal(without.names, []);
});

test("a broker that knows nothing newer than TLS 1.1 is not let in", async () => {
  assertKeptOut(await attempt({ ...broker, minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL@SECLEVEL=0" }, { ca }));
});

test("a server that speaks no TLS is one close", async () => {
  const listening = await listen((stream) => void stream.end("\x20\x02\0\0 this is not TLS"));
  const node = probe(tls("127.0.0.1", listening.port, { ca }));
  await node.until("close");
  assert.equal(node.events, ["close"]);
  await listening.close();
});

/** The link as it is built for Espruino, with a module "tls" of ours. */
const espruinoLink = async (options: string): Promise<(require: (name: string) => unknown) => unknown> => {
  const { code } = await minify({
    contents: 'import { tls } from "motelet/lib/link/tls.ts";\ndeclare const out: { open: unknown };\n'
      + `out.open = tls("broker.local", 8883, ${options});`,
    resolveDir: root,
  }, root);
  return (require) => {
    const out: { open?: unknown } = {};
    new Function("require", "out", code)(require, out);
    return out.open;
  };
};

test("on Espruino, which cannot verify, a link that is to verify stops the program at boot", async () => {
  for (const options of ["{}", "{ verify: true }", '{ ca: "x", verify: undefined }']) {
    const run = await espruinoLink(options);
    assert.throws(() => run(() => assert.unreachable("no connection is tried")), /cannot verify/);
  }
});

test("on Espruino, verify: false connects with the client's certificate", async () => {
  const run = await espruinoLink('{ verify: false, cert: "AP8=", key: "gAE=" }');
  const seen: unknown[] = [];
  const open = run((name) => ({
    connect: ({ host, port, cert, key }: { host: string; port: number; cert: () => string; key: () => string }) => {
      seen.push(name, host, port, cert(), key());
      return { on: () => {} };
    },
  })) as (...callbacks: (() => void)[]) => unknown;
  assert.ok(open(() => {}, () => {}, () => {}, () => {}));
  assert.equal(seen, ["tls", "broker.local", 8883, "\0\xff", "\x80\x01"]);
});

test.run();
