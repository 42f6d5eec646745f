-- Last: the globals of the firmware. What NodeMCU's Lua has not is taken away, and what was there is the heap's base.
local call = N.call
local compile = loadstring or load

-- Of Lua's own libraries: lmathlib.c, ldblib.c, linit.c of NodeMCU.
local MATH51 = { "abs", "ceil", "floor", "max", "min", "pow", "random", "randomseed", "sqrt", "pi", "huge" }
if not N.is53 then
  local kept = {}
  for _, name in ipairs(MATH51) do kept[name] = math[name] end
  math = kept
end
local trace = debug.traceback
debug = { traceback = trace }
-- Before `io` goes: it is the way to the host.
io = N.io
os, package, module, newproxy = nil, nil, nil, nil
if not N.is8266 then debug = nil end
require, dofile, loadfile = N.require, N.dofile, N.loadfile
-- The seed is the simulation's.
math.randomseed(tonumber(call("seed")))

function print(...)
  local texts = {}
  for at = 1, select("#", ...) do texts[at] = tostring((select(at, ...))) end
  call("print", table.concat(texts, "\t"))
end

local wanted = call("modules")
for name, each in pairs(N.modules) do
  if wanted == "" or string.find(" " .. wanted .. " ", " " .. name .. " ", 1, true) then
    N.published[name] = each
    _G[name] = each
  end
end
if wanted ~= "" and not string.find(" " .. wanted .. " ", " debug ", 1, true) and not N.is8266 then debug = nil end

-- Runs init.lua. An error in it ends in the console, and the chip waits for commands (lua.c: handle_luainit).
local function init()
  local contents = call("file.read", "init.lua")
  if string.sub(contents, 1, 1) == "0" then
    call("print", "cannot open init.lua")
    return
  end
  local fn, message = compile(string.sub(contents, 2), "@init.lua")
  if fn == nil then error(message, 0) end
  fn()
end
function N_boot()
  call("banner", _VERSION)
  -- The functions of the host are no globals of the firmware.
  local _, message = xpcall(init, function(text) return trace(text, 2) end)
  if message then call("error", message) end
  call("prompt", "> ")
end
-- The console: lua.c of both branches (dojob, lua_input_string). A statement that is not whole waits for more lines.
local begun
local function compileLine(line)
  if begun == nil then
    if string.sub(line, 1, 1) == "=" then return compile("return " .. string.sub(line, 2), "=stdin") end
    local fn = N.is53 and compile("return " .. line, "=stdin")
    if fn then return fn end
  end
  return compile(begun == nil and line or begun .. "\n" .. line, "=stdin")
end
local function show(ok, ...)
  if not ok then print((...))
  elseif select("#", ...) > 0 then print(...) end
end
function N_line()
  local line = call("line")
  local fn, message = compileLine(line)
  if fn == nil and string.find(message, "<eof>'?$") then
    begun = begun == nil and line or begun .. "\n" .. line
    call("prompt", ">> ")
    return
  end
  begun = nil
  if fn then show(xpcall(fn, function(text) return trace(text, 2) end)) else print(message) end
  call("prompt", "> ")
end
_G.N, CHIP = nil, nil
