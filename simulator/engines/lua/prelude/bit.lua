-- bit: docs/modules/bit.md, app/modules/bit.c. 5.1 counts in 32 bits with a sign, whatever the numbers are; 5.3 in as
-- many as its integers have (64 in a LUA_NUMBER_64BITS build, which this VM is).
local int = N.int
local bit = {}

if N.is53 then
  -- The operators are no Lua 5.1, which compiles this file, too.
  local compile = load or loadstring
  local function operator(text) return compile("return function(a, b) return " .. text .. " end")() end
  local band, bor, bxor = operator("a & b"), operator("a | b"), operator("a ~ b")
  local shl, shr, inverse = operator("a << b"), operator("a >> b"), operator("~a")
  local floored = operator("a // (1 << b)")
  local function variadic(name, fn)
    bit[name] = function(...)
      local result = int((...), 1, name)
      for at = 2, select("#", ...) do result = fn(result, int((select(at, ...)), at, name)) end
      return result
    end
  end
  variadic("band", band)
  variadic("bor", bor)
  variadic("bxor", bxor)
  function bit.bnot(a) return inverse(int(a, 1, "bnot")) end
  function bit.lshift(a, b) return shl(int(a, 1, "lshift"), int(b, 2, "lshift")) end
  function bit.rshift(a, b) return shr(int(a, 1, "rshift"), int(b, 2, "rshift")) end
  function bit.arshift(a, b) return floored(int(a, 1, "arshift"), int(b, 2, "arshift")) end
else
  local WORD, TOP = 4294967296, 2147483648
  local LOW = {}
  for bits = 1, 31 do LOW[2 ^ bits - 1] = 2 ^ bits end
  local function signed(value)
    value = value % WORD
    return value >= TOP and value - WORD or value
  end
  local function unsigned(value, at, name) return int(value, at, name) % WORD end
  -- Results for two digits of 4 bits, by 16 * one + the other.
  local function digits(fn)
    local results = {}
    for a = 0, 15 do
      for b = 0, 15 do
        local sum = 0
        for place = 0, 3 do
          local x, y = math.floor(a / 2 ^ place) % 2, math.floor(b / 2 ^ place) % 2
          if fn(x, y) then sum = sum + 2 ^ place end
        end
        results[16 * a + b] = sum
      end
    end
    return results
  end
  local function variadic(name, fn)
    local results = digits(fn)
    local function two(a, b)
      local sum, place = 0, 1
      for _ = 1, 8 do
        local x, y = a % 16, b % 16
        sum = sum + results[16 * x + y] * place
        a, b, place = (a - x) / 16, (b - y) / 16, place * 16
      end
      return sum
    end
    bit[name] = function(a, b, c, ...)
      local result = unsigned(a, 1, name)
      if b == nil then return signed(result) end
      -- A mask of the lowest bits is what most of them are.
      local modulus = name == "band" and LOW[b]
      result = modulus and result % modulus or two(result, unsigned(b, 2, name))
      if c == nil then return signed(result) end
      return bit[name](signed(result), c, ...)
    end
  end
  variadic("band", function(x, y) return x + y == 2 end)
  variadic("bor", function(x, y) return x + y > 0 end)
  variadic("bxor", function(x, y) return x + y == 1 end)
  function bit.bnot(a) return signed(WORD - 1 - unsigned(a, 1, "bnot")) end
  -- A shift by 32 or more is not defined in C; the chip's instruction takes the lowest five bits.
  function bit.lshift(a, b) return signed(unsigned(a, 1, "lshift") * 2 ^ (int(b, 2, "lshift") % 32)) end
  function bit.rshift(a, b) return signed(math.floor(unsigned(a, 1, "rshift") / 2 ^ (int(b, 2, "rshift") % 32))) end
  function bit.arshift(a, b)
    return math.floor(signed(unsigned(a, 1, "arshift")) / 2 ^ (int(b, 2, "arshift") % 32))
  end
end
function bit.bit(position) return bit.lshift(1, position) end
function bit.isset(value, position) return bit.band(value, bit.lshift(1, position)) ~= 0 end
function bit.isclear(value, position) return not bit.isset(value, position) end
function bit.set(value, ...)
  for at = 1, select("#", ...) do value = bit.bor(value, bit.lshift(1, (select(at, ...)))) end
  return value
end
function bit.clear(value, ...)
  for at = 1, select("#", ...) do value = bit.band(value, bit.bnot(bit.lshift(1, (select(at, ...))))) end
  return value
end
N.bxor = bit.bxor
N.modules.bit = bit
