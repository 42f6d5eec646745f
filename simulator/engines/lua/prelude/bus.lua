-- i2c, ow, adc: docs/modules/{i2c,ow,adc}.md and the sources of both branches. Pins are numbers; the host knows which
-- of the board's pins each is.
local call, int, str, check = N.call, N.int, N.str, N.check
local is8266 = N.is8266

local function pinExists(mod, pin, level)
  if call("pin", pin) == "" then error(mod .. " " .. tostring(pin) .. " does not exist", (level or 2) + 1) end
end
N.pinExists = pinExists

-- Bytes of the arguments from `first` on: numbers, strings, tables of numbers.
local function gather(messages, ...)
  local parts = {}
  for at = 1, select("#", ...) do
    local value = select(at, ...)
    if type(value) == "number" then
      value = int(value, at + 1, "write")
      if value < 0 or value > 255 then error(messages.number, 3) end
      parts[#parts + 1] = string.char(value)
    elseif type(value) == "table" then
      for _, each in ipairs(value) do
        each = int(each, at + 1, "write")
        if each < 0 or each > 255 then error(messages.element, 3) end
        parts[#parts + 1] = string.char(each)
      end
    else
      parts[#parts + 1] = str(value, at + 1, "write")
    end
  end
  return table.concat(parts)
end

-- A bus in software: what was addressed, and the direction. Of several writes in one transaction each is a message of
-- its own here, which the host says.
local soft = {}
local function softAddress(id, address, direction)
  local bus = soft[id]
  bus.address, bus.written = address, false
  bus.acknowledged = call("i2c.address", bus.name, address, direction) == "1"
  return bus.acknowledged
end
local function softWrite(id, bytes)
  local bus = soft[id]
  if bus == nil or not bus.acknowledged then return 0 end
  if bus.written then call("warn", "i2c: several writes in one transaction: the simulator passes them on one by one") end
  bus.written = true
  return call("w", bus.name, string.char(bus.address) .. bytes) == "1" and #bytes or 0
end
local function softRead(id, count)
  local bus = soft[id]
  local reply = bus and bus.acknowledged
    and call("r", bus.name, string.char(bus.address, math.floor(count / 256), count % 256)) or "0"
  -- Nobody drives the line: it reads as ones.
  if string.sub(reply, 1, 1) == "0" then return string.rep("\255", count) end
  return string.sub(reply, 2)
end
local function setup(name, sda, scl, speed)
  local bus = call("i2c.bus", sda, scl)
  soft[name] = { name = bus }
  call("s", bus, call("pin", sda), call("pin", scl), speed)
  return soft[name]
end

local i2c = { FASTPLUS = 1000000, FAST = 400000, SLOW = 100000, TRANSMITTER = is8266 and 0 or 0, RECEIVER = 1 }
if is8266 then
  local RANGES = { number = "wrong arg range", element = "wrong arg range" }
  local function bus(id, name)
    id = int(id, 1, name)
    if id < 0 or id > 9 then error("i2c " .. id .. " does not exist", 3) end
    return id
  end
  function i2c.setup(id, sda, scl, speed)
    id = bus(id, "setup")
    sda, scl = int(sda, 2, "setup"), int(scl, 3, "setup")
    pinExists("gpio", sda)
    pinExists("gpio", scl)
    if sda == 0 then error("i2c SDA on D0 is not supported", 2) end
    speed = int(speed, 4, "setup")
    if speed <= 0 then error("wrong arg range", 2) end
    setup(id, sda, scl, speed)
    return speed
  end
  function i2c.start(id)
    id = bus(id, "start")
    if not soft[id] then error("i2c " .. id .. " is not configured", 2) end
    soft[id].acknowledged = false
  end
  function i2c.stop(id)
    id = bus(id, "stop")
    if soft[id] then soft[id].acknowledged = false end
  end
  function i2c.address(id, address, direction)
    id = bus(id, "address")
    address, direction = int(address, 2, "address"), int(direction, 3, "address")
    if address < 0 or address > 127 then error("wrong arg range", 2) end
    return soft[id] ~= nil and softAddress(id, address, direction)
  end
  function i2c.write(id, ...)
    id = bus(id, "write")
    if select("#", ...) == 0 then error("wrong arg type", 2) end
    return softWrite(id, gather(RANGES, ...))
  end
  function i2c.read(id, size)
    id, size = bus(id, "read"), int(size, 2, "read")
    if size == 0 then return end
    return softRead(id, size)
  end
else
  -- components/modules/i2c.c and i2c_hw_master.c: HW0 and HW1 collect commands until `transfer`.
  local jobs = {}
  local RANGES = {
    number = "numeric value for i2c.write does not fit in 1 byte", element = "table value for i2c.write does not fit in 1 byte",
  }
  i2c.SW, i2c.HW0, i2c.HW1 = 0, 1, 2
  local function bus(id, name)
    id = int(id, 1, name)
    check(id >= 0 and id <= 2, 1, name, "invalid i2c interface id")
    return id
  end
  local function job(id)
    if not jobs[id] then error("no commands scheduled", 3) end
    return jobs[id]
  end
  function i2c.setup(id, sda, scl, speed, stretch)
    id, sda, scl = bus(id, "setup"), int(sda, 2, "setup"), int(scl, 3, "setup")
    speed = int(speed, 4, "setup")
    pinExists("gpio", sda)
    pinExists("gpio", scl)
    if id == 0 then
      check(speed <= i2c.SLOW, 4, "setup", "i2c speed too high for i2c.SW interface")
      setup(id, sda, scl, speed)
      return speed
    end
    check(speed <= i2c.FASTPLUS, 4, "setup", "i2c speed too high for i2c.HWx interfaces")
    check(speed > 0, 4, "setup", "invalid speed")
    check(stretch == nil or int(stretch, 5, "setup") > 0, 5, "setup", "invalid stretch factor")
    -- i2c_driver_install fails when the driver is there already.
    if jobs[id] then error("i2c command failed or NACK from slave", 2) end
    jobs[id] = { bus = setup(id, sda, scl, speed) }
    return 32000 * (stretch or 1)
  end
  function i2c.start(id)
    id = bus(id, "start")
    if id == 0 then
      if not soft[0] then error("start command failed on i2c.SW interface", 2) end
      soft[0].acknowledged = false
      return
    end
    local j = job(id)
    j[#j + 1] = { bytes = "" }
  end
  function i2c.stop(id)
    id = bus(id, "stop")
    if id == 0 then
      if not soft[0] then error("stop command failed on i2c.SW interface", 2) end
      soft[0].acknowledged = false
    else
      job(id)
    end
  end
  function i2c.address(id, address, direction)
    id = bus(id, "address")
    address, direction = int(address, 2, "address"), int(direction, 3, "address")
    check(address >= 0 and address <= 127, 2, "address", "i2c address out of 7-bit range")
    check(direction == 0 or direction == 1, 3, "address", "invalid i2c address direction")
    if id == 0 then return soft[0] ~= nil and softAddress(0, address, direction) end
    local j = job(id)
    local message = j[#j]
    if message then message.address, message.direction = address, direction end
    return true
  end
  function i2c.write(id, ...)
    id = bus(id, "write")
    local arguments = { ... }
    local count = select("#", ...)
    if type(arguments[count]) == "boolean" then count = count - 1 end
    if count < 1 then error("not enough or wrong arg types for i2c.write", 2) end
    local bytes = gather(RANGES, (table.unpack or unpack)(arguments, 1, count))
    if id == 0 then return softWrite(0, bytes) end
    local j = job(id)
    local message = j[#j]
    if message then message.bytes = message.bytes .. bytes end
    return #bytes
  end
  function i2c.read(id, size)
    id, size = bus(id, "read"), int(size, 2, "read")
    check(size > 0, 2, "read", "i2c read size of 0 is invalid")
    if id == 0 then return softRead(0, size) end
    local j = job(id)
    if j.reads then error("only one read per transfer supported", 2) end
    j.reads = size
    local message = j[#j]
    if message then message.count = size end
  end
  -- Runs the commands that were collected; stops at the first that is not acknowledged.
  local function run(id)
    local j = jobs[id]
    local data
    local ok = true
    for _, message in ipairs(j) do
      if ok and message.address then
        if message.direction == 1 then
          local count = message.count or 0
          local reply = call("r", j.bus.name, string.char(message.address, math.floor(count / 256), count % 256))
          ok = string.sub(reply, 1, 1) == "1"
          if message.count then data = string.sub(reply, 2) end
        else
          ok = call("w", j.bus.name, string.char(message.address) .. message.bytes) == "1"
        end
      end
    end
    jobs[id] = { bus = j.bus }
    return ok and data or nil, ok
  end
  local waiting = {}
  function i2c.transfer(id, callback)
    id = int(id, 1, "transfer")
    check(id == 1 or id == 2, 1, "transfer", "invalid hardware id")
    job(id)
    local data, ok = run(id)
    if type(callback) ~= "function" then return data, ok end
    waiting[#waiting + 1] = { callback, data, ok }
    call("later", "i2c", 0)
  end
  function N.handlers.i2c()
    local done = table.remove(waiting, 1)
    done[1](done[2], done[3])
  end
end
N.modules.i2c = i2c

-- ow
local ow = {}
local searches = {}
local function wire(pin, name)
  pin = int(pin, 1, name)
  if is8266 then
    if call("pin", pin) == "" then error("ow " .. pin .. " does not exist", 3) end
  else
    check(pin >= 0, 1, name, "invalid pin")
    if call("pin", pin) == "" then error("failed", 3) end
  end
  return call("pin", pin)
end
function ow.setup(pin)
  if is8266 and pin == 0 then error("no 1-wire for D0", 2) end
  searches[wire(pin, "setup")] = nil
end
function ow.reset(pin) return int(call("o", wire(pin, "reset"))) end
function ow.skip(pin) call("O", wire(pin, "skip"), "\204") end
function ow.select(pin, rom)
  local name = wire(pin, "select")
  if type(rom) == "table" then rom = string.char((table.unpack or unpack)(rom)) end
  rom = str(rom, 2, "select")
  if #rom ~= 8 then error("wrong arg range", 2) end
  call("O", name, "U" .. rom)
end
function ow.write(pin, value)
  local name = wire(pin, "write")
  value = int(value, 2, "write")
  if value > 255 then error("wrong arg range", 2) end
  call("O", name, string.char(value % 256))
end
function ow.write_bytes(pin, bytes, power)
  call("O", wire(pin, "write_bytes"), str(bytes, 2, "write_bytes"))
  if (tonumber(power) or 0) ~= 0 then call("Z", wire(pin, "write_bytes")) end
end
function ow.read(pin) return string.byte(call("i", wire(pin, "read"), "\0\1")) end
function ow.read_bytes(pin, size)
  local name = wire(pin, "read_bytes")
  size = int(size, 2, "read_bytes")
  if size == 0 then return end
  -- LUAL_BUFFERSIZE
  check(size <= 256, 2, "read_bytes", "Attempt to read too many characters")
  return call("i", name, string.char(math.floor(size / 256), size % 256))
end
function ow.depower(pin) wire(pin, "depower") end
function ow.reset_search(pin) searches[wire(pin, "reset_search")] = nil end
function ow.target_search(pin, family)
  searches[wire(pin, "target_search")] = { family = int(family, 2, "target_search") }
end
function ow.search(pin, alarm)
  local name = wire(pin, "search")
  local s = searches[name] or {}
  searches[name] = s
  if not s.roms then
    s.roms, s.at = {}, 0
    local found = call("S", name, (tonumber(alarm) or 0) ~= 0 and 236 or "")
    for hex in string.gmatch(found, "%x+") do
      local rom = string.gsub(hex, "%x%x", function(two) return string.char(tonumber(two, 16)) end)
      if not s.family or s.family == string.byte(rom) then s.roms[#s.roms + 1] = rom end
    end
  end
  s.at = s.at + 1
  local rom = s.roms[s.at]
  -- After the last one the search begins anew.
  if not rom then searches[name] = nil end
  return rom
end
function ow.crc8(bytes)
  local crc = 0
  for at = 1, #str(bytes, 1, "crc8") do
    local value = string.byte(bytes, at)
    for _ = 1, 8 do
      local mix = (crc + value) % 2
      crc, value = math.floor(crc / 2), math.floor(value / 2)
      -- The polynomial 0x8c has its bits 7, 3 and 2.
      if mix == 1 then crc = N.bxor(crc, 140) end
    end
  end
  return int(crc)
end
N.modules.ow = ow

-- adc
local adc = {}
if is8266 then
  adc.INIT_ADC, adc.INIT_VDD33 = 0, 255
  function adc.read(id)
    id = int(id, 1, "read")
    if id ~= 0 then error("adc " .. id .. " does not exist", 2) end
    return int(call("adc", "A0", 10))
  end
  function adc.readvdd33() return 65535 end
  function adc.force_init_mode() return false end
else
  adc.ADC1, adc.ATTEN_0db, adc.ATTEN_2_5db, adc.ATTEN_6db, adc.ATTEN_11db = 1, 0, 1, 2, 3
  local bits = 12
  local attenuation = {}
  local function converter(id, channel, name)
    id = int(id, 1, name)
    if id ~= 1 then error("adc " .. id .. " does not exist", 3) end
    channel = int(channel, 2, name)
    if call("adc.pin", channel) == "" then error("channel " .. channel .. " does not exist in ADC1", 3) end
    return channel
  end
  function adc.setwidth(id, width)
    id, width = int(id, 1, "setwidth"), int(width, 2, "setwidth")
    if id ~= 1 then error("adc " .. id .. " does not exist", 2) end
    if width < 9 or width > 12 then error("adc_set_width failed", 2) end
    bits = width
  end
  function adc.setup(id, channel, atten)
    channel = converter(id, channel, "setup")
    atten = int(atten, 3, "setup")
    if atten < 0 or atten > 3 then error("adc_setup failed", 2) end
    if atten ~= 3 then call("warn", "adc: the simulated parts give their share of the range at 11 dB, not of this one") end
    attenuation[channel] = atten
  end
  function adc.read(id, channel)
    channel = converter(id, channel, "read")
    if not attenuation[channel] then call("warn", "adc: channel " .. channel .. " is read before setup") end
    return int(call("adc", call("adc.pin", channel), bits))
  end
end
N.modules.adc = adc
