-- Makes of a real Lua what simulator/engines/lua/vm.ts is: run by pipes.ts, in a folder with the pipes `up` and `down`.
-- A message has eight digits of length in front. From the test: r and a chunk to run, k and the name of a function to
-- call, = and the answer to a request. To the test: q and a request, d for done, e and an error.
local up, down = assert(io.open("up", "wb")), assert(io.open("down", "rb"))
local compile = loadstring or load

local function send(text)
  up:write(string.format("%08d", #text), text)
  up:flush()
end
local function receive()
  return down:read(tonumber(down:read(8)))
end
local function obey(message)
  local kind, rest = string.sub(message, 1, 1), string.sub(message, 2)
  local ok, problem = pcall(function()
    if kind == "k" then _G[rest]() else assert(compile(rest, "=chunk"))() end
  end)
  send(ok and "d" or "e" .. tostring(problem))
end

-- A request is what was written when it is flushed; a test may call again before it answers.
local written, answer = {}, ""
io.stdout = {
  setvbuf = function() end,
  write = function(_, text) written[#written + 1] = text end,
  flush = function()
    send("q" .. table.concat(written))
    written = {}
    local message = receive()
    while string.sub(message, 1, 1) ~= "=" do
      obey(message)
      message = receive()
    end
    local bytes = #message - 1
    answer = string.char(bytes % 256, math.floor(bytes / 256) % 256, math.floor(bytes / 65536)) .. string.sub(message, 2)
  end,
}
io.stdin = {
  read = function(_, count)
    local bytes = string.sub(answer, 1, count)
    answer = string.sub(answer, count + 1)
    return bytes
  end,
}
send("ready")
while true do obey(receive()) end
