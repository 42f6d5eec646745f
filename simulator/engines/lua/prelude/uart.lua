-- uart: docs/modules/uart.md of both branches. Port 0 is the console, unless the ESP8266's program takes its input.
local call, int, str = N.call, N.int, N.str
local is8266 = N.is8266

local uart = { STOPBITS_1 = 1, STOPBITS_1_5 = 2, STOPBITS_2 = 3, PARITY_NONE = 0, PARITY_EVEN = 2, PARITY_ODD = 1 }
local bauds, listeners, held = {}, {}, {}
-- GPIO3 and GPIO1 of the ESP8266, by number.
local RX, TX = 9, 10

local function port(id, name)
  id = int(id, 1, name)
  if id < 0 or id > 2 then error("uart " .. id .. " does not exist", 3) end
  return id
end
function uart.setup(id, baud, _, _, _, pins)
  id, baud = port(id, "setup"), int(baud, 2, "setup")
  bauds[id] = baud
  if not is8266 and id > 0 then
    N.table(pins, 6, "setup")
    call("uart.setup", id, baud, int(pins.rx, -1, "setup"), int(pins.tx, -1, "setup"))
  end
  return baud
end
function uart.getconfig(id) return bauds[id] or 115200, 8, 0, 1 end
local function listen(id, what, ending, fn)
  if what ~= "data" then return end
  held[id] = ""
  listeners[id] = fn and { ending, fn }
end
if is8266 then
  function uart.on(what, ending, fn, toLua)
    listen(0, str(what, 1, "on"), ending, fn)
    if fn and toLua == 0 then call("uart.setup", 0, bauds[0] or 115200, RX, TX) end
  end
else
  function uart.on(id, what, ending, fn)
    if type(id) == "string" then id, what, ending, fn = 0, id, what, ending end
    listen(port(id, "on"), str(what, 2, "on"), ending, fn)
  end
  function uart.start(id)
    port(id, "start")
    return true
  end
  function uart.stop() end
end
function N.handlers.uart(id, bytes)
  local listener = listeners[id]
  if not listener then return end
  local ending, fn = listener[1], listener[2]
  if ending == 0 then return fn(bytes) end
  held[id] = held[id] .. bytes
  while listeners[id] == listener do
    local at = type(ending) == "string" and string.find(held[id], ending, 1, true) or nil
    local count = at or type(ending) == "number" and ending or 255
    if #held[id] < count then return end
    local piece = string.sub(held[id], 1, count)
    held[id] = string.sub(held[id], count + 1)
    fn(piece)
  end
end
function uart.write(id, ...)
  id = port(id, "write")
  for at = 1, select("#", ...) do
    local value = select(at, ...)
    if type(value) == "number" then
      if value < 0 or value > 255 then error("invalid number", 2) end
      value = string.char(value)
    elseif type(value) ~= "string" then
      str(value, at + 1, "write")
    end
    if call("uart.send", id, value) ~= "1" and id == 0 then call("uart", value) end
  end
end
N.modules.uart = uart
