/** What every link has to do, over real sockets, in Node and on the interpreter: `Open` of lib/platform/types.ts. */
import { randomBytes } from "node:crypto";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { TARGETS } from "../platform/nodemcu.ts";
import { onInterpreter } from "./engines/espruino.ts";
import { onLua } from "./engines/lua.ts";
import { inNode, type Probe, type Side } from "./probe.ts";
import { kinds, type Kind, type Listening, type Peer } from "./servers.ts";

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

/** Runs with one open connection, and stops everything after it. */
const connected = async (
  side: Side, kind: Kind, run: (node: Probe, peer: Peer, server: Listening) => Promise<void>,
): Promise<void> => {
  let met: (peer: Peer) => void;
  const meeting = new Promise<Peer>((done) => {
    met = done;
  });
  const server = await kind.start((peer) => met(peer));
  const node = side.link(kind, server.port)();
  try {
    await node.until("open");
    await run(node, await meeting, server);
  } finally {
    await node.close(false);
    await server.close();
  }
};

const arrived = (peer: Peer, count: number): Promise<void> => new Promise((done) => {
  const look = (): void => {
    if (peer.received().length >= count) done();
  };
  peer.onData(look);
  look();
});

const gone = (peer: Peer): Promise<void> => new Promise((done) => {
  if (peer.stream.closed) done();
  else peer.onEnd(done);
});

/** Writes all of it, in as many pieces as the side needs. */
const writeAll = (side: Side, node: Probe, bytes: Buffer): void => {
  for (let at = 0; at < bytes.length; at += side.largestWriteBytes) {
    node.write(bytes.subarray(at, Math.min(bytes.length, at + side.largestWriteBytes)));
  }
};

interface Stage {
  side: Side;
  kind: Kind;
}
/** What every link has to do, wherever it runs: its name, and how it is tried. */
const ROWS: [name: string, run: (stage: Stage) => Promise<void>][] = [];
/** With an open connection. */
const row = (name: string, run: (node: Probe, peer: Peer, server: Listening, side: Side) => Promise<void>): void => {
  ROWS.push([name, ({ side, kind }) => connected(side, kind, (node, peer, server) => run(node, peer, server, side))]);
};
const count = (node: Probe, what: string): number => node.events.filter((event) => event === what).length;

row("opens once, and says nothing else by itself", async (node) => {
  await node.quiet();
  assert.is(count(node, "open"), 1);
  assert.not.ok(node.events.includes("data") || node.events.includes("close"));
});

row("all 256 values of a byte pass unchanged in both directions", async (node, peer) => {
  node.write(ALL_BYTES);
  await arrived(peer, 256);
  assert.equal(peer.received(), ALL_BYTES);
  peer.send(ALL_BYTES);
  await node.until("data", () => node.received().length >= 256);
  assert.equal(node.received(), ALL_BYTES);
});

row("much passes unchanged in both directions at once", async (node, peer, _server, side) => {
  const [out, back] = [randomBytes(side.muchBytes), randomBytes(side.muchBytes)];
  writeAll(side, node, out);
  peer.send(back);
  await arrived(peer, out.length);
  await node.until("data", () => node.received().length >= back.length);
  assert.ok(peer.received().equals(out));
  assert.ok(node.received().equals(back));
});

row("many small writes arrive whole and in order", async (node, peer) => {
  const writes = Array.from({ length: 300 }, (_, i) => randomBytes(i % 140));
  for (const write of writes) node.write(write);
  const all = Buffer.concat(writes);
  await arrived(peer, all.length);
  assert.ok(peer.received().equals(all));
});

row("drain is told when what was written has gone", async (node, peer) => {
  const before = count(node, "drain");
  node.write(randomBytes(1000));
  await node.until("drain", () => count(node, "drain") > before);
  await arrived(peer, 1000);
  assert.is(peer.received().length, 1000);
});

