/*
 * The interpreter's own objects, for a V8 context: events, timers, console, E, Pin, process, modules. Runs
 * inside the context; `host` is what the engine offers. References are to Espruino 2v29. Returns what the
 * engine calls.
 */
(function (host) {
  "use strict";
  const hidden = (target, name, value) =>
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });

  // ---- events: jswrap_object.c. A listener list is captured when the event is queued
  // (jsiQueueObjectCallbacks).
  let queue = [];
  const listeners = (object, event, create) => {
    const key = "#on" + event;
    if (!object[key] && create) hidden(object, key, []);
    return object[key];
  };
  const enqueue = (object, event, args) => {
    const list = listeners(object, event);
    if (list && list.length > 0) queue.push([list, object, args]);
  };
  const mustBeFunction = (fn) => {
    if (typeof fn !== "function") throw new TypeError("Expecting a function as a listener");
  };
  const api = {
    on(event, fn) {
      mustBeFunction(fn);
      listeners(this, event, true).push(fn);
      if (event === "data" && typeof this["#buf"] === "string") {
        enqueue(this, "data", [this["#buf"]]);
        delete this["#buf"];
      }
    },
    prependListener(event, fn) {
      mustBeFunction(fn);
      listeners(this, event, true).unshift(fn);
    },
    emit(event) {
      const args = [];
      for (let i = 1; i < arguments.length; i++) args.push(arguments[i]);
      enqueue(this, event, args);
    },
    removeListener(event, fn) {
      const list = listeners(this, event);
      const at = list ? list.indexOf(fn) : -1;
      if (at >= 0) list.splice(at, 1);
    },
    removeAllListeners(event) {
      if (event !== undefined) {
        delete this["#on" + event];
        return;
      }
      for (const key of Object.getOwnPropertyNames(this)) {
        if (key.startsWith("#on")) delete this[key];
      }
    },
  };
  for (const name in api) hidden(Object.prototype, name, api[name]);

  // ---- running code: an exception ends in the console, and the program goes on (jsiCheckErrors).
  const report = (error) => {
    const list = listeners(process, "uncaughtException");
    if (list && list.length > 0) {
      enqueue(process, "uncaughtException", [error]);
      return;
    }
    host.print("Uncaught " + String(error));
    if (error instanceof Error) host.print(error.stack);
  };
  // A stack is the frames of the program alone, a line each.
  Error.prepareStackTrace = (_, sites) => sites.filter((site) => site.getFileName() === ".bootcde")
    .map((site) => "    at .bootcde:" + site.getLineNumber() + ":" + site.getColumnNumber()).join("\n");
  const run = (fn, self, args) => {
    if (host.dead()) return;
    try {
      fn.apply(self, args);
    } catch (error) {
      if (!host.dead()) report(error);
    }
  };
  const runEvents = () => {
    let ran = false;
    while (queue.length > 0 && !host.dead()) {
      const [list, self, args] = queue.shift();
      ran = true;
      if (typeof list === "function") run(list, self, args);
      else for (const fn of list.slice()) run(fn, self, args);
    }
    return ran;
  };
  const later = (fn, args) => queue.push([fn, globalThis, args]);

  // ---- timers: jswrap_interactive.c
  const timers = {};
  let lastTimer = 0;
  const TIMER_MIN_INTERVAL = 0.1;
  const arm = (id) => {
    const timer = timers[id];
    timer.handle = host.after(timer.due, () => fire(id));
  };
  const fire = (id) => {
    const timer = timers[id];
    if (!timer) return;
    run(timer.fn, globalThis, timer.args);
    // Loads the interval after the code ran, in case it has changed.
    if (timers[id] === timer) {
      if (timer.interval === undefined) delete timers[id];
      else {
        timer.due += timer.interval;
        arm(id);
      }
    }
  };
  const limit = (ms) => (ms >= TIMER_MIN_INTERVAL ? +ms : TIMER_MIN_INTERVAL);
  const start = (repeat, given) => {
    let fn = given[0];
    if (typeof fn === "string") {
      const code = fn;
      fn = () => (0, eval)(code);
    }
    if (typeof fn !== "function") throw new Error("Function or String not supplied!");
    const args = [];
    for (let i = 2; i < given.length; i++) args.push(given[i]);
    const ms = limit(given[1]);
    const id = ++lastTimer;
    timers[id] = { fn, args, interval: repeat ? ms : undefined, due: host.now() + ms };
    arm(id);
    return id;
  };
  const clear = (name, given) => {
    if (given.length === 0) {
      for (const id of Object.keys(timers)) clear(name, [id]);
      return;
    }
    if (given[0] === undefined) throw new Error(name + "(undefined) not allowed. Use " + name + "() instead");
    const timer = timers[given[0]];
    if (timer) host.cancel(timer.handle);
    delete timers[given[0]];
  };

  // ---- console: as print shows values; long objects are not wrapped.
  const show = (value, nested) => {
    if (typeof value === "string") return nested ? JSON.stringify(value) : value;
    if (typeof value === "function") return "function () {}";
    if (typeof value !== "object" || value === null || value instanceof Pin) return String(value);
    if (value instanceof Error) return String(value);
    if (ArrayBuffer.prototype.isPrototypeOf(value.buffer)) {
      return "new " + value.constructor.name + "([" + value.join(", ") + "])";
    }
    if (Array.isArray(value)) return value.length ? "[ " + value.map((v) => show(v, true)).join(", ") + " ]" : "[  ]";
    const parts = Object.keys(value).map((key) => JSON.stringify(key) + ": " + show(value[key], true));
    return parts.length ? "{ " + parts.join(", ") + " }" : "{  }";
  };
  const print = function () {
    const parts = [];
    for (let i = 0; i < arguments.length; i++) parts.push(show(arguments[i], false));
    host.print(parts.join(" "));
  };

  // ---- bytes: jsvIterateCallback takes numbers, strings, arrays, views, { data, count } and { callback,
  // count }.
  const bytes = (value, out) => {
    if (typeof value === "string") for (let i = 0; i < value.length; i++) out.push(value.charCodeAt(i) & 255);
    else if (typeof value === "number" || typeof value === "boolean") out.push(value & 255);
    else if (value instanceof ArrayBuffer) bytes(new Uint8Array(value), out);
    else if (value && typeof value.length === "number") for (let i = 0; i < value.length; i++) bytes(value[i], out);
    else if (value && "count" in value) {
      for (let i = 0; i < value.count; i++) bytes(value.callback ? value.callback(i) : value.data, out);
    } else throw new TypeError("Expecting something iterable, got " + typeof value);
    return out;
  };
  const text = (list) => {
    let all = "";
    for (let i = 0; i < list.length; i++) all += String.fromCharCode(list[i]);
    return all;
  };
  const all = (args) => bytes(args, []);

  function Pin(name) {
    const found = host.pin(name instanceof Pin ? name.name : typeof name === "number" ? "D" + name : String(name));
    if (!new.target) return new Pin(name);
    if (found === undefined) return {};
    if (globalThis[found] instanceof Pin) return globalThis[found];
    hidden(this, "name", found);
  }
  hidden(Pin.prototype, "toString", function () { return this.name; });
  hidden(Pin.prototype, "toJSON", function () { return this.name; });

  const size = (value) => {
    if (typeof value === "string") return 1 + Math.ceil(Math.max(0, value.length - 4) / 12);
    if (typeof value !== "object" || value === null) return 1;
    if (value.byteLength !== undefined) return 2 + Math.ceil(value.byteLength / 12);
    return Object.keys(value).reduce((sum, key) => sum + 1 + size(value[key]), 1);
  };

  const E = {
    toString() { return text(all(arguments)); },
    toUint8Array() { return new Uint8Array(all(arguments)); },
    toArrayBuffer(value) { return new Uint8Array(bytes(value, [])).buffer; },
    CRC32(data) { return host.crc32(text(bytes(data, []))); },
    getSizeOf: (value) => size(value),
    getTemperature: () => NaN,
    getBattery: () => 0,
    getErrorFlags: () => [],
    getFlags: () => ({}),
    setFlags() {},
    hwRand: () => Math.floor(host.random() * 4294967296) - 2147483648,
    srand() {},
    clip: (x, min, max) => Math.min(Math.max(x, min), max),
    sum: (list) => list.reduce((sum, x) => sum + x, 0),
    reverseByte: (x) => [0, 1, 2, 3, 4, 5, 6, 7].reduce((r, bit) => r | ((x >> bit & 1) << (7 - bit)), 0),
    setTimeZone() {},
  };

  const modules = {
    crypto: { SHA1: (message) => new Uint8Array(bytes(host.sha1(text(bytes(message, []))), [])).buffer },
  };
  const cached = {};
  const require = (name) => {
    if (modules[name] !== undefined) return modules[name];
    const source = cached[name];
    if (source === undefined) throw new Error('Module "' + name + '" not found');
    const exports = (modules[name] = {});
    if (typeof source === "function") source.call(exports, exports);
    else new Function("exports", "module", source)(exports, { exports });
    return exports;
  };
  const Modules = {
    addCached(name, source) {
      if (typeof source !== "string" && typeof source !== "function") {
        throw new Error("args must be addCached(string, string|function)");
      }
      cached[name] = source;
      delete modules[name];
    },
    getCached: () => Object.keys(modules),
    removeCached(name) { delete modules[name]; },
    removeAllCached() { for (const name in cached) delete modules[name]; },
  };

  const process = {
    version: host.version,
    get env() {
      return { VERSION: host.version, BOARD: host.board, SERIAL: host.serial, CONSOLE: "Serial1",
        MODULES: Object.keys(modules).join(",") };
    },
    memory: () => host.memory(),
  };

  const globals = {
    E, Pin, process, print, require, Modules,
    console: { log: print, debug: print, info: print, warn: print, error: print, trace: print },
    setTimeout() { return start(false, arguments); },
    setInterval() { return start(true, arguments); },
    clearTimeout() { clear("clearTimeout", arguments); },
    clearInterval() { clear("clearInterval", arguments); },
    changeInterval(id, ms) {
      const timer = timers[id];
      if (!timer) throw new Error("Unknown Interval");
      host.cancel(timer.handle);
      timer.interval = limit(ms);
      timer.due = host.now() + timer.interval;
      arm(id);
    },
    getTime: () => host.time(),
    setTime: (seconds) => host.setTime(+seconds),
    getSerial: () => host.serial,
    atob: (base64) => host.atob(String(base64)),
    btoa: (data) => host.btoa(text(bytes(data, []))),
    echo(on) { host.echo(!!on); },
    HIGH: 1,
    LOW: 0,
  };
  for (const name in globals) hidden(globalThis, name, globals[name]);
  for (const name of host.pins) hidden(globalThis, name, new Pin(name));
  for (const name in api) hidden(E, name, api[name]);

  return {
    modules, hidden, enqueue, later, run, runEvents, report, show,
    /** What runs when the boot code has been evaluated (jsiSoftInit). */
    booted() {
      enqueue(E, "init", []);
      if (typeof globalThis.onInit === "function") later(globalThis.onInit, []);
    },
  };
})
