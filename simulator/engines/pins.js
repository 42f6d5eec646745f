/*
 * Digital pins, watches, software SPI and serial ports as Espruino's API, over `call(op, text)` (see port.ts); loaded
 * by both engines before chip.js, and written as that is. Returns how pins are called, and what handles edges and bytes
 * that have come: an engine calls it when it is told of some, or has `begin` called when there may be some from now on.
 */
(function (call, chip, begin) {
  let NUL = "\0";
  let isEsp32 = chip.substr(0, 5) === "ESP32";
  let pinName = function (pin) {
    if (pin === undefined) return "";
    // The interpreter's own pins are numbers, those that only the simulated chip has are objects.
    let real = typeof pin === "number" ? new Pin(pin) : pin;
    return real === undefined ? "D" + pin : "" + real;
  };
  let rest = function (args, from) {
    let list = [];
    for (let i = from; i < args.length; i++) list.push(args[i]);
    return list;
  };

  // ---- pins
  let modes = {};
  // The pin as the firmware left it: what it does with it decides.
  let setMode = function (pin, mode) {
    call("m", pin + NUL + mode);
  };
  global.analogRead = function (pin) {
    return parseFloat(call("a", pinName(pin)));
  };
  global.digitalRead = function (pin) {
    if (!Array.isArray(pin)) return call("d", pinName(pin)) === "1" ? 1 : 0;
    let bits = 0;
    for (let i = 0; i < pin.length; i++) bits = bits * 2 + digitalRead(pin[i]);
    return bits;
  };
  global.digitalWrite = function (pin, value) {
    if (!Array.isArray(pin)) call("D", pinName(pin) + NUL + (value ? 1 : 0));
    else for (let i = 0; i < pin.length; i++) digitalWrite(pin[i], (value >> (pin.length - 1 - i)) & 1);
  };
  global.pinMode = function (pin, mode) {
    modes[pinName(pin)] = mode === "auto" ? undefined : mode;
    setMode(pinName(pin), mode === undefined ? "auto" : mode);
  };
  global.digitalPulse = function (pin, value, times) {
    let list = Array.isArray(times) ? times : [times];
    if (list.length === 1 && list[0] === 0) return;
    call("P", pinName(pin) + NUL + (value ? 1 : 0) + NUL + list.join(","));
  };
  global.getPinMode = function (pin) {
    let mode = modes[pinName(pin)];
    return mode === undefined ? "analog" : mode;
  };
  Pin.prototype.read = function () { return digitalRead(this) === 1; };
  Pin.prototype.write = function (value) { digitalWrite(this, value); };
  Pin.prototype.set = function () { digitalWrite(this, 1); };
  Pin.prototype.reset = function () { digitalWrite(this, 0); };
  Pin.prototype.toggle = function () {
    digitalWrite(this, digitalRead(this) ? 0 : 1);
    return digitalRead(this) === 1;
  };
  Pin.prototype.mode = function (mode) { pinMode(this, mode); };
  Pin.prototype.getMode = function () { return getPinMode(this); };
  Pin.prototype.analog = function () { return analogRead(this); };

  // What comes in by itself.
  let take = function () {
    takeEdges();
    takeBytes();
  };
  let listens = false;
  let listen = function () {
    if (!listens) begin(take);
    listens = true;
  };

  // ---- watches: jsiHandleIOEventForEXTI of src/jsinteractive.c. The machine notes when an edge came; the interpreter
  // handles it later, with that time.
  let watches = {};
  let onPin = {};
  let lastWatch = 0;
  // Answers of edges that are taken in a turn, and whether they are being taken.
  let ANSWERS = 10;
  let taking = false;
  let epoch;
  // On a chip each edge is an event of its own: an error in its handler ends in the idle loop and takes no other along.
  let handle = function (fn, event) {
    try {
      fn(event);
    } catch (e) {
      setTimeout(function () { throw e; }, 0);
    }
  };
  let execute = function (watch, state, time) {
    let last = watch.lastTime;
    watch.lastTime = time;
    watch.state = state;
    if (watch.edge !== 0 && (watch.edge > 0) !== state) return;
    let event = { state: state, time: time, lastTime: last, pin: watch.pin };
    if (watch.data !== undefined) event.data = watch.level;
    if (!watch.repeat) clearWatch(watch.id);
    handle(watch.fn, event);
  };
  let settled = function (watch) {
    watch.timeout = undefined;
    if (watch.next !== watch.state) execute(watch, watch.next, watch.since);
  };
  let debounce = function (watch, state, time) {
    if (watch.timeout !== undefined) {
      clearTimeout(watch.timeout);
      // An engine tells of edges some ms late. A chip's interpreter would have got round to this one in between.
      if ((time - watch.since) * 1000 >= watch.debounce) settled(watch);
    }
    if (watches[watch.id] !== watch || (watch.timeout === undefined && state === watch.state)) return;
    watch.next = state;
    watch.since = time;
    watch.timeout = setTimeout(settled, Math.max(0, watch.debounce - (getTime() - time) * 1000), watch);
  };
  // An answer holds all edges, or some of them (espruino/edges.ts) and the next one more; those that are left after so
  // many answers wait, as the interpreter's other work must have its turn.
  let takeEdges = function () {
    if (taking || Object.keys(watches).length === 0) return;
    taking = true;
    try {
      let text = call("E", "");
      for (let left = ANSWERS; text !== ""; left--) {
        let fields = text.split(NUL);
        // Times of edges are the machine's: they differ from the interpreter's by what is the same for all.
        if (epoch === undefined) epoch = getTime() - fields[0] / 1000;
        for (let i = 1; i + 3 < fields.length; i += 4) {
          let level = fields[i + 1] === "1";
          let data = fields[i + 3] === "1";
          let time = epoch + fields[i + 2] / 1000;
          // A list is replaced when a watch comes or goes, never changed. No closure: this runs for each edge.
          for (let watch of onPin[fields[i]] || []) {
            watch.level = data;
            if (watches[watch.id] !== watch) continue;
            if (watch.debounce > 0) debounce(watch, level, time);
            else execute(watch, level, time);
          }
        }
        text = left > 1 ? call("E", "") : "";
      }
    } finally {
      taking = false;
    }
  };
  global.setWatch = function (fn, pin, options) {
    let o = typeof options === "object" ? options : { repeat: options };
    let id = ++lastWatch;
    let name = pinName(pin);
    // targets/esp32/jshardware.c, jshPinWatch: an input with pull-up, whatever it was.
    if (isEsp32) setMode(name, "input_pullup");
    else if (modes[name] === undefined) setMode(name, "input");
    listen();
    watches[id] = {
      id: id, fn: fn, pin: pin, name: name, repeat: !!o.repeat, debounce: o.debounce > 0 ? o.debounce : 0,
      state: digitalRead(pin) === 1, data: o.data, level: false,
      edge: o.edge === "rising" || o.edge === 1 ? 1 : o.edge === "falling" || o.edge === -1 ? -1 : 0,
      timeout: undefined, lastTime: undefined,
    };
    onPin[name] = (onPin[name] || []).concat([watches[id]]);
    call("W", name + NUL + 1 + NUL + (o.data === undefined ? "" : pinName(o.data)));
    return id;
  };
  global.clearWatch = function (id) {
    // What has happened is handled before a timer is.
    takeEdges();
    Object.keys(watches).forEach(function (each) {
      if (id !== undefined && each !== "" + id) return;
      let gone = watches[each];
      delete watches[each];
      onPin[gone.name] = onPin[gone.name].filter(function (other) { return other !== gone; });
      if (onPin[gone.name].length === 0) call("W", gone.name + NUL + 0 + NUL);
    });
  };

  // ---- software SPI: src/jsspi.c, jsspiSoftwareFunc with CPHA 0. The hardware's is not simulated.
  SPI = function () {};
  SPI.prototype.setup = function (options) { this.options = options; };
  SPI.prototype.send = function (data) {
    let o = this.options === undefined ? {} : this.options;
    let sent = typeof data === "number" ? String.fromCharCode(data) : E.toString(data);
    let read = call("X", pinName(o.mosi) + NUL + pinName(o.miso) + NUL + (o.baud === undefined ? 100000 : o.baud) + NUL + sent);
    if (typeof data === "number") return read.charCodeAt(0);
    return typeof data === "string" ? read : E.toUint8Array(read);
  };

  // ---- serial ports: src/jswrap_serial.c. Bytes come in pieces of any length.
  let ports = {};
  function Serial() {}
  Serial.prototype.setup = function (baud, options) {
    let o = options === undefined ? {} : options;
    this.rx = pinName(o.rx);
    ports[this.rx] = this;
    listen();
    call("u", this.rx + NUL + pinName(o.tx) + NUL + (baud === undefined ? 9600 : baud));
  };
  Serial.prototype.write = function () {
    call("U", this.rx + NUL + E.toString(rest(arguments, 0)));
  };
  Serial.prototype.print = function (text) { this.write("" + text); };
  Serial1 = new Serial();
  Serial2 = new Serial();
  if (isEsp32) Serial3 = new Serial();
  // What is printed is the simulator's to show, whoever has the port.
  E.setConsole = function () {};
  let takeBytes = function () {
    if (Object.keys(ports).length === 0) return;
    let text = call("v", "");
    while (text !== "") {
      let end = text.indexOf(NUL);
      let count = text.charCodeAt(end + 1) * 256 + text.charCodeAt(end + 2);
      let port = ports[text.substr(0, end)];
      if (port !== undefined) port.emit("data", text.substr(end + 3, count));
      text = text.substr(end + 3 + count);
    }
  };
  return { name: pinName, take: take };
})
