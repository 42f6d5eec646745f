-- net: docs/modules/net.md; app/modules/net.c (ESP8266, lwIP's raw API), components/modules/net.c (ESP32, netconn).
-- The two differ in what they call, when, and in what state they leave the socket: each branch says where it is from.
local call, int, str = N.call, N.int, N.str
local is8266 = N.is8266
local methods = {}
local meta = { __index = methods, __name = "net.tcpsocket" }
-- Sockets by the number of their connection, as long as the connection is there.
local sockets = {}
local lastId = 0
local EVENTS = { connection = true, disconnection = true, reconnection = true, dns = true, receive = true, sent = true }

local function socket(value)
  if type(value) ~= "table" or getmetatable(value) ~= meta then error("invalid user data", 3) end
  return value
end
local function isAddress(host)
  return string.match(host, "^%d+%.%d+%.%d+%.%d+$") ~= nil
end

function methods.on(self, name, callback)
  socket(self)
  name = str(name, 2, "on")
  if not EVENTS[name] then error("invalid callback name", 2) end
  if callback ~= nil and type(callback) ~= "function" then error("invalid callback function", 2) end
  self["on_" .. name] = callback
end

-- net_dns_cb: the answer to `connect`, which goes on to connect whatever the answer was.
local function resolved(s, address)
  if s.ref and s.on_dns then s.on_dns(s, address) end
  s.waiting = s.waiting - 1
  if s.pcb and not s.dialled then
    s.dialled, s.connecting = true, true
    call("net.dial", s.id)
  elseif not s.pcb and s.waiting == 0 then
    s.ref = false
  end
end

function methods.connect(self, port, host, callback)
  socket(self)
  if self.pcb then error("already connected", 2) end
  port = int(port, 2, "connect")
  if port % 65536 == 0 then error("specify port", 2) end
  host = (type(host) == "string" or type(host) == "number") and tostring(host) or "127.0.0.1"
  if is8266 and callback ~= nil then
    N.check(type(callback) == "function", 4, "connect", "not a function")
    self.on_connection = callback
  end
  lastId = lastId + 1
  self.id, self.pcb, self.dialled, self.connecting, self.sending = lastId, true, false, false, 0
  self.waiting = self.waiting + 1
  self.ref = true
  sockets[lastId] = self
  call("net.open", lastId, port % 65536, host)
  -- An address needs no resolver: on the ESP8266 the answer comes before connect returns.
  if is8266 and isAddress(host) then resolved(self, host)
  else call("net.resolve", lastId, host) end
end

function methods.send(self, data, callback)
  socket(self)
  data = str(data, 2, "send")
  if data == "" then error("no data to send", 2) end
  self.sending = #data
  if type(callback) == "function" then self.on_sent = callback end
  if not self.pcb or not self.ref then error("not connected", 2) end
  local problem = call("net.send", self.id, data)
  if problem ~= "" then error(problem, 2) end
end

function methods.close(self)
  socket(self)
  if not self.pcb then error("not connected", 2) end
  self.pcb = false
  sockets[self.id] = nil
  call("net.close", self.id)
  if self.waiting == 0 then self.ref = false end
end

function methods.dns(self, domain, callback)
  socket(self)
  domain = str(domain, 2, "dns")
  if type(callback) == "function" then self.on_dns = callback end
  if not self.on_dns then error("no callback specified", 2) end
  lastId = lastId + 1
  sockets[lastId] = self
  self.waiting, self.ref = self.waiting + 1, true
  call("net.resolve", lastId, domain)
end

function methods.getpeer(self)
  socket(self)
  if not self.pcb then return nil, nil end
  local port, address = string.match(call("net.peer", self.id), "^(%d+) (.+)$")
  if port == nil then return nil, nil end
  return int(port), address
end
function methods.getaddr(self)
  socket(self)
  if not self.pcb or self.connecting or not self.dialled then return nil, nil end
  return int(49152 + self.id % 16384), "192.168.4.2"
end
if is8266 then
  function methods.hold(self)
    if socket(self).pcb then call("net.hold", self.id, 1) end
  end
  function methods.unhold(self)
    if socket(self).pcb then call("net.hold", self.id, 0) end
  end
  function methods.ttl(self, ttl)
    if not socket(self).pcb then error("socket is not open/bound yet", 2) end
    self.lives = ttl and int(ttl, 2, "ttl") or self.lives or 255
    return self.lives
  end
end

local function handler(name, fn)
  N.handlers["net." .. name] = function(id, rest)
    local s = sockets[id]
    if s then fn(s, rest, id) end
  end
end
handler("dns", function(s, address, id)
  if s.id ~= id then sockets[id] = nil end
  if address == "" then address = nil end
  resolved(s, address)
end)
handler("connected", function(s)
  if not is8266 and not s.connecting then return end
  s.connecting = false
  if s.ref and s.on_connection then s.on_connection(s) end
end)
handler("receive", function(s, data)
  if s.on_receive and (s.ref or not is8266) then s.on_receive(s, data) end
end)
handler("sent", function(s, count)
  if is8266 then
    -- net_sent_cb: for every acknowledgement.
    if s.ref and s.on_sent then s.on_sent(s) end
    return
  end
  -- handle_net_event: when the bytes of the latest send are counted down to zero, and at no other time.
  s.sending = s.sending - tonumber(count)
  if s.sending == 0 and s.on_sent then s.on_sent(s) end
end)
-- net_err_cb, lerr_cb. The ESP8266 forgets the connection before the callback, so that close() is an error in it; the
-- ESP32 keeps it until close(), and may call back again.
handler("end", function(s, code, id)
  code = int(code)
  if is8266 then
    s.pcb = false
    sockets[id] = nil
    if not s.ref then return end
  end
  local callback = code ~= 0 and s.on_reconnection or s.on_disconnection
  if callback then callback(is8266 and s or (s.ref and s or nil), code) end
  if s.waiting == 0 then s.ref = false end
end)

local function new()
  return setmetatable({ id = 0, pcb = false, waiting = 0 }, meta)
end
local net = {
  TCP = 1, UDP = 2,
  createConnection = function(kind, secure)
    if not is8266 then
      if kind == 2 then error("the simulated network has no UDP", 2) end
      if kind ~= nil and kind ~= 1 then error("invalid type", 2) end
      if secure ~= nil and secure ~= 0 then error("secure connections not yet supported", 2) end
    end
    return new()
  end,
  createServer = function() error("the simulated network has no servers on the node", 2) end,
  createUDPSocket = function() error("the simulated network has no UDP", 2) end,
  dns = {
    resolve = function(domain, callback)
      N.resolving = N.resolving or {}
      lastId = lastId + 1
      N.resolving[lastId] = N.fn(callback, 2, "resolve")
      call("net.lookup", lastId, str(domain, 1, "resolve"))
    end,
    setdnsserver = function(address) str(address, 1, "setdnsserver") end,
    getdnsserver = function() return "192.168.4.1" end,
  },
}
N.handlers["net.lookup"] = function(id, address)
  local callback = N.resolving[id]
  N.resolving[id] = nil
  if address == "" then address = nil end
  -- ESP8266: function(sk, ip), and the socket is always nil.
  if is8266 then callback(nil, address) else callback(address) end
end
N.modules.net = net

-- tls: docs/modules/tls.md, app/modules/tls.c. The ESP32 branch has no such module.
if not is8266 then return end
local tmethods = {}
local tmeta = { __index = tmethods, __name = "tls.socket" }
local function tsocket(value, name) return N.object(value, tmeta, "tls.socket", name) end

function tmethods.on(self, name, callback)
  tsocket(self, "on")
  name = str(name, 2, "on")
  if not EVENTS[name] then error("invalid method", 2) end
  if callback ~= nil and type(callback) ~= "function" then error("invalid callback function", 2) end
  self["on_" .. name] = callback
end
function tmethods.connect(self, port, host)
  tsocket(self, "connect")
  if self.tcp then error("already connected", 2) end
  port = int(port, 2, "connect")
  host = type(host) == "string" and host or "127.0.0.1"
  if port % 65536 == 0 then error("invalid port", 2) end
  lastId = lastId + 1
  self.id, self.tcp, self.ref = lastId, true, true
  sockets[lastId] = self
  call("net.open", lastId, port % 65536, host)
  call("tls.resolve", lastId, host)
end
function tmethods.send(self, data)
  tsocket(self, "send")
  data = str(data, 2, "send")
  -- What espconn answers is ignored: a send that it cannot take is lost without a word.
  if self.tcp then call("tls.send", self.id, data) end
end
function tmethods.hold(self) if tsocket(self, "hold").tcp then call("net.hold", self.id, 1) end end
function tmethods.unhold(self) if tsocket(self, "unhold").tcp then call("net.hold", self.id, 0) end end
function tmethods.getpeer(self)
  if not tsocket(self, "getpeer").tcp then return nil, nil end
  local port, address = string.match(call("net.peer", self.id), "^(%d+) (.+)$")
  if port == nil then return nil, nil end
  return address, int(port)
end
function tmethods.close(self)
  if tsocket(self, "close").tcp then call("tls.close", self.id) end
end
local function thandler(name, fn)
  N.handlers["net.tls." .. name] = function(id, rest)
    local s = sockets[id]
    if s and s.ref then fn(s, rest) end
  end
end
local function forget(s)
  s.tcp, s.ref = false, false
  sockets[s.id] = nil
end
thandler("dns", function(s, address)
  if address == "" then address = nil end
  if s.on_dns then s.on_dns(s, address) end
  -- Nothing else is told of a name that is not found, and the socket counts as connected for ever.
  if address == nil then s.ref = false else call("net.dial", s.id) end
end)
thandler("connected", function(s) if s.on_connection then s.on_connection(s) end end)
thandler("receive", function(s, data) if s.on_receive then s.on_receive(s, data) end end)
thandler("sent", function(s) if s.on_sent then s.on_sent(s) end end)
thandler("end", function(s, reason)
  local callback = reason == "" and s.on_disconnection or reason ~= "" and s.on_reconnection
  forget(s)
  if not callback then return end
  -- tls_socket_ondisconnect drops its reference first: the callback gets nil in place of the socket.
  if reason == "" then callback(nil) else callback(s, reason) end
end)
N.modules.tls = {
  createConnection = function() return setmetatable({ id = 0, tcp = false, ref = false }, tmeta) end,
  cert = { verify = function() return true end, auth = function() return true end },
  setDebug = function() end,
}
