/** Sockets and Wi-Fi of the engine lua, as net.c, tls.c and wifi.c of both branches have them. */
import { duplexPair, type Duplex } from "node:stream";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createLuaEngine } from "../../simulator/engines/lua.ts";
import type { LuaVersion } from "../../simulator/engines/lua/vm.ts";
import { createBench, type Bench } from "./bench.ts";

type Chip = "ESP32" | "ESP8266";

/** A server at broker:1883 that lives in this process, so that the virtual clock knows when it is done. */
const serve = (on: (socket: Duplex) => void) => (bench: Bench): void => bench.network.route("broker", 1883, {
  open() {
    const [node, server] = duplexPair();
    server.on("error", () => {});
    node.on("close", () => server.destroy());
    on(server);
    return node;
  },
});
const swallow = serve((socket) => socket.resume());

/** Joins, then calls `up`. */
const JOIN: Record<Chip, string> = {
  ESP32: `wifi.mode(wifi.STATION)
    wifi.sta.on("got_ip", function(name, info) print(name, info.ip, info.netmask, info.gw) up() end)
    wifi.start()
    wifi.sta.config({ ssid = "home", pwd = "secret" })
    wifi.sta.connect()`,
  ESP8266: `wifi.setmode(wifi.STATION)
    wifi.eventmon.register(wifi.eventmon.STA_GOT_IP, function(t) print("got_ip", t.IP, t.netmask, t.gateway) up() end)
    wifi.sta.config({ ssid = "home", pwd = "secret", save = false })`,
};
const JOINED = "got_ip\t192.168.4.2\t255.255.255.0\t192.168.4.1";

async function start(script: string, chip: Chip, version: LuaVersion = "5.1", prepare?: (bench: Bench) => void): Promise<Bench> {
  const bench = createBench((options) => createLuaEngine(options, { version }), { virtual: true, chip });
  prepare?.(bench);
  await bench.engine.start(Buffer.from(script, "latin1"));
  return bench;
}

const CASES = (["ESP32", "ESP8266"] as const).flatMap((chip) => (["5.1", "5.3"] as const).map((version) => ({ chip, version })));

for (const { chip, version } of CASES) {
  test(`Lua ${version} on ${chip} sends and receives every byte, and is told when a send has arrived`, async () => {
    const bench = await start(`
      local every = {}
      for i = 0, 255 do every[i + 1] = string.char(i) end
      every = table.concat(every):rep(10)
      function up()
        local s = net.createConnection(net.TCP, 0)
        local got, at = "", 1
        local function nextPiece()
          if at > #every then return end
          s:send(every:sub(at, at + 999))
          at = at + 1000
        end
        s:on("connection", function(c) print("open", c == s, (c:getpeer())) nextPiece() end)
        s:on("sent", function() print("sent") nextPiece() end)
        s:on("receive", function(_, data)
          got = got .. data
          if #got == #every then
            print("echo", got == every)
            s:close()
            print(pcall(s.send, s, "x"), pcall(s.close, s))
          end
        end)
        s:on("disconnection", function() print("no") end)
        print(pcall(s.send, s, "early"))
        s:connect(1883, "broker")
        print("connecting", pcall(s.connect, s, 1, "broker"))
      end
      ${JOIN[chip]}`, chip, version, serve((socket) => socket.pipe(socket)));
    await bench.pass(2000);
    await bench.close();
    assert.equal(bench.lines, [
      JOINED, "false\tnot connected", "connecting\tfalse\talready connected", `open\ttrue\t1883`, "sent", "sent", "sent",
      "echo\ttrue", "false\tfalse\tnot connected",
    ]);
    assert.equal(bench.warnings, []);
  });
}

/** What a socket hears, with the code that comes with it. */
const LISTEN = `
  local s = net.createConnection(net.TCP, 0)
  local names = { "connection", "disconnection", "reconnection", "receive", "sent", "dns" }
  for _, name in ipairs(names) do
    s:on(name, function(_, more) print(name, more) ending(s, name) end)
  end`;
const pass = (chip: Chip, more: string, ending = ""): string =>
  `function ending(s, name) ${ending} end function up() ${LISTEN} ${more} end ${JOIN[chip]}`;