row("a server that ends is one close, after all that it sent", async (node, peer) => {
  peer.send(ALL_BYTES);
  peer.end();
  await node.until("close");
  await node.quiet();
  assert.equal(node.received(), ALL_BYTES);
  assert.is(count(node, "close"), 1);
  assert.is(node.events.at(-1), "close");
});

row("a connection that is reset is one close", async (node, _peer, server) => {
  for (const stream of server.streams) stream.resetAndDestroy();
  await node.until("close");
  await node.quiet();
  assert.is(count(node, "close"), 1);
});

row("after close with flush what was written arrives, and nothing is heard any more", async (node, peer) => {
  node.write(ALL_BYTES);
  await node.close(true);
  const before = node.events.length;
  peer.send(Buffer.from("too late"));
  await gone(peer);
  await node.quiet();
  assert.equal(peer.received(), ALL_BYTES);
  assert.is(node.events.length, before);
});

row("after close without flush nothing is heard, and the server sees the end", async (node, peer) => {
  await node.close(false);
  const before = node.events.length;
  await gone(peer);
  await node.quiet();
  assert.is(node.events.length, before);
});

row("closing twice, and after the server did, does nothing more", async (node, peer) => {
  peer.stream.destroy();
  await node.until("close");
  const before = node.events.length;
  await node.close(false);
  await node.close(true);
  await node.quiet();
  assert.is(node.events.length, before);
});

row("a write after the end is lost without a word, or throws where the chip's own does", async (node, peer, _server, side) => {
  peer.stream.destroy();
  await node.until("close");
  const before = node.events.length;
  node.write(Buffer.from("nobody hears this"));
  await node.close(false);
  node.write(Buffer.from("nor this"));
  await node.quiet();
  assert.equal(node.events.slice(before).filter((event) => side === inNode || event !== "threw"), []);
});

ROWS.push(["a port on which nothing listens is one close without an open, or none where it is not even tried", async ({ side, kind }) => {
  const server = await kind.start(() => {});
  await server.close();
  const node = side.link(kind, server.port)();
  await node.until("close", () => node.events.length > 0);
  await node.quiet();
  assert.equal(node.events, node.events[0] === "refused" ? ["refused"] : ["close"]);
  if (node.events[0] === "close") await node.close(false);
}], ["closing while it opens leaves nothing", async ({ side, kind }) => {
  const server = await kind.start(() => {});
  const node = side.link(kind, server.port)();
  await node.close(false);
  await node.quiet();
  assert.equal(node.events, []);
  await server.close();
}], ["a second connection is not disturbed by the first", async ({ side, kind }) => {
  const server = await kind.start((peer) => peer.onData(() => {
    if (peer.received().length === 5) peer.send(peer.received());
  }));
  const open = side.link(kind, server.port);
  const first = open();
  await first.until("open");
  await first.close(false);
  const second = open();
  await second.until("open");
  second.write(Buffer.from("again"));
  await second.until("data");
  assert.is(second.received().toString(), "again");
  await second.close(true);
  await server.close();
}]);

/** The ESP8266 has the same file for its sockets, and no heap for what this has under way. */
const LUA = TARGETS.filter(({ chip }) => chip === "ESP32").map(onLua);

for (const side of [onInterpreter, ...LUA]) test.after(() => side.stop());

for (const side of [inNode, onInterpreter, ...LUA]) {
  const isHere = side.missing === undefined;
  const where = side === inNode ? "" : ` on ${side.name}${isHere ? "" : ` (skipped: ${side.missing})`}`;
  for (const kind of kinds(isHere ? side.algorithm : "ec")) {
    if (kind.secure && LUA.includes(side)) continue;
    for (const [name, run] of ROWS) {
      (isHere ? test : test.skip)(`${kind.name}${where}: ${name}`, async () => {
        await side.start(kind);
        await run({ side, kind });
      });
    }
  }
}

test.run();
