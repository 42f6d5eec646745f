import { test } from "uvu";
import * as assert from "uvu/assert";
import { createV8Engine } from "../../simulator/engines/v8.ts";
import { createEspruinoEngine, findEspruino } from "../../simulator/engines/espruino.ts";
import { createBench, tcpServer } from "./bench.ts";
import { script } from "./engine-script.ts";

const interpreter = findEspruino();
if (interpreter === undefined) console.log("SKIP: no Espruino interpreter (set ESPRUINO): the comparison runs on v8 alone");

const EXPECTED = `boot: true
init: 1
i2c: 208,209,210
i2c written: 1,2,65,66,255,0
nack: jshI2CWrite: slave doesn't ACK the transfer
nack: jshI2CRead: slave doesn't ACK the transfer
soft: true
reset: true
other pin: false
search: 28ff4a1c9316035d
select: 85,40,255,74,28,147,22,3,93
read: 190 2
bad rom: Invalid OneWire device address "12"
analog: 0.25
analog of nothing: NaN
digital: 1 true 2
pin: 0 D5
crc: 3421780262
bytes: 4 121
char: A
round: -3 3
storage: hello abcde 8 el
erased: true
json: 1
clear: clearTimeout(undefined) not allowed. Use clearTimeout() instead
promise: 1
catch: caught
Uncaught Error: in a timer
timers: baiii
without wifi: true
wifi: associated
joined: null 192.168.4.2 connected true
wifi: connected 192.168.4.2
dns: Unable to locate host
refused: Unable to create socket
socket: function
write: false
echo: true true
events: connect drain end close false
closed: This socket is closed
done`.split("\n");

/** Without stack traces and what the C library says of a failed connect. */
const comparable = (lines: string[]): string[] =>
  lines.filter((line) => !/^\s+at |^\s*\^|^ERROR: |^\s*$/.test(line));

const echo = () => tcpServer((socket) => socket.pipe(socket));

test("the engine v8 offers the API that a node uses", async () => {
  const server = await echo();
  const bench = createBench(createV8Engine);
  bench.network.route("broker", server.port, server.endpoint);
  await bench.engine.start(Buffer.from(script(server.port)));
  await bench.line("done");
  await bench.close();
  await server.close();
  assert.equal(comparable(bench.lines), EXPECTED);
});

if (interpreter !== undefined) {
  test("the real interpreter prints the same lines", async () => {
    const server = await echo();
    const bench = createBench(createEspruinoEngine);
    bench.network.route("broker", server.port, server.endpoint);
    await bench.engine.start(Buffer.from(script(server.port)));
    await bench.line("done");
    await bench.close();
    await server.close();
    assert.equal(comparable(bench.lines), EXPECTED);
  });
}

test.run();
