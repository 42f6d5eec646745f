/** What both versions of Lua must print alike on each chip: the parts of NodeMCU's API that a node uses. */
import { ROM } from "./fake-machine.ts";

const rom = ROM.replace(/../g, (hex) => `\\${parseInt(hex, 16)}`);

/** Parts that differ by chip: buses, pins, the clock, the store. */
const CHIPS = {
  ESP32: `
    i2c.setup(i2c.HW0, 21, 22, 100000)
    local function transfer(address, bytes, count)
      i2c.start(1)
      if bytes ~= "" then i2c.address(1, address, i2c.TRANSMITTER) i2c.write(1, bytes) end
      if count > 0 then
        if bytes ~= "" then i2c.start(1) end
        i2c.address(1, address, i2c.RECEIVER)
        i2c.read(1, count)
      end
      i2c.stop(1)
      return i2c.transfer(1)
    end
    adc.setwidth(adc.ADC1, 12)
    adc.setup(adc.ADC1, 4, adc.ATTEN_11db)
    out("analog", adc.read(adc.ADC1, 4))
    wire = 4
    gpio.config({ gpio = 5, dir = gpio.IN_OUT }, { gpio = { 2, 15 }, dir = gpio.OUT, pull = gpio.PULL_UP })
    gpio.write(5, 1)
    out("digital", gpio.read(5))
    out("file", file.open == nil, io.open("absent.txt"))
    local f = io.open("a.txt", "w+")
    f:write("one\\n", "two\\n", 3)
    f:seek("set", 0)
    out("io", f:read("*l"), f:read("*l"), f:read("*a"), f:read("*a"), f:read("*l"))
    f:close()
    out("closed", pcall(f.read, f))
    f = io.open("a.txt", "r+")
    f:seek("set", 4)
    f:write("TWO")
    f:close()
    out("uptime", node.uptime())
    local hash = crypto.new_hash("SHA1")
    hash:update("a")
    hash:update("bc")
    out("sha1", encoder.toHex(hash:finalize()))
    out("tls", tls)`,
  ESP8266: `
    out("setup", pcall(i2c.setup, 0, 0, 1, i2c.SLOW))
    i2c.setup(0, 2, 1, i2c.SLOW)
    local function transfer(address, bytes, count)
      local ok, data = true, nil
      i2c.start(0)
      if bytes ~= "" then ok = i2c.address(0, address, i2c.TRANSMITTER) and i2c.write(0, bytes) == #bytes end
      if ok and count > 0 then
        i2c.start(0)
        ok = i2c.address(0, address, i2c.RECEIVER)
        data = ok and i2c.read(0, count) or nil
      end
      i2c.stop(0)
      return data, ok
    end
    out("analog", adc.read(0))
    wire = 2
    gpio.mode(3, gpio.OUTPUT)
    gpio.write(3, gpio.HIGH)
    out("digital", gpio.read(3), gpio.read(4))
    out("file", file.open("absent.txt"))
    file.putcontents("a.txt", "one\\ntwo\\n3")
    local f = file.open("a.txt", "r+")
    out("read", f:readline(), f:read(2), f:read("\\n"), f:read(), f:read())
    f:seek("set", 4)
    f:write("TWO")
    f:close()
    out("closed", pcall(f.read, f))
    out("now", tmr.now(), tmr.time())
    out("sha1", encoder.toHex(crypto.hash("sha1", "abc")))
    out("mask", crypto.mask("abc", " ") == "ABC", crypto.mask("\\0\\255", "\\1\\2") == "\\1\\253")
    out("tls", type(tls.createConnection))`,
};

export const luaScript = (chip: keyof typeof CHIPS): string => `
local function out(name, ...)
  local texts = {}
  for i = 1, select("#", ...) do texts[i] = tostring((select(i, ...))) end
  print(name .. ": " .. table.concat(texts, " "))
end
local wire
do ${CHIPS[chip]}
  local function bytes(text) return text and table.concat({ string.byte(text, 1, -1) }, ",") end
  out("i2c", bytes((transfer(0x76, "\\208", 3))))
  transfer(0x76, "\\16\\1\\2AB\\255\\0", 0)
  out("i2c written", bytes((transfer(0x76, "\\16", 6))))
  local every = {}
  for i = 0, 255 do every[i + 1] = string.char(255 - i) end
  every = table.concat(every)
  transfer(0x76, "\\0" .. every, 0)
  out("all bytes", transfer(0x76, "\\0", 256) == every)
  out("nack", transfer(0x40, "\\1", 0))
  out("nack", transfer(0x41, "", 2))
end
out("reset", ow.reset(wire), ow.reset(6))
ow.reset_search(wire)
local rom = ow.search(wire)
out("search", rom == "${rom}", ow.search(wire), ow.crc8(rom))
ow.select(wire, rom)
out("select", ow.read_bytes(wire, 9) == "U" .. rom)
ow.write_bytes(wire, "\\190\\0")
out("read", ow.read(wire))
out("files", file.exists("a.txt"), file.exists("b.txt"), file.list()["a.txt"], file.rename("a.txt", "b.txt"), file.exists("a.txt"))
file.remove("b.txt")
out("removed", file.exists("b.txt"))
out("rtc", rtcmem.read32(0), rtcmem.write32(3, 7, -1), rtcmem.read32(3, 2))
out("overrun", pcall(rtcmem.write32, 127, 1, 2))
out("base64", encoder.toBase64("\\0\\255a"), encoder.fromBase64("AP9h") == "\\0\\255a", pcall(encoder.fromBase64, "?"))
out("bits", bit.bnot(0), bit.band(0xff0f, 0x0ff0), bit.bor(1, 2, 4), bit.bxor(5, 3), bit.rshift(256, 4), bit.arshift(-8, 1),
  bit.lshift(1, 30), bit.isset(5, 2), bit.clear(7, 1))
out("heap", node.heap() > 20000, node.bootreason() == 1)
out("absent", mqtt, http, sjson, os)
`;
