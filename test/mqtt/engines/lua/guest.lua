-- Runs in the VM, and makes clients for the tests (lua.ts). What passes is a text of values, each with a letter in
-- front: n, t, f; d and a number up to ;  s, a length up to : and the bytes; a, a count up to ; and values; o, the same
-- with keys; h and the number of a function of the test; H and that of an object that the test holds; c and the number
-- of a function of the client; x, a length up to : and the place of an array or object that a module exports; e, the
-- exception of the test that is on its way.
local out, inp = io.stdout, io.stdin
out:setvbuf("full", 65536)
local function ask(text)
  out:write(text)
  out:flush()
  local low, middle, high = string.byte(inp:read(3), 1, 3)
  local count = low + middle * 256 + high * 65536
  return count == 0 and "" or inp:read(count)
end

local CLIENTS = 16
local clients, texts = {}, {}
local encode, decode
-- The test's exception, on its way through the client.
local thrown = {}

-- A number that is written in full, as an integer where it is one.
local function digits(number)
  if number ~= number then return "nan" end
  if number == math.floor(number) and number > -2 ^ 53 and number < 2 ^ 53 then return string.format("%d", number) end
  return string.format("%.17g", number)
end

function encode(value, client)
  local kind = type(value)
  if value == nil then return "n" end
  if kind == "boolean" then return value and "t" or "f" end
  if kind == "number" then return "d" .. digits(value) .. ";" end
  if kind == "string" then return "s" .. #value .. ":" .. value end
  if kind == "function" then
    local known = client.hostIds[value]
    if known then return "h" .. known .. ";" end
    local id = client.ids[value]
    if not id then
      id = #client.given + 1
      client.given[id], client.ids[value] = value, id
    end
    return "c" .. id .. ";"
  end
  if value == thrown then return "e" end
  if value.held then return "H" .. value.held .. ";" end
  local last, isArray = 0, true
  for key in pairs(value) do
    if type(key) == "number" then last = math.max(last, key) else isArray = false end
  end
  local parts = {}
  if isArray then
    for at = 1, last do parts[at] = encode(value[at], client) end
    return "a" .. last .. ";" .. table.concat(parts)
  end
  for key, item in pairs(value) do
    parts[#parts + 1] = encode(tostring(key), client) .. encode(item, client)
  end
  return "o" .. #parts .. ";" .. table.concat(parts)
end

local function say(client, text)
  local reply = ask(text)
  if string.sub(reply, 1, 1) == "!" then error(thrown, 0) end
  return (decode(reply, 1, client))
end

local function host(client, id)
  local known = client.hosts[id]
  if known then return known end
  local function call(...)
    local parts = {}
    for at = 1, select("#", ...) do parts[at] = encode((select(at, ...)), client) end
    return say(client, "c" .. client.n .. ";" .. id .. ";" .. table.concat(parts))
  end
  client.hosts[id], client.hostIds[call] = call, id
  return call
end

-- An object that the test holds: the client writes to it, if it is a link.
local function held(client, id)
  local known = client.held[id]
  if known then return known end
  local object = { held = id, write = function(bytes)
    return say(client, "w" .. client.n .. ";" .. id .. ";" .. encode(bytes, client))
  end }
  client.held[id] = object
  return object
end

function decode(text, at, client)
  local kind = string.sub(text, at, at)
  if kind == "n" then return nil, at + 1 end
  if kind == "t" or kind == "f" then return kind == "t", at + 1 end
  local stop = string.find(text, (kind == "s" or kind == "x") and ":" or ";", at, true)
  local number = tonumber(string.sub(text, at + 1, stop - 1))
  if kind == "d" then return number, stop + 1 end
  if kind == "x" then
    local module, name = string.match(string.sub(text, stop + 1, stop + number), "^%d+;([%w_]+);([%w_]+)$")
    return client.api[module][name](), stop + number + 1
  end
  if kind == "s" then return string.sub(text, stop + 1, stop + number), stop + number + 1 end
  if kind == "h" then return host(client, number), stop + 1 end
  if kind == "H" then return held(client, number), stop + 1 end
  if kind == "c" then return client.given[number], stop + 1 end
  local result = {}
  at = stop + 1
  for i = 1, number do
    local key = i
    if kind == "o" then key, at = decode(text, at, client) end
    result[key], at = decode(text, at, client)
  end
  return result, at
end

local function list(text, at, client)
  local values, count = {}, 0
  while at <= #text do
    count = count + 1
    values[count], at = decode(text, at, client)
  end
  return values, count
end

-- Requests: a letter, fields, values.
local requests = {}
-- Loads a text, by its number.
function requests.l(number, text)
  texts[tonumber(number)] = assert((loadstring or load)(text, "=client"))
end
-- Makes a client of a text: its platform and its chance follow. Answers what it exports.
function requests.m(n, rest)
  local number, at = string.match(rest, "^(%d+);()")
  local client = { n = n, given = {}, ids = {}, hosts = {}, hostIds = {}, held = {} }
  clients[tonumber(n) % CLIENTS] = client
  local values = list(rest, at, client)
  texts[tonumber(number)](values[1], function(api) client.api = api end, values[2])
  local shape = {}
  for module, exported in pairs(client.api) do
    local names = {}
    for name, get in pairs(exported) do names[#names + 1] = (type(get()) == "function" and "f" or "v") .. name end
    shape[module] = names
  end
  return encode(shape, client)
end
local function clientOf(n)
  local client = clients[tonumber(n) % CLIENTS]
  if not client or client.n ~= n then error("this client was made too long ago") end
  return client
end
local unpack = table.unpack or unpack
-- Calls what a module exports.
function requests.e(n, rest)
  local client = clientOf(n)
  local module, name, at = string.match(rest, "^([%w_]+);([%w_]+);()")
  local values, count = list(rest, at, client)
  return encode(client.api[module][name]()(unpack(values, 1, count)), client)
end
-- Calls a function that the client has given.
function requests.g(n, rest)
  local client = clientOf(n)
  local id, at = string.match(rest, "^(%d+);()")
  local values, count = list(rest, at, client)
  return encode(client.given[tonumber(id)](unpack(values, 1, count)), client)
end
-- Reads what a module exports.
function requests.v(n, rest)
  local client = clientOf(n)
  local module, name = string.match(rest, "^([%w_]+);([%w_]+)$")
  return encode(client.api[module][name](), client)
end
-- Sets an element of it.
function requests.s(n, rest)
  local client = clientOf(n)
  local module, name, at = string.match(rest, "^([%w_]+);([%w_]+);()")
  local values = list(rest, at, client)
  client.api[module][name]()[values[1]] = values[2]
end

function serve()
  local request = ask("?")
  local kind, field, rest = string.match(request, "^(.)(%d+);(.*)$")
  local ok, reply = pcall(requests[kind], field, rest)
  if ok then ask("=" .. (reply or "n"))
  else ask(reply == thrown and "!" or "!" .. tostring(reply)) end
end
