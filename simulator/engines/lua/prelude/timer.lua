-- tmr: docs/modules/tmr.md; app/modules/tmr.c (ESP8266), components/modules/tmr.c (ESP32). A timer is
-- { id, mode, interval, callback }: the mode is that of tmr.c, plus 128 while it is idle.
local call, int, check = N.call, N.int, N.check
local SINGLE, AUTO, SEMI, OFF, IDLE = 0, 1, 2, 3, 128
local MAX_TIMEOUT_MS = 6870947
-- The text is that of the macro's name on the ESP8266, of its value on the ESP32.
local RANGE = N.is8266 and "Range: 1-0x68D7A3" or "Range: 1-6870947"
local methods = {}
local meta = { __index = methods, __name = "tmr.timer" }
-- The registry's references to timers that run.
local running = {}
local lastId = 0

local function timer(value, name)
  return N.object(value, meta, "tmr.timer", name)
end
local function isRunning(t)
  return t[2] < OFF
end

function methods.register(self, interval, mode, callback)
  timer(self, "register")
  interval, mode = int(interval, 2, "register"), int(mode, 3, "register")
  check(interval > 0 and interval <= MAX_TIMEOUT_MS, 2, "register", RANGE)
  check(mode == SINGLE or mode == SEMI or mode == AUTO, 3, "register", "Invalid mode")
  if N.is8266 then check(type(callback) == "function", 4, "register", "Must be function")
  else N.fn(callback, 4, "register") end
  call("tmr.stop", self[1])
  self[2], self[3], self[4] = mode + IDLE, interval, callback
  -- pdMS_TO_TICKS: a FreeRTOS timer of no tick is an assertion that fails.
  if not N.is8266 then call("tmr.check", interval) end
end

function methods.start(self, restart)
  timer(self, "start")
  check(not N.is8266 or restart == nil or type(restart) == "boolean", 2, "start", "boolean expected")
  if not N.is8266 and (self[2] == OFF or self[4] == nil) then error("timer not registered", 2) end
  running[self[1]] = self
  local idle = self[2] >= IDLE
  if not (idle or (N.is8266 and restart == true)) then return false end
  if idle then self[2] = self[2] - IDLE end
  call("tmr.start", self[1], self[3], self[2] == AUTO and 1 or 0)
  return true
end

function methods.alarm(self, interval, mode, callback)
  methods.register(self, interval, mode, callback)
  return methods.start(self)
end

function methods.stop(self)
  timer(self, "stop")
  local was = isRunning(self)
  running[self[1]] = nil
  call("tmr.stop", self[1])
  if self[2] < IDLE and (was or N.is8266) then self[2] = self[2] + IDLE end
  return was
end

function methods.unregister(self)
  timer(self, "unregister")
  running[self[1]] = nil
  call("tmr.stop", self[1])
  self[2], self[4] = OFF, nil
end

function methods.interval(self, interval)
  timer(self, "interval")
  interval = int(interval, 2, "interval")
  check(interval > 0 and interval <= MAX_TIMEOUT_MS, 2, "interval", RANGE)
  if self[2] == OFF then return end
  self[3] = interval
  if isRunning(self) then call("tmr.start", self[1], interval, self[2] == AUTO and 1 or 0) end
end

function methods.state(self)
  timer(self, "state")
  if self[2] == OFF then return nil end
  return self[2] < IDLE, self[2] % IDLE
end

function N.handlers.tmr(id)
  local t = running[id]
  if t == nil or t[4] == nil then return end
  local callback = t[4]
  if t[2] == SINGLE then
    t[2], t[4] = OFF, nil
  elseif t[2] == SEMI then
    t[2] = SEMI + IDLE
  end
  if t[2] ~= AUTO then running[id] = nil end
  callback(t)
end

local tmr = {
  ALARM_SINGLE = SINGLE, ALARM_AUTO = AUTO, ALARM_SEMI = SEMI,
  create = function()
    lastId = lastId + 1
    return setmetatable({ lastId, OFF }, meta)
  end,
  wdclr = function() end,
}
if N.is8266 then
  local function micros() return tonumber(call("uptime")) end
  function tmr.now() return int(micros() % 2147483648) end
  function tmr.time() return int(math.floor(micros() / 1000000)) end
  function tmr.ccount() return int(micros() * 80 % 2147483648) end
  function tmr.delay(us)
    us = int(us, 1, "delay")
    check(us > 0, 1, "delay", "wrong arg range")
    call("delay", us)
  end
  function tmr.softwd(seconds) call("softwd", int(seconds, 1, "softwd")) end
end
N.modules.tmr = tmr
