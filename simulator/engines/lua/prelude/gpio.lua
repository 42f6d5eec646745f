-- gpio: docs/modules/gpio.md. The machine knows when each edge came; who watches a pin is told of all of them.
local call, int, check = N.call, N.int, N.check
local gpio = {}
local triggers = {}

-- Watchers by pin: functions of the level, the time in us, and the level of the other pin that was asked for.
local watchers = {}
function N.watchPin(pin, fn, data)
  watchers[pin] = watchers[pin] or {}
  table.insert(watchers[pin], fn)
  call("pin.watch", pin, 1, data or -1)
end
function N.unwatchPin(pin, fn)
  for at, each in ipairs(watchers[pin] or {}) do
    if each == fn then
      table.remove(watchers[pin], at)
      call("pin.watch", pin, 0)
      return
    end
  end
end
function N.handlers.edge(pin, text)
  local level, us, data = string.match(text, "^(%d)%z([^%z]*)%z(%d)$")
  level, us, data = int(level), tonumber(us), int(data)
  local list = {}
  for at, fn in ipairs(watchers[pin] or {}) do list[at] = fn end
  for _, fn in ipairs(list) do fn(level, us, data) end
end

-- ESP32: gpio.c disables the interrupt until the callback has run; what comes meanwhile is not heard.
local DEAF_US = 100
local function arm(pin, callback, wanted)
  local old = triggers[pin]
  if old then N.unwatchPin(pin, old.fn) end
  triggers[pin] = nil
  if not callback then return end
  local trigger = { callback, wanted, last = -DEAF_US }
  trigger.fn = function(level, us)
    if not (level == 1 and N.wantedUp or N.wantedDown)[trigger[2]] then return end
    if N.is8266 then
      trigger[1](level, int(us % 2147483648), 1)
    elseif us - trigger.last >= DEAF_US then
      trigger.last = us
      trigger[1](pin, level)
    end
  end
  triggers[pin] = trigger
  N.watchPin(pin, trigger.fn)
end

if N.is8266 then
  -- app/modules/gpio.c: pins by index.
  gpio.OUTPUT, gpio.OPENDRAIN, gpio.INPUT, gpio.INT = 1, 3, 0, 2
  gpio.HIGH, gpio.LOW, gpio.FLOAT, gpio.PULLUP = 1, 0, 0, 1
  local TYPES = { none = true, up = true, down = true, both = true, low = true, high = true }
  local modes = {}
  function gpio.mode(pin, mode, pull)
    pin, mode = int(pin, 1, "mode"), int(mode, 2, "mode")
    check(call("pin", pin) ~= "" and (mode ~= gpio.INT or pin > 0), 1, "mode", "Invalid pin")
    check(mode >= 0 and mode <= 3, 2, "mode", "wrong arg type")
    if mode ~= gpio.INT and triggers[pin] then arm(pin) end
    modes[pin] = mode
    call("pin.mode", pin, mode == gpio.OUTPUT and "output" or mode == gpio.OPENDRAIN and "opendrain"
      or pull == gpio.PULLUP and "input_pullup" or "input")
  end
  function gpio.read(pin)
    pin = int(pin, 1, "read")
    N.pinExists("gpio", pin)
    return int(call("d", call("pin", pin)))
  end
  function gpio.write(pin, level)
    pin, level = int(pin, 1, "write"), int(level, 2, "write")
    N.pinExists("gpio", pin)
    check(level == 0 or level == 1, 2, "write", "wrong level type")
    call("D", call("pin", pin), level)
  end
  function gpio.trig(pin, type_, callback)
    pin = int(pin, 1, "trig")
    check(call("pin", pin) ~= "" and pin > 0, 1, "trig", "Invalid interrupt pin")
    type_ = type_ or "none"
    if not TYPES[type_] then check(false, 2, "trig", "invalid option '" .. tostring(type_) .. "'") end
    if type_ == "none" then arm(pin)
    elseif callback == nil and triggers[pin] then triggers[pin][2] = type_
    else
      check(type(callback) == "function", 3, "trig", "invalid callback type")
      if modes[pin] ~= gpio.INT then call("warn", "gpio: trig on pin " .. pin .. ", which is not in mode gpio.INT") end
      arm(pin, callback, type_)
    end
  end
  N.wantedUp = { up = true, both = true, high = true }
  N.wantedDown = { down = true, both = true, low = true }
else
  -- components/modules/gpio.c: pins by GPIO.
  gpio.IN, gpio.OUT, gpio.IN_OUT = 1, 2, 3
  gpio.FLOATING, gpio.PULL_UP, gpio.PULL_DOWN, gpio.PULL_UP_DOWN = 0, 1, 2, 3
  gpio.INTR_NONE, gpio.INTR_UP, gpio.INTR_DOWN, gpio.INTR_UP_DOWN, gpio.INTR_LOW, gpio.INTR_HIGH = 0, 1, 2, 3, 4, 5
  gpio.DRIVE_0, gpio.DRIVE_1, gpio.DRIVE_2, gpio.DRIVE_DEFAULT, gpio.DRIVE_3 = 0, 1, 2, 2, 3
  local function known(pin, name)
    pin = int(pin, 1, name)
    if call("pin", pin) == "" then error("invalid argument", 3) end
    return pin
  end
  function gpio.config(...)
    for at = 1, select("#", ...) do
      local settings = N.table(select(at, ...), at, "config")
      int(settings.dir, -1, "config")
      local pins = settings.gpio
      if type(pins) == "number" then pins = { pins } end
      if type(pins) ~= "table" then error("missing/bad 'gpio' field", 2) end
      for _, pin in pairs(pins) do
        if call("pin", pin) == "" then error("invalid argument", 2) end
        local pull = settings.pull == gpio.PULL_UP and "_pullup" or settings.pull == gpio.PULL_DOWN and "_pulldown" or ""
        call("pin.mode", pin, settings.dir == gpio.IN and "input" .. pull or settings.opendrain and "opendrain" or "output")
      end
    end
  end
  function gpio.read(pin) return int(call("d", call("pin", known(pin, "read")))) end
  function gpio.write(pin, level)
    pin = known(pin, "write")
    call("D", call("pin", pin), int(level, 2, "write") == 0 and 0 or 1)
  end
  function gpio.trig(pin, type_, callback)
    pin = int(pin, 1, "trig")
    type_ = type_ == nil and 0 or int(type_, 2, "trig")
    if callback ~= nil then N.fn(callback, 3, "trig") end
    if call("pin", pin) == "" then error("invalid gpio", 2) end
    if type_ == 0 then arm(pin)
    elseif callback == nil then
      if triggers[pin] then triggers[pin][2] = type_ end
    else arm(pin, callback, type_) end
  end
  function gpio.wakeup() end
  function gpio.set_drive() end
  N.wantedUp = { [1] = true, [3] = true, [5] = true }
  N.wantedDown = { [2] = true, [3] = true, [4] = true }
end

N.modules.gpio = gpio
