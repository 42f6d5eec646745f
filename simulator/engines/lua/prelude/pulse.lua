-- What counts and measures pulses: rotary and dht of both branches, pulsecnt and rmt of the ESP32's. docs/modules of
-- those names; app/driver/rotary.c, app/dht/dht.c; components/modules/{rotary,pulsecnt,rmt,dht}.c.
local call, int, check = N.call, N.int, N.check
local is8266 = N.is8266

-- rotary: an interrupt at each edge of either pin. A and B as 1 1, 1 0, 0 0, 0 1 are positions 0 to 3.
local rotary = { PRESS = 1, LONGPRESS = 2, RELEASE = 4, TURN = 8, CLICK = 16, DBLCLICK = 32, ALL = 63 }
local MISSED = 1000000
local function quarter(a, b)
  local position = b == 1 and 3 or 2
  if a == 1 then return 3 - position end
  return position
end
local knobs, lastKnob = {}, 0
local function openSwitch(a, b)
  for _, pin in ipairs({ a, b }) do
    if call("pin", pin) == "" or (is8266 and pin == 0) then error("invalid pin", 3) end
    call("pin.mode", pin, "input_pullup")
  end
  local knob = { position = 0, callbacks = {} }
  local function turn(levelA, levelB)
    local moved = (quarter(levelA, levelB) - knob.position) % 4
    knob.position = knob.position + (moved == 3 and -1 or moved == 2 and MISSED or moved)
    if moved == 0 or knob.waits then return end
    knob.waits = true
    call("later", "rotary", knob.id)
  end
  knob.watchA = function(level, _, other) turn(level, other) end
  knob.watchB = function(level, _, other) turn(other, level) end
  knob.pins = { a, b }
  lastKnob = lastKnob + 1
  knob.id = lastKnob
  knobs[lastKnob] = knob
  N.watchPin(a, knob.watchA, b)
  N.watchPin(b, knob.watchB, a)
  knob.position = 0
  return knob
end
function N.handlers.rotary(id)
  local knob = knobs[id]
  if knob == nil then return end
  knob.waits = false
  for mask, fn in pairs(knob.callbacks) do
    if math.floor(mask / rotary.TURN) % 2 == 1 then
      fn(rotary.TURN, int(knob.position), int(tonumber(call("uptime")) % 2147483648))
    end
  end
end
local function closeSwitch(knob)
  N.unwatchPin(knob.pins[1], knob.watchA)
  N.unwatchPin(knob.pins[2], knob.watchB)
  knobs[knob.id] = nil
end
if is8266 then
  local channels = {}
  local function channelOf(id, name)
    id = int(id, 1, name)
    if id < 0 or id > 2 then error("rotary " .. id .. " does not exist", 3) end
    return id
  end
  function rotary.setup(channel, a, b)
    channel = channelOf(channel, "setup")
    if channels[channel] then closeSwitch(channels[channel]) end
    channels[channel] = openSwitch(int(a, 2, "setup"), int(b, 3, "setup"))
  end
  function rotary.on(channel, mask, fn)
    local knob = channels[channelOf(channel, "on")]
    if knob == nil then error("Not setup", 2) end
    knob.callbacks[int(mask, 2, "on")] = fn
  end
  function rotary.getpos(channel)
    local knob = channels[channelOf(channel, "getpos")]
    if knob == nil then return end
    return int(knob.position), false
  end
  function rotary.close(channel)
    channel = channelOf(channel, "close")
    if channels[channel] then closeSwitch(channels[channel]) end
    channels[channel] = nil
  end
else
  local methods = {}
  local meta = { __index = methods, __name = "rotary.switch" }
  function rotary.setup(a, b)
    return setmetatable({ knob = openSwitch(int(a, 1, "setup"), int(b, 2, "setup")) }, meta)
  end
  function methods.on(self, mask, fn)
    N.object(self, meta, "rotary.switch", "on").knob.callbacks[int(mask, 2, "on")] = fn
  end
  function methods.getpos(self)
    local position = N.object(self, meta, "rotary.switch", "getpos").knob.position
    -- The value for an error is a position, too.
    if position == -1 then return end
    return int(position), false
  end
  function methods.close(self) closeSwitch(N.object(self, meta, "rotary.switch", "close").knob) end
end
N.modules.rotary = rotary

-- dht
local dht = { OK = 0, ERROR_CHECKSUM = -1, ERROR_TIMEOUT = -2 }
local INVALID = -999
local function sumOf(bytes)
  local a, b, c, d = string.byte(bytes, 1, 4)
  return (a + b + c + d) % 256
end
-- Status, degC, %RH, and what is behind their points.
local function answer(status, temperature, humidity)
  local function behind(value)
    local whole = value < 0 and math.ceil(value) or math.floor(value)
    local part = (value - whole) * 1000
    return int(part < 0 and math.ceil(part) or math.floor(part))
  end
  return status, temperature, humidity, behind(temperature), behind(humidity)
end
local function decode(bytes)
  local a, b, c, d, sum = string.byte(bytes, 1, 5)
  local temperature = ((c % 128) * 256 + d) * 0.1
  local status = sum == sumOf(bytes) and dht.OK or dht.ERROR_CHECKSUM
  return status, c > 127 and -temperature or temperature, (a * 256 + b) * 0.1
end
local function pinOf(pin, name)
  pin = int(pin, 1, name)
  check(call("pin", pin) ~= "" and not (is8266 and pin == 0), 1, name, "invalid gpio")
  return pin
