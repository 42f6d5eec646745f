-- node, rtcmem, crypto, encoder: docs/modules of both branches.
local call, int, str, check = N.call, N.int, N.str, N.check

local node = {}
function node.heap()
  -- Without the garbage, of which the simulator's own calls make more than the chip's do.
  collectgarbage()
  local left = call("node.heap", collectgarbage("count") - N.base)
  return int(left)
end
function node.restart()
  call("R", "restart")
  N.stop()
end
function node.bootreason()
  local raw, cause, panics = string.match(call("bootreason"), "(%d+) (%d+) ?(%d*)")
  if panics ~= "" then return int(raw), int(cause), int(panics) end
  return int(raw), int(cause)
end
function node.setonerror(callback)
  N.onerror = type(callback) == "function" and callback or nil
end
local tasks = {}
node.task = {
  LOW_PRIORITY = 0, MEDIUM_PRIORITY = 1, HIGH_PRIORITY = 2,
  post = function(priority, callback)
    if type(priority) == "function" then callback = priority
    else
      priority = int(priority, 1, "post")
      check(priority >= 0 and priority <= 2, 1, "post", "invalid  priority")
    end
    if type(callback) ~= "function" then check(false, 2, "post", "invalid function") end
    tasks[#tasks + 1] = { callback, priority }
    call("later", "task", 0)
  end,
}
function N.handlers.task()
  local task = table.remove(tasks, 1)
  task[1](task[2])
end
-- lua.c (node_compile): the code of a file as bytes, without what is for debugging alone.
function node.compile(name)
  str(name, 1, "compile")
  check(string.match(name, "^.+%.lua$") ~= nil, 1, "compile", "not a .lua file")
  local fn, message = N.loadfile(name)
  if fn == nil then error(message, 2) end
  local code = string.dump(fn)
  call("file.write", string.sub(name, 1, -3) .. "c", 0, "1", code)
end
function node.egc_setmode() end
node.egc = { NOT_ACTIVE = 0, ON_ALLOC_FAILURE = 1, ON_MEM_LIMIT = 2, ALWAYS = 4, setmode = function() end,
  meminfo = function() return int(collectgarbage("count") * 1024), 0 end }
node.egc_setmode = nil
function node.stripdebug() return 0 end
function node.osprint() end
function node.output() end
function node.input(text) str(text, 1, "input") end
-- Modules that the build put into flash: `get(name)` gives a function.
-- What the code takes of the heap here it does not take there.
local CLOSURE_BYTES = 24
local images = {}
local function flashed(name)
  if images[name] then return images[name] end
  local source = call("lfs.read", name)
  collectgarbage()
  collectgarbage()
  local before = collectgarbage("count")
  local fn, message = (loadstring or load)(source, "@" .. name .. ".lua")
  if fn == nil then error(message, 0) end
  collectgarbage()
  collectgarbage()
  images[name] = fn
  local taken = collectgarbage("count") - before - CLOSURE_BYTES / 1024
  N.base, N.limit = N.base + taken, N.limit + taken
  return fn
end
local function names()
  local list = {}
  for name in string.gmatch(call("lfs.list"), "([^%z]+)") do list[#list + 1] = name end
  return list
end
local function get(name)
  if name == nil then return nil end
  for _, each in ipairs(names()) do
    if each == name then return flashed(name) end
  end
  return nil
end
local function reload(name)
  local problem = call("lfs.reload", str(name, 1, "reload"))
  if problem ~= "" then return problem end
  N.stop()
end
node.LFS = setmetatable({ get = get, list = names, reload = reload, time = tonumber(call("lfs.time")) },
  { __index = function(_, name) return get(name) end })
node.flashindex = get

if N.is8266 then
  -- Chance of the hardware, by the seed of the simulation. A generator of
  -- its own (Park, Miller), so that what the firmware does with the other changes nothing.
  local state = int(tonumber(call("seed")) % 2147483646 + 1)
  function node.random(low, high)
    state = state * 16807 % 2147483647
    if low == nil then return state / 2147483647 end
    if high == nil then low, high = 1, low end
    low, high = int(low, 1, "random"), int(high, 2, "random")
    check(low <= high, 2, "random", "interval is empty")
    return int(low + math.floor(state / 2147483647 * (high - low + 1)))
  end
  node.CPU80MHZ, node.CPU160MHZ = 80, 160
  function node.dsleep(us)
    if us ~= nil then
      us = int(us, 1, "dsleep")
      check(us < 36000000000, 1, "dsleep", "invalid time value")
    end
    call("z", us or 0)
    N.stop()
  end
  function node.dsleepMax() return 12000000000 end
  function node.chipid() return 1 end
  function node.flashid() return 1458400 end
  function node.flashsize() return 4194304 end
  function node.setcpufreq(mhz) return mhz end
  function node.getcpufreq() return 80 end
  function node.info(group)
    if group == "hw" then return { chip_id = 1, flash_id = 1458400, flash_size = 4096, flash_mode = 2, flash_speed = 40000000 } end
    if group == "sw_version" then
      return { node_version_major = 3, node_version_minor = 0, node_version_revision = 0, git_branch = "release",
        git_commit_id = "simulated", git_release = "simulated", git_commit_dts = "" }
    end
    if group == "build_config" then return { ssl = true, lfs_size = 0, modules = call("modules"), number_type = "float" } end
    return 3, 0, 0, 1, 1458400, 4096, 2, 40000000
  end
else
  function node.dsleep(options)
    local us = type(options) == "table" and ((options.us or 0) + (options.secs or 0) * 1000000) or options
    call("z", int(us, 1, "dsleep"))
    N.stop()
  end
  function node.chipid() return "0x1" end
  function node.chipmodel() return string.lower((string.gsub(CHIP, "%-", ""))) end
  -- Microseconds since boot as a number of the build, and what does not fit into it.
  function node.uptime() return int(call("uptime")), 0 end
end
N.modules.node = node

-- rtcmem: 128 words that outlive a restart and a deep sleep, not a power cut.
local WORDS = 128
N.modules.rtcmem = {
  read32 = function(index, count)
    index = int(index, 1, "read32")
    local words = {}
    for at = index, index + (count and int(count, 2, "read32") or 1) - 1 do
      if at >= 0 and at < WORDS then words[#words + 1] = int(call("rtc.read", at)) end
    end
    return (table.unpack or unpack)(words)
  end,
  write32 = function(index, ...)
    index = int(index, 1, "write32")
    check(index + select("#", ...) <= WORDS, 1, "write32", "RTC mem would overrun")
    for at = 1, select("#", ...) do call("rtc.write", index + at - 1, int((select(at, ...)), at + 1, "write32")) end
  end,
}

-- crypto
local crypto = {}
local function digest(algorithm, key, text)
  local reply = call("crypto", algorithm, key and 1 or 0, key and #key or 0, (key or "") .. text)
  if reply == "" then return nil end
  return reply
end
local hasher = {}
local hmeta = { __index = hasher, __name = "crypto.hash" }
function hasher.update(self, text)
  N.object(self, hmeta, "crypto.hash", "update")[3] = self[3] .. str(text, 2, "update")
end
function hasher.finalize(self)
  N.object(self, hmeta, "crypto.hash", "finalize")
  return digest(self[1], self[2], self[3])
end
local UNKNOWN = N.is8266 and "unknown crypto mech '%s'" or "Unsupported algorithm: %s"
local function known(algorithm, name)
  algorithm = str(algorithm, 1, name)
  if not digest(algorithm, nil, "") then error(string.format(N.is8266 and "unknown hash mech" or UNKNOWN, algorithm), 3) end
  return algorithm
end
function crypto.new_hash(algorithm)
  return setmetatable({ known(algorithm, "new_hash"), nil, "" }, hmeta)
end
function crypto.new_hmac(algorithm, key)
  return setmetatable({ known(algorithm, "new_hmac"), str(key, 2, "new_hmac"), "" }, hmeta)
end
if N.is8266 then
  function crypto.hash(algorithm, text) return digest(known(algorithm, "hash"), nil, str(text, 2, "hash")) end
  function crypto.hmac(algorithm, text, key)
    return digest(known(algorithm, "hmac"), str(key, 3, "hmac"), str(text, 2, "hmac"))
  end
  function crypto.sha1(text) return digest("SHA1", nil, str(text, 1, "sha1")) end
  function crypto.mask(text, mask)
    text, mask = str(text, 1, "mask"), str(mask, 2, "mask")
    if mask == "" then error("invalid argument: mask", 2) end
    local bytes = {}
    for at = 1, #text do
      bytes[at] = string.char(N.bxor(string.byte(text, at), string.byte(mask, (at - 1) % #mask + 1)))
    end
    return table.concat(bytes)
  end
end
N.modules.crypto = crypto

local encoder = {}
for _, name in ipairs({ "toBase64", "fromBase64", "toHex", "fromHex" }) do
  encoder[name] = function(text)
    local reply = call("encoder", name, str(text, 1, name))
    if string.sub(reply, 1, 1) == "0" then
      error("Invalid " .. (name == "fromHex" and "hex" or "base64") .. " string", 2)
    end
    return string.sub(reply, 2)
  end
end
N.modules.encoder = encoder
