/*
 * The chip's peripherals as Espruino's API, over `call(op, text)`, which ends in the simulator's Machine and
 * Station (see port.ts for the operations). Loaded by both engines: on the real interpreter it takes the
 * place of the Linux build's own I2C, 1-Wire, ADC, pins and Wi-Fi, so it is written in the interpreter's
 * subset and stays in flash. The messages of errors are those of targets/esp32/jshardwareI2c.c and
 * targets/esp8266/jshardware.c (2v29). `provide(name, module)` defines a module; `chip` is "ESP32",
 * "ESP8266", ..., `pins` is pins.js. Returns how events are delivered.
 */
(function (call, provide, chip, pins) {
  let NUL = "\0";
  let pinName = pins.name;
  let isEsp8266 = chip === "ESP8266";
  let isEsp32 = chip.substr(0, 5) === "ESP32";
  let word = function (count) {
    return String.fromCharCode(count >> 8, count & 255);
  };
  let rest = function (args, from) {
    let list = [];
    for (let i = from; i < args.length; i++) list.push(args[i]);
    return list;
  };

  // ---- I2C
  let softPorts = 0;
  let nack = function (what) {
    if (isEsp8266) throw new InternalError("I2C" + what + ": No ACK 1");
    throw new Error("jshI2C" + what + ": slave doesn't ACK the transfer");
  };
  let transfer = function (port, op, what, address, text) {
    const to = address.address === undefined ? address : address.address;
    let reply = call(op, port.bus + NUL + String.fromCharCode(to) + text);
    if (reply.charAt(0) !== "1") nack(what);
    return reply.substring(1);
  };
  function Port(bus) {
    this.bus = bus === undefined ? "soft" + ++softPorts : bus;
  }
  Port.prototype.setup = function (options) {
    let o = options === undefined ? {} : options;
    call("s", this.bus + NUL + pinName(o.sda) + NUL + pinName(o.scl) + NUL + (o.bitrate === undefined ? 100000 : o.bitrate));
  };
  Port.prototype.writeTo = function (address) {
    let data = E.toString(rest(arguments, 1));
    if (data.length > 0) transfer(this, "w", "Write", address, data);
  };
  Port.prototype.readFrom = function (address, count) {
    return count > 0 ? E.toUint8Array(transfer(this, "r", "Read", address, word(count))) : undefined;
  };
  I2C = Port;
  I2C1 = new Port("I2C1");
  if (!isEsp8266) I2C2 = new Port("I2C2");

  // ---- 1-Wire: jswrap_onewire.c
  OneWire = function (pin) {
    this.pin = pinName(pin);
  };
  OneWire.prototype.reset = function () {
    return call("o", this.pin) === "1";
  };
  OneWire.prototype.select = function (rom) {
    if (typeof rom !== "string" || rom.length !== 16) {
      throw new TypeError("Invalid OneWire device address " + JSON.stringify(rom));
    }
    let bytes = "U"; // 0x55, Match ROM
    for (let i = 0; i < 16; i += 2) bytes += String.fromCharCode(parseInt(rom.substr(i, 2), 16));
    call("o", this.pin);
    call("O", this.pin + NUL + bytes);
  };
  OneWire.prototype.skip = function () {
    call("O", this.pin + NUL + "\xcc");
  };
  OneWire.prototype.write = function (data, power) {
    call("O", this.pin + NUL + E.toString(data));
    if (power) call("Z", this.pin);
  };
  OneWire.prototype.read = function (count) {
    let bytes = call("i", this.pin + NUL + word(count === undefined ? 1 : count));
    return count === undefined ? bytes.charCodeAt(0) : E.toUint8Array(bytes);
  };
  OneWire.prototype.search = function (command) {
    let roms = call("S", this.pin + NUL + (command > 0 ? command : ""));
    return roms === "" ? [] : roms.split(",");
  };

  // ---- the chip
  E.enableWatchdog = function (seconds, isAuto) {
    call("k", seconds + NUL + (isAuto === undefined || isAuto ? 1 : 0));
  };
  // jshReadTemperature: the ESP32's is a byte in degrees Fahrenheit, the ESP32-C3 and the ESP8266 have none.
  E.getTemperature = function () {
    let celsius = parseFloat(call("h", ""));
    if (chip === "ESP32") return Math.round(celsius * 1.8 + 32) & 255;
    return isEsp32 || isEsp8266 ? NaN : celsius;
  };
  E.kickWatchdog = function () { call("K", ""); };
  let restart = function () { call("R", "restart"); };
  E.reboot = restart;
  // When the interpreter is idle, and the program has been told.
  let soon = function (reason) { return function () { E.emit("kill"); setTimeout(call, 0, "R", reason); }; };
  global.load = soon("load");
  global.reset = soon("reset");
  if (isEsp8266) {
    ESP8266 = {
      reboot: restart,
      getResetInfo: function () { return { reason: call("y", "") }; },
      getState: function () { return { sdkVersion: "simulated", cpuFrequency: 160, freeHeap: 20000, maxCon: 10 }; },
      deepSleep: function (us) { call("z", "" + us); },
    };
  } else if (isEsp32) {
    ESP32 = {
      reboot: restart,
      getState: function () { return { sdkVersion: "simulated", freeHeap: 60000, BLE: false, Wifi: true, minHeap: 50000 }; },
      // ESP_SLEEP_WAKEUP_TIMER is 4
      getWakeupCause: function () { return call("y", "") === "deep sleep" ? 4 : 0; },
      deepSleep: function (us) { call("z", "" + us); },
    };
  }

  // ---- Wi-Fi: libs/network/esp32/jswrap_esp32_network.c, libs/network/esp8266/jswrap_esp8266_network.c
  let joinDone;
  let leaveDone;
  let hostname = chip.toLowerCase();
  let after = function (fn, a, b) {
    if (fn !== undefined) setTimeout(fn, 0, a, b);
  };
  let checkCallback = function (fn) {
    if (fn !== undefined && fn !== null && typeof fn !== "function") {
      throw new Error("Expecting callback function but got " + fn);
    }
    return fn === null ? undefined : fn;
  };
  let query = function () {
    return JSON.parse(call("q", ""));
  };
  provide("Wifi", {
    connect: function (ssid, options, done) {
      if (typeof ssid !== "string") throw new Error("No SSID provided");
      if (options !== undefined && options !== null && typeof options !== "object") {
        throw new Error("Expecting Object, got " + typeof options);
      }
      joinDone = checkCallback(done);
      leaveDone = undefined;
      let password = options === undefined || options === null ? undefined : options.password;
      if (password !== undefined && typeof password !== "string") {
        throw new Error("Expecting options.password to be a string but got " + typeof password);
      }
      call("c", ssid + NUL + (password === undefined ? "" : password));
    },
    disconnect: function (done) {
      leaveDone = checkCallback(done);
      call("x", "");
    },
    getDetails: function (done) {
      checkCallback(done);
      let all = query();
      // The ESP32 port has no rssi here: it is in getStatus.
      let details = { status: all.status };
      if (all.status === "connected") {
        details.ssid = all.ssid;
        details.password = all.password;
        details.authMode = "wpa2";
        if (isEsp8266) details.rssi = all.rssi;
      }
      after(done, details);
      return details;
    },
    getStatus: function (done) {
      let all = query();
      let status = { station: all.status, mode: all.status === "connected" ? "sta" : "off", powersave: "none" };
      if (all.status === "connected" && !isEsp8266) {
        status.ssid = all.ssid;
        status.bssid = all.mac;
        status.channel = all.channel;
        status.rssi = all.rssi;
        status.htMode = "HT20";
        status.authMode = "wpa2";
      }
      after(checkCallback(done), status);
      return status;
    },
    getIP: function (done) {
      let all = query();
      let ip = { ip: all.ip, netmask: all.netmask, gw: all.gw, mac: all.own };
      after(checkCallback(done), null, ip);
      return ip;
    },
    setHostname: function (name, done) {
      hostname = name;
      after(checkCallback(done));
    },
    getHostname: function () { return hostname; },
    setConfig: function () {},
    save: function () {},
    restore: function () {},
    stopAP: function (done) { after(checkCallback(done)); },
    startAP: function () { throw new Error("the simulated chip cannot be an access point"); },
  });

  // Events of the station: the order of completion callbacks and events is the port's.
  let finish = function (error) {
    let done = joinDone;
    joinDone = undefined;
    if (done !== undefined) done(error);
  };
  return function (name, text) {
    if (name === "kill") {
      E.emit("kill");
      return;
    }
    if (name === "input") {
      pins.take();
      return;
    }
    let details = JSON.parse(text);
    if (name === "connected") finish(null);
    if (name === "disconnected" && leaveDone !== undefined) {
      leaveDone();
      leaveDone = undefined;
    }
    require("Wifi").emit(name, details);
    if (name === "disconnected") after(finish, details.msg);
  };
})
