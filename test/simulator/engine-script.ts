/** What both engines must print alike: every part of the API that a node uses. */
import { ROM } from "./fake-machine.ts";

/** `port` is a server that echoes; host names as the firmware sees them. */
export const script = (port: number): string => `
var out = function (a, b) { print(a + ": " + b); };
out("boot", typeof D21 !== "undefined");
E.on("init", function () {
  out("init", 1);
  I2C1.setup({ sda: D21, scl: D22, bitrate: 100000 });
  I2C1.writeTo(0x76, 0xd0);
  out("i2c", [].slice.call(I2C1.readFrom(0x76, 3)).join());
  I2C1.writeTo(0x76, [0x10, 1, 2], "AB", new Uint8Array([255, 0]));
  I2C1.writeTo(0x76, "\\x10");
  out("i2c written", [].slice.call(I2C1.readFrom(0x76, 6)).join());
  var every = [], same = 0, back;
  for (var i = 0; i < 256; i++) every.push(255 - i);
  I2C1.writeTo(0x76, 0, every);
  I2C1.writeTo(0x76, 0);
  back = I2C1.readFrom(0x76, 256);
  for (i = 0; i < 256; i++) if (back[i] === every[i]) same++;
  out("all bytes", same);
  try { I2C1.writeTo(0x40, 1); out("i2c", "no error"); } catch (e) { out("nack", e.message); }
  try { I2C1.readFrom(0x41, 2); out("i2c", "no error"); } catch (e) { out("nack", e.message); }
  var soft = new I2C();
  soft.setup({ sda: D4, scl: D5 });
  try { soft.writeTo(0x76, 1); } catch (e) { out("soft", e instanceof Error); }
  var wire = new OneWire(D4);
  out("reset", wire.reset());
  out("other pin", new OneWire(D5).reset());
  out("search", wire.search().join());
  wire.select("${ROM}");
  out("select", [].slice.call(wire.read(9)).join());
  wire.write([0xbe, 0]);
  out("read", wire.read() + " " + wire.read(2).length);
  try { wire.select("12"); } catch (e) { out("bad rom", e.message); }
  out("analog", analogRead(D32));
  out("analog of nothing", analogRead(D33));
  digitalWrite(D5, 1);
  out("digital", digitalRead(D5) + " " + D5.read() + " " + digitalRead([D5, D6]));
  D5.reset();
  out("pin", digitalRead(D5) + " " + D5);
  out("crc", E.CRC32("123456789"));
  out("bytes", E.toString([1, [2, "ab"]]).length + " " + E.toUint8Array("xyz")[1]);
  out("char", String.fromCharCode(256 + 65));
  out("round", Math.round(-2.5) + " " + Math.round(2.5));
  var s = require("Storage");
  s.write("a", "hello");
  s.write("b", "abc", 0, 8);
  s.write("b", "de", 3);
  out("storage", s.read("a") + " " + s.read("b").substr(0, 5) + " " + s.read("b").length + " " + s.read("a", 1, 2));
  s.erase("a");
  out("erased", s.read("a") === undefined);
  s.writeJSON("c", { x: 1 });
  out("json", s.readJSON("c").x);
  var f = require("Flash"), first = 0x310000, page = f.getPage(first + 5000), all = "";
  out("page", page.addr + " " + page.length + " " + f.getPage(0x10) + " " + f.getFree()[0].addr + " " + f.getFree()[0].length);
  for (i = 0; i < 256; i++) all += String.fromCharCode(i);
  f.write(all, first + 4096);
  out("flash", f.read(256, first + 4096).length + " " + (E.toString(f.read(256, first + 4096)) === all));
  f.write([0x0f, 0xff], first + 4096 + 0xfc);
  out("cleared", [].slice.call(f.read(8, first + 4096 + 0xfc)).join());
  f.write("x", first);
  f.erasePage(first + 4096 + 8);
  out("erased", [].slice.call(f.read(4, first)).join() + " " + [].slice.call(f.read(4, first + 4096)).join());
  try { f.write(undefined, first); } catch (e) { out("no data", e.message); }
  timers();
});
var timers = function () {
  var order = "";
  var gone = setTimeout(function () { order += "x"; }, 30);
  clearTimeout(gone);
  setTimeout(function (a) { order += a; }, 20, "a");
  setTimeout(function () { order += "b"; }, 10);
  var ticks = 0;
  var id = setInterval(function () { if (++ticks === 3) clearInterval(id); order += "i"; }, 25);
  try { clearTimeout(undefined); } catch (e) { out("clear", e.message); }
  setTimeout(function () { throw new Error("in a timer"); }, 100);
  Promise.resolve(1).then(function (x) { out("promise", x); throw new Error("caught"); }).catch(function (e) { out("catch", e.message); });
  setTimeout(function () { out("timers", order); wifi(); }, 200);
};
var wifi = function () {
  var w = require("Wifi");
  try { require("net").connect({ host: "broker", port: ${port} }); } catch (e) { out("without wifi", e instanceof InternalError || e instanceof Error); }
  w.on("associated", function () { out("wifi", "associated"); });
  w.on("connected", function (d) { out("wifi", "connected " + d.ip); });
  w.connect("home", { password: "secret" }, function (e) {
    out("joined", e + " " + w.getIP().ip + " " + w.getStatus().station + " " + (w.getStatus().rssi < 0));
    setTimeout(tcp, 20);
  });
};
var tcp = function () {
  try { require("net").connect({ host: "nowhere.example", port: 1 }); } catch (e) { out("dns", e.message); }
  try { require("net").connect({ host: "broker", port: 1 }); } catch (e) { out("refused", e.message); }
  var all = "", events = "", biggest = 0, got = "", drained = false;
  for (var i = 0; i < 3072; i++) all += String.fromCharCode(i & 255);
  var socket = require("net").connect({ host: "broker", port: ${port} }, function () {
    events += "connect ";
    out("write", socket.write(all));
  });
  out("socket", typeof socket.write);
  socket.on("data", function (d) {
    if (d.length > biggest) biggest = d.length;
    got += d;
    if (got.length === all.length) { out("echo", (got === all) + " " + (biggest <= 536)); socket.write("bye"); socket.end(); }
  });
  socket.on("drain", function () { if (!drained) { drained = true; events += "drain "; } });
  socket.on("end", function () { events += "end "; });
  socket.on("error", function () { events += "error "; });
  socket.on("close", function (e) {
    out("events", events + "close " + e);
    try { socket.write("x"); } catch (e) { out("closed", e.message); }
    print("done");
  });
};
`;
