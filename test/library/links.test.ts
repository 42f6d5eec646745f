/** motelet/mqtt over TCP, TLS and WebSocket, against Aedes; and what it says where a link does not come about. */
import { connect, type Client, type ConnectOptions } from "motelet/mqtt";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { startAedes, type Brokers } from "../link/aedes.ts";
import { authority } from "../../interop/certificate.ts";
import { listen, ourAuthority } from "../link/servers.ts";
import { until } from "./broker.ts";

let brokers: Brokers;
test.before(async () => void (brokers = await startAedes()));
test.after(() => brokers.close());

const { ca, issue } = ourAuthority();

type Body = (client: Client, told: string[]) => Promise<void>;

const withClient = async (options: ConnectOptions, body: Body): Promise<void> => {
  const client = connect(options);
  const told: string[] = [];
  client.on("disconnected", ({ code, fault, text }) => told.push(`${code} ${fault}: ${text}`));
  client.on("error", ({ code, message }) => told.push(`${code}: ${message}`));
  try {
    await body(client, told);
  } finally {
    await client.end(0);
  }
};

const checkExchange = (options: ConnectOptions): Promise<void> => withClient(options, async (client, told) => {
  const large = "x".repeat(200_000);
  const got: string[] = [];
  await new Promise<void>((done) => client.subscribe("links/#", { qos: 2 }, ({ text }) => got.push(text), () => done()));
  for (const qos of [0, 1, 2] as const) client.publish(`links/${qos}`, `at QoS ${qos}`, { qos });
  client.publish("links/large", large, { qos: 1 });
  assert.is(await client.flush(), true);
  await until(() => got.length === 4, "four messages");
  assert.equal(got.sort(), ["at QoS 0", "at QoS 1", "at QoS 2", large]);
  assert.is(await client.end(), true);
  assert.equal(told, []);
});

for (const scheme of ["mqtt", "mqtts", "ws", "wss"] as const) {
  test(`${scheme}: messages of each QoS and of 200,000 bytes go both ways, and end() ends it without an error`, () => checkExchange({
    url: `${scheme}://127.0.0.1:${brokers.ports[scheme]}`, ...(scheme.endsWith("s") && scheme !== "ws" ? { tls: { ca } } : {}),
  }));
}

test("host with tls is TLS", () => checkExchange({ host: "127.0.0.1", port: brokers.ports.mqtts, tls: { ca } }));

test("a broker that nobody trusted vouches for is not let in, and that is an error of its own", () => withClient(
  { url: `mqtts://127.0.0.1:${brokers.ports.mqtts}` },
  async (client, told) => {
    await until(() => told.length > 1, "told");
    assert.match(told[0]!, /^6 link: the connection was closed: .*certificate/);
    assert.match(told[1]!, /^untrusted: the broker's certificate is not accepted: .*certificate/);
    assert.is(client.connected, false);
  },
));

test("serverName is what the certificate has to be for", async () => {
  const url = `mqtts://127.0.0.1:${brokers.ports.mqtts}`;
  await checkExchange({ url, tls: { ca, serverName: "localhost" } });
  await withClient({ url, tls: { ca, serverName: "broker.example" } }, async (_client, told) => {
    await until(() => told.length > 1, "told");
    assert.match(told[1]!, /^untrusted: .*broker\.example/);
  });
});

test("verify: false lets anybody in", () => checkExchange({
  url: `mqtts://127.0.0.1:${brokers.ports.mqtts}`, tls: { ca: authority("somebody else").ca, verify: false },
}));

test("a client certificate is shown to a broker that asks for one", async () => {
  const names: string[] = [];
  const server = await listen((stream) => {
    names.push((stream as TLSSocket).getPeerCertificate().subject.CN as string);
    stream.once("data", () => stream.write("\x20\x02\0\0", "latin1"));
  }, { ...issue(["127.0.0.1"]), ca, requestCert: true, rejectUnauthorized: true });
  const { cert, key } = issue(["greenhouse"]);
  try {
    await withClient({ url: `mqtts://127.0.0.1:${server.port}`, tls: { ca, cert, key: Buffer.from(key) } }, async (client) => {
      await until(() => client.connected, "connected");
    });
    assert.equal(names, ["greenhouse"]);
  } finally {
    await server.close();
  }
});

test("a server that speaks HTTP but not MQTT over a WebSocket: the reason says where", async () => {
  const server = createHttpServer((_request, response) => response.writeHead(404).end());
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  try {
    await withClient({ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/wrong?a=b` }, async (_client, told) => {
      await until(() => told.length > 0, "told");
      assert.is(told[0], "6 link: the connection was closed: the server does not speak MQTT over a WebSocket at /wrong?a=b");
    });
  } finally {
    await new Promise<void>((done) => server.close(() => done()));
  }
});

test("a WebSocket asks for the path of the URL, /mqtt where there is none, and for the host with its port", async () => {
  const seen: string[] = [];
  const server = createHttpServer();
  server.on("upgrade", ({ url, headers }, socket) => {
    seen.push(`${headers.host} ${url}`);
    socket.destroy();
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  try {
    for (const options of [
      { url: `ws://127.0.0.1:${port}` }, { url: `ws://127.0.0.1:${port}/a/b?c` }, { url: "ws://127.0.0.1", port },
    ]) {
      await withClient(options, (_client, told) => until(() => told.length > 0, "told"));
    }
    assert.equal(seen, [`127.0.0.1:${port} /mqtt`, `127.0.0.1:${port} /a/b?c`, `127.0.0.1:${port} /mqtt`]);
  } finally {
    await new Promise<void>((done) => server.close(() => done()));
  }
});

test("options of a link that cannot be right are errors at once", () => {
  const other = issue(["other"]);
  const mine = issue(["mine"]);
  const wrong: [ConnectOptions, RegExp][] = [
    [{ url: "http://h" }, /mqtt:\/\/, mqtts:\/\/, ws:\/\/ or wss:\/\//],
    [{ url: "mqtt://h/path" }, /only a WebSocket has a path/],
    [{ url: "mqtt://h", tls: {} }, /mqtts:\/\/ and wss:\/\//],
    [{ url: "ws://h#x" }, /url: write/],
    [{ url: "mqtts://h", tls: { ca: "ca.pem" } }, /tls\.ca is no PEM.*readFileSync/],
    [{ url: "mqtts://h", tls: { ca: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" } }, /no certificate/],
    [{ url: "mqtts://h", tls: { ca: [ca, other.key] } }, /no certificate/],
    [{ url: "mqtts://h", tls: { cert: mine.cert } }, /go together/],
    [{ url: "mqtts://h", tls: { cert: mine.cert, key: other.key } }, /belong together/],
    [{ url: "mqtts://h", tls: { CA: ca } as never }, /tls has no "CA"/],
  ];
  for (const [options, pattern] of wrong) assert.throws(() => connect(options), pattern);
});

test.run();