test("a peer that closes: the ESP8266 has forgotten the socket by then, the ESP32 waits for its close", async () => {
  for (const chip of ["ESP32", "ESP8266"] as const) {
    const bench = await start(pass(chip, `s:connect(1883, "broker")`,
      `if name == "disconnection" then print(pcall(s.close, s)) end`), chip, "5.1",
    serve((socket) => socket.end("bye")));
    // Twice, as what an opened link brings by itself is no activity of the network.
    await bench.pass(1000);
    await bench.pass(1000);
    await bench.close();
    assert.equal(bench.lines, [JOINED, "dns\t192.168.4.10", "connection\tnil", "receive\tbye", "disconnection\t0",
      chip === "ESP32" ? "true" : "false\tnot connected"]);
  }
});

test("a refused connection: the ESP32 tells of it twice, unless the socket is closed", async () => {
  const refused = async (chip: Chip, ending: string): Promise<string[]> => {
    const bench = await start(pass(chip, `s:connect(1, "broker")`, ending), chip, "5.1", swallow);
    await bench.pass(2000);
    await bench.close();
    return bench.lines.slice(2);
  };
  assert.equal(await refused("ESP8266", ""), ["reconnection\t-9"]);
  assert.equal(await refused("ESP32", ""), ["disconnection\t0", "reconnection\t-14"]);
  assert.equal(await refused("ESP32", "if name == 'disconnection' then s:close() end"), ["disconnection\t0"]);
});

test("a name that is not found calls dns with nil, and the connection fails much later", async () => {
  for (const chip of ["ESP32", "ESP8266"] as const) {
    const bench = await start(pass(chip, `s:connect(1883, "nowhere.example")`, "if name ~= 'dns' and s.pcb then s:close() end"), chip);
    await bench.pass(2000);
    assert.equal(bench.lines.slice(1), ["dns\tnil"]);
    await bench.pass(30_000);
    await bench.close();
    assert.equal(bench.lines.slice(2), [chip === "ESP32" ? "disconnection\t0" : "reconnection\t-8"]);
  }
});

test("without Wi-Fi an address is dialled in silence", async () => {
  for (const chip of ["ESP32", "ESP8266"] as const) {
    const bench = await start(`function ending() end ${LISTEN} s:connect(1883, "10.0.0.1")`, chip);
    await bench.pass(60_000);
    await bench.close();
    assert.equal(bench.lines, ["dns\t10.0.0.1"]);
  }
});

test("a second send before the first has arrived: an error of memory, or a \"sent\" that never comes", async () => {
  for (const chip of ["ESP32", "ESP8266"] as const) {
    const bench = await start(pass(chip, `s:connect(1883, "broker")`, `
      if name == "connection" then
        print(pcall(s.send, s, ("x"):rep(2000)))
        print(pcall(s.send, s, ("y"):rep(1000)))
        print(pcall(s.send, s, ("z"):rep(4000)))
        print(pcall(s.send, s, "z"))
      end`), chip, "5.1", (b) => {
      swallow(b);
      b.network.faults.latencyMs = 20;
    });
    await bench.pass(2000);
    await bench.close();
    assert.equal(bench.lines.slice(3), chip === "ESP32"
      ? ["true", "true", "false\tbuffer error", "false\twould block"]
      : ["true", "false\tout of memory", "false\tout of memory", "true", "sent\tnil"], chip);
    assert.match(bench.warnings[0]!, /a send before the "sent" of the last one/);
  }
});

test("sends of more than a segment are told by segment on the ESP8266, and at their end on the ESP32", async () => {
  for (const [chip, count] of [["ESP32", 1], ["ESP8266", 2]] as const) {
    const bench = await start(pass(chip, `s:connect(1883, "broker")`,
      `if name == "connection" then s:send(("x"):rep(2800)) end`), chip, "5.1", (b) => {
      swallow(b);
      b.network.faults.fragmentBytes = 1000;
      b.network.faults.latencyMs = 5;
    });
    await bench.pass(2000);
    await bench.close();
    assert.equal(bench.lines.slice(3), Array<string>(count).fill("sent\tnil"));
  }
});

