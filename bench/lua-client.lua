-- What bench/lua.ts runs around the compiled client: a link that answers in place of a broker, and what is measured.
-- `platform`, `expose` and `random` are the client's; `report(name, number)` is the bench's.
local link = {}
local opened, receive, drained
local last = ""
platform = {
  after = function() return {} end, cancel = function() end, now = function() return 0 end, close = function() end,
  caught = function(problem) error(problem, 0) end,
}
local client
function expose(api) client = api end

local function heap()
  collectgarbage()
  collectgarbage()
  return collectgarbage("count") * 1024
end

-- Bytes of heap that `fn` takes each time it is called, garbage or not.
local TIMES = 1000
local function allocated(fn)
  collectgarbage()
  collectgarbage()
  collectgarbage("stop")
  local before = collectgarbage("count")
  for at = 1, TIMES do fn(at) end
  local bytes = (collectgarbage("count") - before) * 1024 / TIMES
  collectgarbage("restart")
  return bytes
end

function connectClient()
  link.write = function(bytes) last = bytes end
  client.configure(4, 256, false)
  client.start(function(onOpen, onData, _, onDrain)
    opened, receive, drained = onOpen, onData, onDrain
    return link
  end, client.connect({ clientId = "c", cleanSession = true, keepAlive = 60 }), 30000, 1024, 512, function() end)
  opened()
  receive("\32\2\0\0")
end

-- Topics of 25 bytes, payloads of 32, each another string: Lua has equal ones, and what equal ones begin with, once.
local topics, payloads = {}, {}
local accepted = 0
function prepare()
  for at = 1, TIMES do
    topics[at], payloads[at] = client.field(string.format("%025d", at)), string.format("%032d", at)
  end
end
function publish0(at)
  if client.publish(topics[at], payloads[at], 0) then accepted = accepted + 1 end
  drained()
end
function publish1(at)
  if client.publishKept(topics[at], payloads[at], 2) then accepted = accepted + 1 end
  -- The id is behind the fixed header and the topic.
  receive("\64\2" .. string.sub(last, 30, 31))
  drained()
end

function measure()
  report("connected", heap())
  report("packet", allocated(function(at) local packet = "x;" .. topics[at] .. payloads[at] end))
  report("publish0", allocated(publish0))
  report("publish1", allocated(publish1))
  local function alternate(count)
    for at = 0, count - 1 do
      if at % 2 == 0 then publish0(at % TIMES + 1) else publish1(at % TIMES + 1) end
    end
  end
  -- Ids and packets of the first ones take their places.
  alternate(1000)
  local before = heap()
  accepted = 0
  alternate(100000)
  report("accepted", accepted)
  report("growth", heap() - before)
end
