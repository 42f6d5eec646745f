/*
 * Joins the real interpreter to the simulator: runs from flash as .boot0, before the firmware. Requests go
 * out by one named pipe and are answered by the other, while the interpreter waits: an operation (1 byte),
 * the length (2 bytes), the bytes; the reply is a length and bytes. CHIP_NAME, PIN_NAMES, SPEED, HAS_CONSOLE and
 * BOARD_NAME are put in by the engine, CHIP_API is chip.js, PINS_API is pins.js, FLASH_API is flash.js.
 */
if (!HAS_CONSOLE) echo(0);
print("\x01booting");
if (HAS_CONSOLE) {
  let env = process.env;
  env.BOARD = BOARD_NAME;
  process.env = env;
}
__sim = {};
(function () {
  let up = E.openFile("up", "r+");
  let down = E.openFile("down", "r+");
  let call = function (op, text) {
    up.write(op + String.fromCharCode(text.length >> 8, text.length & 255) + text);
    let head = down.read(2);
    let count = head.charCodeAt(0) << 8 | head.charCodeAt(1);
    return count > 0 ? down.read(count) : "";
  };
  let provide = function (name, module) {
    __sim[name] = module;
    Modules.addCached(name, "Object.assign(exports,__sim." + name + ")");
  };
  let native = require("net");
  let connect = function (options, done) {
    let o = typeof options === "string" ? url.parse(options) : options;
    if (typeof o !== "object") return native.connect(options, done);
    // "not found", or the port of the simulated network on loopback; nothing listens on port 0
    let port = call("n", (o.host === undefined ? "127.0.0.1" : o.host) + "\0" + o.port);
    return native.connect({ host: port === "" ? "0.0.0.0" : "127.0.0.1", port: parseInt(port) || 0 }, done);
  };
  provide("net", { createServer: native.createServer, connect: connect });
  // The chip's TLS: the simulated network carries what is inside. Like the chip's, it verifies nobody.
  if (CHIP_HAS_TLS) provide("tls", { connect: connect });
  let every = setInterval;
  let soon = setTimeout;
  if (SPEED !== 1) {
    let timeout = setTimeout;
    let interval = setInterval;
    let change = changeInterval;
    let time = getTime;
    let start = time();
    let scaled = function (args) {
      let list = [];
      for (let i = 0; i < args.length; i++) list.push(i === 1 ? args[i] / SPEED : args[i]);
      return list;
    };
    global.setTimeout = function (fn, ms) {
      return arguments.length === 2 ? timeout(fn, ms / SPEED) : timeout.apply(global, scaled(arguments));
    };
    global.setInterval = function () { return interval.apply(global, scaled(arguments)); };
    global.changeInterval = function (id, ms) { change(id, ms / SPEED); };
    global.getTime = function () { return start + (time() - start) * SPEED; };
  }
  PIN_NAMES.forEach(function (name) {
    if (global[name] !== undefined) return;
    let pin = Object.create(Pin.prototype);
    pin.toString = function () { return name; };
    global[name] = pin;
  });
  FLASH_API(call, provide);
  let pins = PINS_API(call, CHIP_NAME, function (take) { every(take, 10); });
  let deliver = CHIP_API(call, provide, CHIP_NAME, pins);
  let poll = function () {
    let event = call("p", "");
    if (event === "") return;
    let at = event.indexOf("\0");
    if (event === "memory") call("M", "" + process.memory().usage);
    else if (event.substr(0, at) !== "type") deliver(event.substr(0, at), event.substr(at + 1));
    else {
      USB.inject(event.substr(at + 1));
      soon(poll, 1);
    }
  };
  every(poll, 20);
})();