test("tls is there on the ESP8266; a second send is lost, and the end comes without a socket", async () => {
  let received = "";
  const server = serve((socket) => socket.on("data", (data: Buffer) => {
    received += data.toString();
    if (received.length >= 5) socket.end();
  }));
  const bench = await start(`function up()
      local s = tls.createConnection()
      s:on("connection", function() s:send("hello") s:send("lost") end)
      s:on("sent", function(c) print("sent", c == s) end)
      s:on("disconnection", function(...) print("end", select("#", ...), (...)) end)
      s:connect(1883, "broker")
    end ${JOIN.ESP8266}`, "ESP8266", "5.1", (b) => {
    server(b);
    b.network.faults.latencyMs = 10;
  });
  await bench.pass(2000);
  await bench.close();
  assert.equal(bench.lines, [JOINED, "sent\ttrue", "end\t1\tnil"]);
  assert.is(received, "hello");
  assert.match(bench.warnings[0]!, /tls: a send of 4 bytes before the "sent" of the last one is lost/);
});

test("lost Wi-Fi: the ESP8266 tells of each attempt and goes on, the ESP32 waits for connect", async () => {
  const events = async (chip: Chip, script: string): Promise<string[]> => {
    const bench = await start(`function up() end
      local function seconds() return math.floor((tmr.now and tmr.now() or (node.uptime())) / 100000) / 10 end
      ${script} ${JOIN[chip]}`, chip);
    await bench.pass(10_000);
    bench.network.setWifi(false);
    await bench.pass(15_000);
    bench.network.setWifi(true);
    await bench.pass(5_000);
    await bench.close();
    return bench.lines;
  };
  const tell = "print(seconds(), info.reason or info.channel, info.ssid or info.SSID)";
  assert.equal(await events("ESP8266", `wifi.eventmon.register(wifi.eventmon.STA_CONNECTED, function(info) ${tell} end)
    wifi.eventmon.register(wifi.eventmon.STA_DISCONNECTED, function(info) ${tell} end)`),
  ["0.3\t6\thome", JOINED, "16\t200\thome", "18.4\t201\thome", "20.8\t201\thome", "23.2\t201\thome", "25.9\t6\thome", JOINED]);
  assert.equal(await events("ESP32", `wifi.sta.on("connected", function(name, info) ${tell} end)
    wifi.sta.on("disconnected", function(name, info) ${tell} end)`),
  ["0.3\t6\thome", JOINED, "16\t200\thome"]);
});

test("the ESP32's Wi-Fi has to be started, and its signal is found by a scan", async () => {
  const bench = await start(`print(pcall(wifi.sta.connect))
    print(pcall(wifi.start))
    print(pcall(wifi.sta.config, { ssid = "home" }))
    print(pcall(wifi.sta.on, "nothing", print))
    function up() wifi.sta.scan({ ssid = "home" }, function(err, list)
      print(err, #list, list[1].ssid, list[1].rssi < 0, list[1].channel)
    end) end ${JOIN.ESP32}`, "ESP32");
  await bench.pass(5000);
  await bench.close();
  assert.equal(bench.lines, ["false\tconnect failed, code 12290", "false\tfailed to start wifi, code 12293",
    "false\tfailed to set wifi config, code 12293", "false\tunknown event: nothing", JOINED, "nil\t1\thome\ttrue\t6"]);
});

test("the ESP8266 joins at boot what was saved, and knows its state and signal", async () => {
  const bench = await start(`wifi.setmode(wifi.STATION)
    wifi.sta.config({ ssid = "home", pwd = "secret" })
    tmr.create():alarm(1000, 0, function() print(wifi.sta.status() == wifi.STA_GOTIP, wifi.sta.getip()) node.restart() end)`, "ESP8266");
  await bench.pass(1001);
  await bench.engine.stop();
  await bench.engine.start(Buffer.from(`tmr.create():alarm(1000, 0, function()
    print(wifi.sta.status(), wifi.sta.getrssi() < 0) end)`));
  await bench.pass(1100);
  await bench.close();
  assert.equal(bench.lines, ["true\t192.168.4.2\t255.255.255.0\t192.168.4.1", "5\ttrue"]);
});

test.run();
