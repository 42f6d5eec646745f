-- The way to the host, and what all modules use. Loaded first; CHIP is "ESP8266" or "ESP32...", and the files that
-- follow add modules to N.modules. NodeMCU's modules are C in flash: what this file and its sisters occupy is not
-- counted as heap of the firmware.
local out, inp = io.stdout, io.stdin
local byte, concat, match = string.byte, table.concat, string.match
local traceback, sethook = debug.traceback, debug.sethook

local N = { modules = {}, published = {}, handlers = {}, is8266 = CHIP == "ESP8266", is53 = _VERSION == "Lua 5.3" }
_G.N = N
out:setvbuf("full", 65536)

-- Asks the host: an operation and its arguments, of which the last may be any bytes. Gives a string.
local isAsking = false
local function call(...)
  isAsking = true
  out:write(concat({ ... }, "\0"))
  out:flush()
  local low, middle, high = byte(inp:read(3), 1, 3)
  local count = low + middle * 256 + high * 65536
  local reply = count == 0 and "" or inp:read(count)
  isAsking = false
  return reply
end
N.call = call

-- luaL_argerror and luaL_where: an error names the function as the firmware called it, and the line that called it. In a
-- call by a colon the object is not counted.
local getinfo = debug.getinfo
local function argerror(at, name, text)
  local level = 2
  local called = getinfo(level, "Sn")
  local caller = getinfo(level + 1, "Sn")
  while caller and string.sub(caller.source, 1, 1) ~= "@" and caller.what ~= "C" do
    level, called, caller = level + 1, caller, getinfo(level + 2, "Sn")
  end
  name = called.name or "?"
  if called.namewhat == "method" then
    at = at - 1
    if at == 0 then error("calling '" .. name .. "' on bad self", level + 1) end
  end
  error("bad argument #" .. at .. " to '" .. name .. "' (" .. text .. ")", level + 1)
end
local function typerror(at, name, expected, value)
  argerror(at, name, expected .. " expected, got " .. (value == nil and "no value" or type(value)))
end

-- luaL_checkinteger
function N.int(value, at, name)
  local number = tonumber(value)
  if number == nil or type(value) == "boolean" then typerror(at, name, "number", value) end
  if number ~= math.floor(number) then
    if N.is53 then argerror(at, name, "number has no integer representation") end
    number = number < 0 and math.ceil(number) or math.floor(number)
  end
  if N.is53 then return math.tointeger(number) end
  return number
end
-- luaL_checklstring
function N.str(value, at, name)
  if type(value) == "number" then return tostring(value) end
  if type(value) ~= "string" then typerror(at, name, "string", value) end
  return value
end
-- luaL_checkfunction of NodeMCU
function N.fn(value, at, name)
  if type(value) ~= "function" then typerror(at, name, "function", value) end
  return value
end
function N.table(value, at, name)
  if type(value) ~= "table" then typerror(at, name, "table", value) end
  return value
end
-- luaL_checkudata: the objects of the modules are tables with the metatable of their kind here.
function N.object(value, meta, kind, name)
  if type(value) ~= "table" or getmetatable(value) ~= meta then typerror(1, name, kind, value) end
  return value
end
-- luaL_argcheck
function N.check(condition, at, name, text)
  if not condition then argerror(at, name, text) end
end

-- What the host has to tell, one event after the other; each runs the callbacks of the firmware.
local kind, id, rest
local function handle()
  N.handlers[kind](id, rest)
end
local function trace(message)
  return traceback(message, 2)
end
-- An error in a callback. luaL_pcallx (lauxlib.c) posts a task that calls `onerror`, which prints and restarts after
-- 2 s unless the firmware set another; sockets of the ESP8266 call Lua unprotected, which panics at once.
function N.failed(message, unprotected)
  if N.onerror and not unprotected then
    local ok, again = xpcall(function() N.onerror(message) end, trace)
    if ok then return end
    message = again
  end
  call("panic", unprotected and "1" or "0", message)
end
function N_events()
  while true do
    local event = call("next")
    if event == "" then return end
    kind, id, rest = match(event, "^([^%z]*)%z([^%z]*)%z(.*)$")
    id = tonumber(id)
    local ok, message = xpcall(handle, trace)
    if not ok then N.failed(message, N.is8266 and kind:sub(1, 4) == "net.") end
    if collectgarbage("count") > N.limit then
      collectgarbage()
      if collectgarbage("count") > N.limit then call("panic", "1", "not enough memory") end
    end
  end
end

-- A callback that never ends is the watchdog's; a chip that has restarted runs nothing more.
local function stop()
  sethook(stop, "", 1)
  error("the chip has restarted", 0)
end
N.stop = stop
local BUSY_INSTRUCTIONS = 1000000
sethook(function()
  -- In the middle of another question its answer would be lost: the next time will do.
  if isAsking then return end
  if call("busy") == "1" then stop() end
end, "", BUSY_INSTRUCTIONS)

-- What is there before the firmware comes, when all is collected that its coming left.
function N_base()
  collectgarbage()
  collectgarbage()
  N.base = collectgarbage("count")
  N.limit = N.base + tonumber(call("limit")) / 1024
end
-- Heap of the firmware: all of the VM less what was there before the firmware came.
function N_heap()
  collectgarbage()
  collectgarbage()
  call("heap", collectgarbage("count") - N.base)
end
