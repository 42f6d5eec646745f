-- wifi: docs/modules/wifi.md of both branches; app/modules/wifi.c and wifi_eventmon.c (ESP8266, whose SDK joins again
-- by itself), components/modules/wifi_sta.c (ESP32, which leaves that to the program).
local call, int, str, check = N.call, N.int, N.str, N.check

local function state()
  local all = {}
  for key, value in string.gmatch(call("wifi.state"), "([^%z]*)%z([^%z]*)%z") do all[key] = value end
  return all
end
local MODES = { NULLMODE = 0, STATION = 1, SOFTAP = 2, STATIONAP = 3 }
local wifi, sta = {}, {}
for name, value in pairs(MODES) do wifi[name] = value end
wifi.sta = sta
local mode = N.is8266 and 1 or nil

local function credential(settings, key, longest, at)
  local value = settings[key]
  if value == nil then return nil end
  check(type(value) == "string" or type(value) == "number", 1, "config", key .. ":not string")
  check(#tostring(value) <= longest, 1, "config", key .. ": length:0-" .. longest)
  return tostring(value)
end

function sta.getmac() return state().own end
function sta.sethostname(name) return str(name, 1, "sethostname") ~= "" end

if N.is8266 then
  local EVENTS = {
    STA_CONNECTED = 0, STA_DISCONNECTED = 1, STA_AUTHMODE_CHANGE = 2, STA_GOT_IP = 3, STA_DHCP_TIMEOUT = 4,
    AP_STACONNECTED = 5, AP_STADISCONNECTED = 6, AP_PROBEREQRECVED = 7, WIFI_MODE_CHANGED = 8, EVENT_MAX = 9,
  }
  local callbacks = {}
  local eventmon = {
    reason = {
      UNSPECIFIED = 1, AUTH_EXPIRE = 2, ASSOC_LEAVE = 8, ["4WAY_HANDSHAKE_TIMEOUT"] = 15, BEACON_TIMEOUT = 200,
      NO_AP_FOUND = 201, AUTH_FAIL = 202, ASSOC_FAIL = 203, HANDSHAKE_TIMEOUT = 204,
    },
    register = function(event, callback)
      event = int(event, 1, "register")
      if event < 0 or event > EVENTS.EVENT_MAX then error("valid wifi events:0-9", 2) end
      callbacks[event] = type(callback) == "function" and callback or nil
    end,
    unregister = function(event) callbacks[int(event, 1, "unregister")] = nil end,
  }
  for name, value in pairs(EVENTS) do eventmon[name] = value end
  wifi.eventmon = eventmon
  for at, name in ipairs({ "STA_IDLE", "STA_CONNECTING", "STA_WRONGPWD", "STA_APNOTFOUND", "STA_FAIL", "STA_GOTIP" }) do
    wifi[name] = int(at - 1)
  end
  wifi.OPEN, wifi.WPA_PSK, wifi.WPA2_PSK, wifi.WPA_WPA2_PSK = 0, 2, 3, 4
  wifi.PHYMODE_B, wifi.PHYMODE_G, wifi.PHYMODE_N = 1, 2, 3
  wifi.NONE_SLEEP, wifi.LIGHT_SLEEP, wifi.MODEM_SLEEP = 0, 1, 2
  function wifi.setmode(new)
    new = int(new, 1, "setmode")
    check(new >= 0 and new <= 3, 1, "setmode", "Invalid mode")
    if new ~= 1 and new ~= 3 then call("x") end
    mode = new
    return mode
  end
  function wifi.getmode() return mode end
  wifi.getdefaultmode = wifi.getmode
  function wifi.setphymode(new) return new end
  function wifi.getphymode() return 3 end
  function wifi.getchannel() return int(state().channel) end
  function wifi.setmaxtxpower(power)
    check(int(power, 1, "setmaxtxpower") > 0 and power < 83, 1, "setmaxtxpower", "tx power out of range (0->82)")
  end
  local ssid, password
  function sta.config(settings)
    if type(settings) ~= "table" then check(false, 1, "config", "config table not found!") end
    check(settings.ssid ~= nil, 1, "config", "ssid required")
    ssid, password = credential(settings, "ssid", 32), credential(settings, "pwd", 64) or ""
    local auto = settings.auto
    check(auto == nil or type(auto) == "boolean", 1, "config", "auto:not boolean")
    check(settings.save == nil or type(settings.save) == "boolean", 1, "config", "save:not boolean")
    for key, event in pairs({
      connected_cb = 0, disconnected_cb = 1, authmode_change_cb = 2, got_ip_cb = 3, dhcp_timeout_cb = 4,
    }) do
      if settings[key] ~= nil then
        check(type(settings[key]) == "function", 1, "config", key .. ":not function")
        callbacks[event] = settings[key]
      end
    end
    -- settings.save keeps them for the next boot, too, and is true unless told otherwise.
    call("wifi.save", settings.save == false and "0" or "1", auto == false and "0" or "1", ssid, password)
    call("x")
    if auto ~= false and (mode == 1 or mode == 3) then call("wifi.join", ssid, password) end
    return true
  end
  function sta.connect(callback)
    if type(callback) == "function" then callbacks[0] = callback end
    call("wifi.join", ssid or "", password or "")
  end
  function sta.disconnect(callback)
    if type(callback) == "function" then callbacks[1] = callback end
    call("x")
  end
  function sta.autoconnect(auto) check(auto == 0 or auto == 1, 1, "autoconnect", "0 or 1") end
  function sta.clearconfig()
    ssid, password = nil, nil
    call("wifi.save", "1", "0", "", "")
    return true
  end
  function sta.status() return int(state().code) end
  function sta.getip()
    local all = state()
    if all.ip == "0.0.0.0" then return nil end
    return all.ip, all.netmask, all.gw
  end
  function sta.getrssi()
    local all = state()
    if all.ip == "0.0.0.0" then return nil end
    return int(all.rssi)
  end
  function sta.getconfig() return ssid or "", password or "", 0, "ff:ff:ff:ff:ff:ff" end
  function sta.getbroadcast() return state().ip ~= "0.0.0.0" and "192.168.4.255" or nil end
  function sta.gethostname() return "NODE-000001" end
  function sta.sleeptype(kind) return kind or 2 end
  function N.handlers.wifi(event, text)
    local first, second, third = string.match(text, "^([^%z]*)%z([^%z]*)%z([^%z]*)$")
    local callback = callbacks[event]
    if not callback then return end
    if event == 0 then callback({ SSID = first, BSSID = second, channel = int(third) })
    elseif event == 1 then callback({ SSID = first, BSSID = second, reason = int(third) })
    else callback({ IP = first, netmask = second, gateway = third }) end
  end
else
  -- esp_err.h: ESP_ERR_WIFI_NOT_INIT, ESP_ERR_WIFI_NOT_STARTED, ESP_ERR_WIFI_MODE, ESP_ERR_WIFI_SSID
  local NOT_STARTED, WRONG_MODE, NO_SSID = 12290, 12293, 12298
  local started = false
  local settings
  local callbacks = {}
  local NAMES = { [0] = "connected", [1] = "disconnected", [3] = "got_ip", [10] = "start", [11] = "stop" }
  local KNOWN = { start = true, stop = true, connected = true, disconnected = true, authmode_changed = true, got_ip = true }
  wifi.AUTH_OPEN, wifi.AUTH_WPA2_PSK = 0, 3
  sta.PMF_AVAILABLE, sta.PMF_REQUIRED = 1, 2
  function wifi.mode(new)
    new = int(new, 1, "mode")
    if new < 0 or new > 3 then error("invalid wifi mode " .. new, 2) end
    mode = new
  end
  function wifi.getmode() return mode or 0 end
  function wifi.getchannel() return int(state().channel), 0 end
  function wifi.start()
    if mode == nil then error("failed to start wifi, code " .. WRONG_MODE, 2) end
    if not started then call("later", "wifi", 10) end
    started = true
  end
  function wifi.stop()
    if started then
      call("x")
      call("later", "wifi", 11)
    end
    started = false
  end
  function sta.on(name, callback)
    name = str(name, 1, "on")
    if callback ~= nil then N.fn(callback, 2, "on") end
    if not KNOWN[name] then error("unknown event: " .. name, 2) end
    callbacks[name] = callback
  end
  function sta.config(new)
    N.table(new, 1, "config")
    if mode ~= 1 and mode ~= 3 then error("failed to set wifi config, code " .. WRONG_MODE, 2) end
    settings = { str(new.ssid, -1, "config"), new.pwd == nil and "" or str(new.pwd, -1, "config") }
  end
  function sta.connect()
    if not started then error("connect failed, code " .. NOT_STARTED, 2) end
    if not settings or settings[1] == "" then error("connect failed, code " .. NO_SSID, 2) end
    call("wifi.join", settings[1], settings[2])
  end
  function sta.disconnect()
    if not started then error("disconnect failed, code " .. NOT_STARTED, 2) end
    call("x")
  end
  function sta.getconfig()
    return { ssid = settings and settings[1] or "", pwd = settings and settings[2] or "" }
  end
  function sta.powersave(kind) str(kind, 1, "powersave") end
  function sta.getpowersave() return "min" end
  function sta.settxpower() return true end
  -- The one way to a signal strength there: scan for the access point.
  local scanning
  function sta.scan(filter, callback)
    N.table(filter, 1, "scan")
    N.fn(callback, 2, "scan")
    if scanning then error("scan already in progress", 2) end
    scanning = callback
    call("wifi.scan")
  end
  function N.handlers.scan(_, text)
    local callback = scanning
    scanning = nil
    if text == "" then
      callback(nil, {})
      return
    end
    local ssid, bssid, channel, rssi = string.match(text, "^([^%z]*)%z([^%z]*)%z([^%z]*)%z([^%z]*)$")
    callback(nil, { {
      ssid = ssid, bssid = bssid, channel = int(channel), rssi = int(rssi), auth = 3, bandwidth = "HT20",
    } })
  end
  function N.handlers.wifi(event, text)
    local name = NAMES[event]
    local callback = callbacks[name]
    if not callback then return end
    local first, second, third = string.match(text, "^([^%z]*)%z([^%z]*)%z([^%z]*)$")
    if event == 0 then callback(name, { ssid = first, bssid = second, channel = int(third), auth = 3 })
    elseif event == 1 then callback(name, { ssid = first, bssid = second, reason = int(third) })
    elseif event == 3 then callback(name, { ip = first, netmask = second, gw = third })
    else callback(name, {}) end
  end
end
N.modules.wifi = wifi
