-- Files. ESP8266: `file` with open files (docs/modules/file.md, app/modules/file.c). ESP32: `file` has no open files;
-- they are those of Lua's own `io` (docs/modules/file.md of dev-esp32). The host keeps the bytes.
local call, int, str, check = N.call, N.int, N.str, N.check
local LONGEST_NAME = 31
local CHUNK = 1024

local function nameOf(value, at, name)
  value = str(value, at, name)
  check(#value > 0 and #value <= LONGEST_NAME, at, name, "filename invalid")
  return value
end
-- "1" and the contents, or "0".
local function read(name)
  local reply = call("file.read", name)
  if string.sub(reply, 1, 1) == "0" then return nil end
  return string.sub(reply, 2)
end

-- An open file: { name, position, may read, may write, appends }.
local function open(name, mode)
  local kind = string.sub(mode, 1, 1)
  local both = string.find(mode, "+", 1, true) ~= nil
  if kind == "w" then call("file.write", name, 0, "1", "")
  elseif read(name) == nil then
    if kind ~= "a" then return nil end
    call("file.write", name, 0, "1", "")
  end
  return { name, 0, kind == "r" or both, kind ~= "r" or both, kind == "a" }
end
local function take(f, count, ending)
  local contents = f[3] and read(f[1]) or ""
  local last = math.min(#contents, f[2] + count)
  if ending then
    local found = string.find(contents, ending, f[2] + 1, true)
    if found and found < last then last = found end
  end
  if last <= f[2] then return nil end
  local bytes = string.sub(contents, f[2] + 1, last)
  f[2] = last
  return bytes
end
local function put(f, bytes)
  if not f[4] then return false end
  if f[5] then f[2] = #(read(f[1]) or "") end
  if bytes == "" then return true end
  if call("file.write", f[1], f[2], "0", bytes) ~= "1" then return false end
  f[2] = f[2] + #bytes
  return true
end
local function seek(f, whence, offset)
  local base = whence == "set" and 0 or whence == "end" and #(read(f[1]) or "") or f[2]
  if base + offset < 0 or base + offset > #(read(f[1]) or "") then return nil end
  f[2] = int(base + offset)
  return f[2]
end

local file = {}
function file.exists(name) return call("file.size", str(name, 1, "exists")) ~= "" end
function file.remove(name) call("file.remove", str(name, 1, "remove")) end
function file.rename(old, new)
  return call("file.rename", nameOf(old, 1, "rename"), nameOf(new, 2, "rename")) == "1"
end
function file.list(pattern)
  local sizes = {}
  for name, size in string.gmatch(call("file.list"), "([^%z]*)%z(%d+)%z") do
    if not (N.is8266 and pattern) or string.match(name, pattern) then sizes[name] = int(size) end
  end
  return sizes
end
function file.fsinfo()
  local left, used, total = string.match(call("file.info"), "(%d+) (%d+) (%d+)")
  return int(left), int(used), int(total)
end
function file.format() call("file.format") end

if N.is8266 then
  local methods = {}
  local meta = { __index = methods, __name = "file.obj" }
  local last
  local function opened(value)
    if type(value) == "table" and getmetatable(value) == meta then return value, 1 end
    if last == nil then error("open a file first", 3) end
    return last, 0
  end
  function file.open(name, mode)
    last = nil
    local f = open(nameOf(name, 1, "open"), mode == nil and "r" or str(mode, 2, "open"))
    if f then last = setmetatable(f, meta) end
    return last
  end
  local function method(name, fn)
    local both = function(self, ...)
      local f, arguments = opened(self)
      if not f[1] then error("open a file first", 2) end
      if arguments == 1 then return fn(f, ...) end
      return fn(f, self, ...)
    end
    methods[name], file[name] = both, both
  end
  method("read", function(f, what)
    if type(what) == "string" then
      if #what ~= 1 then error("wrong arg range", 3) end
      return take(f, CHUNK, what)
    end
    return take(f, what or CHUNK)
  end)
  method("readline", function(f) return take(f, CHUNK, "\n") end)
  method("write", function(f, bytes) return put(f, str(bytes, 1, "write")) or nil end)
  method("writeline", function(f, bytes) return put(f, str(bytes, 1, "writeline") .. "\n") or nil end)
  method("seek", function(f, whence, offset) return seek(f, whence or "cur", offset or 0) end)
  method("flush", function() return true end)
  methods.close = function(self)
    if self == last then last = nil end
    self[1] = nil
  end
  file.close = function(f)
    f = f or last
    if f then methods.close(f) end
  end
  function file.getcontents(name)
    local f = open(nameOf(name, 1, "getcontents"), "r")
    return f and take(f, 2147483647)
  end
  function file.putcontents(name, contents)
    return put(open(nameOf(name, 1, "putcontents"), "w+"), str(contents, 2, "putcontents")) or nil
  end
  function file.stat(name)
    local size = call("file.size", nameOf(name, 1, "stat"))
    if size == "" then return nil end
    return { name = name, size = int(size), is_dir = false, is_rdonly = false, is_hidden = false, is_sys = false,
      is_arch = false, time = { year = 1970, mon = 1, day = 1, hour = 0, min = 0, sec = 0 } }
  end
  function file.on() end
else
  function file.mkdir() end
  function file.rmdir() end
  -- liolib.c of Lua, without pipes and the standard streams.
  local methods = {}
  local meta = { __index = methods, __name = "FILE*" }
  local function opened(f)
    if type(f) ~= "table" or getmetatable(f) ~= meta then error("bad argument #1 (FILE* expected)", 3) end
    if not f[1] then error("attempt to use a closed file", 3) end
    return f
  end
  local function readOne(f, what)
    if type(what) == "number" then
      if what == 0 then return f[2] < #(read(f[1]) or "") and "" or nil end
      return take(f, what)
    end
    what = string.gsub(what, "^%*", "")
    what = string.sub(what, 1, 1)
    if what == "a" then return take(f, 2147483647) or "" end
    if what == "n" then return tonumber(take(f, 2147483647, "\n") or "") end
    local line = take(f, 2147483647, "\n")
    if what == "L" or line == nil then return line end
    return (string.gsub(line, "\n$", ""))
  end
  function methods.read(self, ...)
    opened(self)
    if select("#", ...) == 0 then return readOne(self, "l") end
    local results = {}
    for at = 1, select("#", ...) do
      results[at] = readOne(self, (select(at, ...)))
      if results[at] == nil then break end
    end
    return (table.unpack or unpack)(results, 1, select("#", ...))
  end
  function methods.write(self, ...)
    opened(self)
    for at = 1, select("#", ...) do
      if not put(self, str(select(at, ...), at, "write")) then return nil, "Bad file descriptor", 9 end
    end
    return self
  end
  function methods.seek(self, whence, offset)
    opened(self)
    local position = seek(self, whence or "cur", offset or 0)
    if position == nil then return nil, "Invalid argument", 22 end
    return position
  end
  function methods.flush(self) return opened(self) end
  function methods.setvbuf(self) return opened(self) ~= nil end
  function methods.close(self)
    opened(self)[1] = nil
    return true
  end
  function methods.lines(self)
    opened(self)
    return function() return readOne(self, "l") end
  end
  N.io = {
    open = function(name, mode)
      mode = mode == nil and "r" or str(mode, 2, "open")
      check(string.match(mode, "^[rwa]%+?b?$") ~= nil, 2, "open", "invalid mode")
      -- The path of the file system is in front, or not.
      local f = open(string.gsub(str(name, 1, "open"), "^/SPIFFS/", ""), mode)
      if f == nil then return nil, name .. ": No such file or directory", 2 end
      return setmetatable(f, meta)
    end,
    type = function(f)
      if type(f) ~= "table" or getmetatable(f) ~= meta then return nil end
      return f[1] and "file" or "closed file"
    end,
    close = function(f) return methods.close(f) end,
    lines = function(name)
      local f = N.io.open(name)
      if not f then error(name .. ": No such file or directory", 2) end
      return methods.lines(f)
    end,
  }
end
N.modules.file = file

-- loadfile, dofile, require: from the files, and from flash (LFS) where the build put a module there.
local compile = loadstring or load
local function chunk(name)
  local contents = read(name)
  if contents == nil then return nil, "cannot open " .. name end
  return compile(contents, "@" .. name)
end
function N.loadfile(name) return chunk(name) end
function N.dofile(name)
  local fn, message = chunk(name)
  if fn == nil then error(message, 0) end
  return fn()
end
local loaded = {}
function N.require(name)
  str(name, 1, "require")
  if loaded[name] ~= nil then return loaded[name] end
  if N.published[name] then return N.published[name] end
  local fn, message = chunk(name .. ".lc")
  if fn == nil then fn, message = chunk(name .. ".lua") end
  if fn == nil then
    if string.find(message, "^cannot open") then
      message = "module '" .. name .. "' not found:\n\tno file '" .. name .. ".lc'\n\tno file '" .. name .. ".lua'"
    end
    error(message, 2)
  end
  local result = fn(name)
  loaded[name] = result == nil and true or result
  return loaded[name]
end
