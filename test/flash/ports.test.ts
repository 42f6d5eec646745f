/** Ports, and the progress that is shown; flashing again when a file changes. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../../tools/build/root.ts";
import { choosePort, describePort, portsOfSys } from "../../tools/flash/ports.ts";
import { bar, humanReport, jsonReport } from "../../tools/flash/progress.ts";
import { Failure } from "../../tools/flash/protocol/failure.ts";
import { explain } from "../../tools/flash/serial.ts";
import { openTcp } from "../../tools/flash/tcp.ts";
import { watchBoards } from "../../tools/flash/watch.ts";

const folder = mkdtempSync(join(tmpdir(), "motelet-ports-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const failureOf = (fn: () => unknown): Failure => {
  try {
    fn();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error("it did not fail");
};

test("ports are found in what the kernel says, with the ids of their USB devices", () => {
  const usb = join(folder, "devices/usb1/1-1");
  mkdirSync(join(usb, "1-1:1.0/ttyUSB0"), { recursive: true });
  for (const [name, text] of Object.entries({ idVendor: "10c4", idProduct: "ea60", product: "CP2102", serial: "0001" })) {
    writeFileSync(join(usb, name), `${text}\n`);
  }
  for (const name of ["ttyUSB0", "ttyS0", "ttyACM1", "tty1"]) mkdirSync(join(folder, "class", name), { recursive: true });
  symlinkSync(join(usb, "1-1:1.0/ttyUSB0"), join(folder, "class/ttyUSB0/device"));
  const ports = portsOfSys(join(folder, "class"), "/dev");
  assert.equal(ports, [
    { path: "/dev/ttyACM1" },
    { path: "/dev/ttyUSB0", vendorId: "10c4", productId: "ea60", title: "CP2102", serialNumber: "0001" },
  ]);
  assert.is(describePort(ports[1]!), "/dev/ttyUSB0 (10c4:ea60, CP2102)");
  assert.equal(portsOfSys(join(folder, "nothing"), "/dev"), []);
});

test("the port of the board is taken; none or several are told with what to do", () => {
  const cp = { path: "/dev/ttyUSB0", vendorId: "10c4", productId: "ea60" };
  const ch = { path: "/dev/ttyUSB1", vendorId: "1a86", productId: "7523" };
  const other = { path: "/dev/ttyACM0", vendorId: "2341", productId: "0043" };
  assert.is(choosePort([other, cp], ["10c4:ea60"]), cp.path);
  assert.is(choosePort([other, ch], ["1a86:*"]), ch.path);
  assert.is(choosePort([other], ["10c4:ea60"]), other.path, "the only one that is there");
  assert.is(choosePort([cp, ch], ["10c4:*", "1a86:*"], new Set([cp.path])), ch.path, "the other one is in use");
  const none = failureOf(() => choosePort([], ["10c4:ea60"]));
  assert.is(none.exit, 2);
  assert.match(none.advice, /cable that carries data/);
  const several = failureOf(() => choosePort([cp, ch, other], ["10c4:*", "1a86:*"]));
  assert.is(several.message, "there are several ports and none is the one for certain: /dev/ttyUSB0 (10c4:ea60); /dev/ttyUSB1 (1a86:7523)");
  assert.match(several.advice, /--port/);
});

test("why a port does not open is told with what to do", async () => {
  const code = async (message: string): Promise<string> => (await explain("/dev/ttyUSB0", new Error(message))).code;
  assert.is(await code("Error: Permission denied, cannot open /dev/ttyUSB0"), "port-denied");
  assert.is(await code("Error Resource temporarily unavailable Cannot lock port"), "port-busy");
  assert.is(await code("Error: No such file or directory, cannot open /dev/ttyUSB0"), "port-unknown");
  assert.is(await code("Error: Inappropriate ioctl"), "port-failed");
  assert.match((await explain("/dev/ttyUSB0", new Error("Permission denied"))).advice, /^sudo usermod -aG dialout/);
});

test("a TCP port that the other side has closed is told, and can be opened again", async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket.on("data", (data) => socket.write(data))));
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", done);
  });
  const transport = await openTcp(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const echoed = async (text: string): Promise<string> => {
    const answer = new Promise<string>((done) => {
      transport.onData = (bytes) => done(Buffer.from(bytes).toString());
    });
    await transport.write(Buffer.from(text));
    return answer;
  };
  assert.is(await echoed("one"), "one");
  const closed = new Promise<string>((done) => {
    transport.onClose = done;
  });
  sockets[0]!.destroy();
  assert.is(await closed, "the other side has closed it");
  await transport.reopen!();
  assert.is(await echoed("two"), "two");
  assert.is(sockets.length, 2);
  await transport.close();
  await new Promise((done) => server.close(done));
});

test("progress has bytes, rate and time left: a bar on a terminal, one line elsewhere", () => {
  assert.is(bar(3072, 6144, 1000), "[############------------] 3,072 of 6,144 bytes  3.1 KB/s  1 s left");
  assert.is(bar(100, 100_000, 1000), "[------------------------] 100 of 100,000 bytes  100 B/s  16 min 39 s left");
  const written: string[] = [];
  let nowMs = 0;
  const report = (isTty: boolean): ReturnType<typeof humanReport> =>
    humanReport({ write: (text) => void written.push(text), isTty, now: () => nowMs });
  const onTerminal = report(true);
  for (const bytes of [10, 20, 100]) {
    nowMs += 500;
    onTerminal.progress({ step: "upload", text: "x", bytes, total: 100 });
  }
  assert.is(written.filter((text) => text.startsWith("\r")).length, 3);
  assert.is(written.at(-1), "\n");
  written.length = 0;
  const elsewhere = report(false);
  for (const bytes of [10, 100]) elsewhere.progress({ step: "upload", text: "x", bytes, total: 100 });
  elsewhere.failed(new Failure("silent", { port: "COM3", seconds: 12, firmware: "Espruino" }));
  assert.match(written[0]!, /^ {2}\[#{24}\] 100 of 100 bytes/);
  assert.match(written.slice(1).join(""), /COM3 is silent.*\n.*reset button.*\n {2}Nothing on the board was changed\.\n$/);
  const lines: string[] = [];
  jsonReport("a.json", (line) => void lines.push(line)).failed(new Failure("full", { free: 1, needed: 2 }, "previous"));
  const event = JSON.parse(lines[0]!) as Record<string, unknown>;
  assert.equal([event["board"], event["type"], event["exit"], event["code"], event["state"]], ["a.json", "failed", 5, "full", "previous"]);
});

test("a board whose file has changed its firmware is flashed again, once", async () => {
  Object.assign(process.env, { WIFI_SSID: "attic", WIFI_PASSWORD: "correct horse", MQTT_PASSWORD: "battery staple" });
  const file = join(folder, "board.json");
  const write = (changes: object): void => writeFileSync(file, JSON.stringify({ extends: join(root, "boards/greenhouse.json"), ...changes }));
  write({});
  const stop = new AbortController();
  const flashed: string[] = [];
  const said: string[] = [];
  let onSay: (() => void) | undefined;
  const watching = watchBoards([file], join(folder, "dist"), stop.signal, async (each) => void flashed.push(each), (line) => {
    said.push(line);
    onSay?.();
  });
  const next = (): Promise<void> => new Promise((done) => {
    onSay = done;
  });
  if (said.length === 0) await next();
  assert.equal(flashed, []);
  const again = next();
  write({ diagnostics: "7m" });
  await again;
  assert.equal(flashed, [file]);
  stop.abort();
  await watching;
});

test.run();