end
if is8266 then
  function dht.read(pin)
    local bytes = call("dht.read", pinOf(pin, "read"), 18)
    if bytes == "" then return answer(dht.ERROR_TIMEOUT, INVALID, INVALID) end
    local a, b, c, d, sum = string.byte(bytes, 1, 5)
    -- "It may DHT11" (dht.c).
    if b == 0 and d == 0 and sum == (a + c) % 256 then return answer(dht.OK, c, a) end
    return answer(decode(bytes))
  end
  dht.readxx = dht.read
else
  function dht.read2x(pin)
    local bytes = call("dht.read", pinOf(pin, "read2x"), 1)
    if bytes == "" then return dht.ERROR_TIMEOUT end
    return answer(decode(bytes))
  end
  function dht.read11(pin)
    local bytes = call("dht.read", pinOf(pin, "read11"), 20)
    if bytes == "" then return dht.ERROR_TIMEOUT end
    local status = decode(bytes)
    return answer(status, string.byte(bytes, 3), string.byte(bytes, 1))
  end
end
N.modules.dht = dht
if is8266 then return end

-- pulsecnt: the counter of a unit, and its first channel.
local pulsecnt = {
  PCNT_PIN_NOT_USED = -1, PCNT_COUNT_DIS = 0, PCNT_COUNT_INC = 1, PCNT_COUNT_DEC = 2,
  PCNT_MODE_KEEP = 0, PCNT_MODE_REVERSE = 1, PCNT_MODE_DISABLE = 2,
}
local pmethods = {}
local pmeta = { __index = pmethods, __name = "pulsecnt.pctr" }
function pulsecnt.create(unit)
  unit = int(unit, 1, "create")
  check(unit >= 0 and unit <= 7, 1, "create", "Unit must be in 0-7 range")
  return setmetatable({ unit = unit, count = 0 }, pmeta)
end
local STEPS = { [0] = 0, [1] = 1, [2] = -1 }
function pmethods.chan0Config(self, pin, control, rising, falling, _, _, least, most)
  N.object(self, pmeta, "pulsecnt.pctr", "chan0Config")
  pin = int(pin, 2, "chan0Config")
  check(call("pin", pin) ~= "", 2, "chan0Config", "The pulse_gpio_num value is not valid.")
  if int(control, 3, "chan0Config") ~= -1 then call("warn", "pulsecnt: control pins are not simulated") end
  least, most = int(least, 8, "chan0Config"), int(most, 9, "chan0Config")
  check(least >= -32768 and least <= 32767, 8, "chan0Config", "The counter_l_lim value must be between -32768 and 32767.")
  check(most >= -32768 and most <= 32767, 9, "chan0Config", "The counter_h_lim value must be between -32768 and 32767.")
  N.watchPin(pin, function(level)
    self.count = self.count + STEPS[level == 1 and rising or falling]
    if self.count >= most or self.count <= least then self.count = 0 end
  end)
end
function pmethods.clear(self) N.object(self, pmeta, "pulsecnt.pctr", "clear").count = 0 end
function pmethods.getCnt(self) return int(N.object(self, pmeta, "pulsecnt.pctr", "getCnt").count) end
N.modules.pulsecnt = pulsecnt

-- rmt: a receiver, from the first edge until a level has lasted for longer than the threshold.
local rmt = {}
local rmethods = {}
local rmeta = { __index = rmethods, __name = "rmt.channel" }
local channels = {}
local open, lastChannel = 0, 0
function rmt.rxsetup(pin, picoseconds, options)
  pin, picoseconds = int(pin, 1, "rxsetup"), int(picoseconds, 2, "rxsetup")
  if call("pin", pin) == "" then error("Invalid gpio", 2) end
  if open >= 8 then error("No available RMT channel", 2) end
  open = open + 1
  local channel = setmetatable({
    pin = pin, bitUs = picoseconds / 1000000, idleUs = (options and options.idle_threshold or 65535) * picoseconds / 1000000,
    items = {},
  }, rmeta)
  lastChannel = lastChannel + 1
  channel.id = lastChannel
  channels[lastChannel] = channel
  return channel, picoseconds
end
function rmt.txsetup() error("the simulator has no RMT transmitter", 2) end
local function item(level, us)
  local width = math.min(32767, math.floor(us + 0.5))
  return string.char(width % 256, math.floor(width / 256) + level * 128)
end
function rmethods.on(self, name, fn)
  N.object(self, rmeta, "rmt.channel", "on")
  check(name == "data", 2, "on", "Must be 'data'")
  if self.fn then error("Can only call 'on' once", 2) end
  self.fn = N.fn(fn, 3, "on")
  self.watch = function(level, us)
    if self.since then
      if us - self.since > self.idleUs then self.items = {}
      else self.items[#self.items + 1] = item(1 - level, (us - self.since) / self.bitUs) end
    end
    self.since, self.level = us, level
    -- The threshold is counted from the edge, which the machine may tell later.
    call("later", "rmt", self.id, math.max(0, self.idleUs - (tonumber(call("uptime")) - us)) / 1000)
  end
  N.watchPin(self.pin, self.watch)
end
function N.handlers.rmt(id)
  local self = channels[id]
  if not self or not self.since then return end
  if tonumber(call("uptime")) - self.since < self.idleUs - 1 then return end
  local items = self.items
  items[#items + 1] = item(self.level, 0)
  if #items % 2 == 1 then items[#items + 1] = item(0, 0) end
  self.items, self.since = {}, nil
  self.fn(table.concat(items))
end
function rmethods.close(self)
  N.object(self, rmeta, "rmt.channel", "close")
  if self.closed then return end
  self.closed = true
  channels[self.id] = nil
  open = open - 1
  if self.watch then N.unwatchPin(self.pin, self.watch) end
end
N.modules.rmt = rmt
