/** What every link has to do, over real sockets: see `connector` of lib/platform and `Open` of its types. */
import { randomBytes } from "node:crypto";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { close } from "../../lib/platform/node/net.ts";
import { kinds, probe, type Kind, type Listening, type Peer, type Probe } from "./servers.ts";

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

/** Runs with one open connection, and stops everything after it. */
const connected = async (
  kind: Kind, run: (node: Probe, peer: Peer, server: Listening) => Promise<void>,
): Promise<void> => {
  let met: (peer: Peer) => void;
  const meeting = new Promise<Peer>((done) => {
    met = done;
  });
  const server = await kind.start((peer) => met(peer));
  const node = probe(kind.open(server.port));
  try {
    await node.until("open");
    await run(node, await meeting, server);
  } finally {
    close(node.socket, false);
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

/** Some turns of the event loop, in which nothing more is to happen. */
const quiet = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((done) => setImmediate(done));
};

const binary = (bytes: Buffer): string => bytes.toString("latin1");

for (const kind of kinds()) {
  test(`${kind.name}: opens once, and says nothing else by itself`, () => connected(kind, async (node) => {
    await quiet();
    assert.is(node.events.filter((event) => event === "open").length, 1);
    assert.not.ok(node.events.includes("data") || node.events.includes("close"));
  }));

  test(`${kind.name}: all 256 values of a byte pass unchanged in both directions`, () =>
    connected(kind, async (node, peer) => {
      node.socket.write(binary(ALL_BYTES));
      await arrived(peer, 256);
      assert.equal(peer.received(), ALL_BYTES);
      peer.send(ALL_BYTES);
      await node.until("data", () => node.received().length >= 256);
      assert.equal(node.received(), ALL_BYTES);
    }));

  test(`${kind.name}: 100 KB pass unchanged in both directions at once`, () => connected(kind, async (node, peer) => {
    const [out, back] = [randomBytes(100_000), randomBytes(100_000)];
    node.socket.write(binary(out));
    peer.send(back);
    await arrived(peer, out.length);
    await node.until("data", () => node.received().length >= back.length);
    assert.ok(peer.received().equals(out));
    assert.ok(node.received().equals(back));
  }));

  test(`${kind.name}: many small writes arrive whole and in order`, () => connected(kind, async (node, peer) => {
    const writes = Array.from({ length: 300 }, (_, i) => randomBytes(i % 140));
    for (const write of writes) node.socket.write(binary(write));
    const all = Buffer.concat(writes);
    await arrived(peer, all.length);
    assert.ok(peer.received().equals(all));
  }));

  test(`${kind.name}: drain is told when what was written has gone`, () => connected(kind, async (node, peer) => {
    const before = node.events.filter((event) => event === "drain").length;
    node.socket.write(binary(randomBytes(1000)));
    await node.until("drain", () => node.events.filter((event) => event === "drain").length > before);
    await arrived(peer, 1000);
    assert.is(peer.received().length, 1000);
  }));

  test(`${kind.name}: a server that ends is one close, after all that it sent`, () => connected(kind, async (node, peer) => {
    peer.send(ALL_BYTES);
    peer.end();
    await node.until("close");
    await quiet();
    assert.equal(node.received(), ALL_BYTES);
    assert.is(node.events.filter((event) => event === "close").length, 1);
    assert.is(node.events.at(-1), "close");
  }));

  test(`${kind.name}: a connection that is reset is one close`, () => connected(kind, async (node, _peer, server) => {
    for (const stream of server.streams) stream.resetAndDestroy();
    await node.until("close");
    await quiet();
    assert.is(node.events.filter((event) => event === "close").length, 1);
  }));

  test(`${kind.name}: after close with flush what was written arrives, and nothing is heard any more`, () =>
    connected(kind, async (node, peer) => {
      node.socket.write(binary(ALL_BYTES));
      close(node.socket, true);
      const before = node.events.length;
      peer.send(Buffer.from("too late"));
      await gone(peer);
      await quiet();
      assert.equal(peer.received(), ALL_BYTES);
      assert.is(node.events.length, before);
    }));

  test(`${kind.name}: after close without flush nothing is heard, and the server sees the end`, () =>
    connected(kind, async (node, peer) => {
      close(node.socket, false);
      const before = node.events.length;
      await gone(peer);
      await quiet();
      assert.is(node.events.length, before);
    }));

  test(`${kind.name}: closing twice, and after the server did, does nothing more`, () =>
    connected(kind, async (node, peer) => {
      peer.stream.destroy();
      await node.until("close");
      const before = node.events.length;
      close(node.socket, false);
      close(node.socket, true);
      await quiet();
      assert.is(node.events.length, before);
    }));

  test(`${kind.name}: a write after the end is lost without a word`, () => connected(kind, async (node, peer) => {
    peer.stream.destroy();
    await node.until("close");
    node.socket.write("nobody hears this");
    close(node.socket, false);
    node.socket.write("nor this");
    await quiet();
    assert.is(node.events.at(-1), "close");
  }));

  test(`${kind.name}: a port on which nothing listens is one close without an open`, async () => {
    const server = await kind.start(() => {});
    await server.close();
    const node = probe(kind.open(server.port));
    await node.until("close");
    await quiet();
    assert.equal(node.events, ["close"]);
    close(node.socket, false);
  });

  test(`${kind.name}: closing while it opens leaves nothing`, async () => {
    const server = await kind.start(() => {});
    const node = probe(kind.open(server.port));
    close(node.socket, false);
    await quiet();
    assert.equal(node.events, []);
    await server.close();
  });

  test(`${kind.name}: a second connection is not disturbed by the first`, async () => {
    const server = await kind.start((peer) => peer.onData(() => {
      if (peer.received().length === 5) peer.send(peer.received());
    }));
    const open = kind.open(server.port);
    const first = probe(open);
    await first.until("open");
    close(first.socket, false);
    const second = probe(open);
    await second.until("open");
    second.socket.write("again");
    await second.until("data");
    assert.is(second.received().toString(), "again");
    close(second.socket, true);
    await server.close();
  });
}

test.run();
