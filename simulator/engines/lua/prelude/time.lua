-- The time of day. ESP8266: sntp and rtctime (docs/modules, app/modules/sntp.c, rtctime.c of release). ESP32: time
-- (docs/modules/time.md, components/modules/time.c of dev-esp32). Any time server is there, by any name, where the
-- network is; its time is the simulation's.
local call, int, str = N.call, N.int, N.str

-- Seconds and microseconds; 0 until they were set.
local function get()
  local seconds, us = string.match(call("clock.get"), "(%d+) (%d+)")
  return int(seconds), int(us)
end
local function set(seconds, us)
  call("clock.set", seconds, us or 0)
end

if N.is8266 then
  local rtctime = {}
  function rtctime.get()
    local seconds, us = get()
    return seconds, us, int(0)
  end
  function rtctime.set(seconds, us)
    if tonumber(seconds) then set(int(seconds, 1, "set"), tonumber(us) and int(us, 2, "set")) end
  end
  -- The one sleep over which the time is kept. 32 bits of microseconds: 71 minutes.
  function rtctime.dsleep(us)
    us = int(us, 1, "dsleep")
    call("clock.keep")
    call("z", us % 4294967296)
    N.stop()
  end
  N.modules.rtctime = rtctime

  -- Five rounds over the servers, but no more than ten questions behind the first; each waits a second for its answer.
  local MOST_ROUNDS, MOST_QUESTIONS, LONGEST_NAME = 5, 10, 128
  local DNS_ERROR, TIMEOUT = 1, 4
  local found, failed, names, lost
  local sntp = {}
  function sntp.sync(servers, callback, errcallback, _)
    if found then error("sync in progress", 2) end
    if type(servers) == "table" then names = servers
    elseif servers ~= nil then names = { str(servers, 1, "sync") }
    else names = names or { "0.nodemcu.pool.ntp.org", "1.nodemcu.pool.ntp.org", "2.nodemcu.pool.ntp.org", "3.nodemcu.pool.ntp.org" } end
    found, failed, lost = callback or function() end, errcallback or function() end, nil
    local known = 0
    for _, name in ipairs(names) do
      if #str(name, 1, "sync") <= LONGEST_NAME and call("sntp.find", name) == "1" then known = known + 1 else lost = name end
    end
    local rounds = 0
    while rounds < MOST_ROUNDS and rounds * known <= MOST_QUESTIONS do rounds = rounds + 1 end
    call("sntp.ask", known, rounds * known)
  end
  function sntp.setoffset() end
  function sntp.getoffset() return int(0) end
  -- 0: it has answered, after so many ms.
  function N.handlers.sntp(problem, text)
    local good, bad = found, failed
    found, failed = nil, nil
    if problem > 0 then return bad(int(problem), problem == DNS_ERROR and lost or nil) end
    local seconds, us, delay = string.match(text, "(%d+) (%d+) (%d+)")
    local before = get()
    if N.published.rtctime then set(seconds, us) end
    good(int(seconds), int(us), "192.168.4.1", {
      offset_s = int(tonumber(seconds) - before), delay_us = int(delay), stratum = int(2), leap = int(0),
    })
  end
  N.modules.sntp = sntp
else
  local time = {}
  local enabled = false
  function time.get() return get() end
  function time.set(seconds, us) set(int(seconds, 1, "set"), tonumber(us) and int(us, 2, "set")) end
  function time.initntp(server)
    if server ~= nil then str(server, 1, "initntp") end
    if not enabled then call("sntp.ask", 1, 0) end
    enabled = true
  end
  function time.ntpenabled() return enabled end
  function time.ntpstop() enabled = false end
  -- lwIP asks again by itself: soon where nothing was heard, hourly otherwise (SNTP_RETRY_TIMEOUT, SNTP_UPDATE_DELAY).
  function N.handlers.sntp(problem, text)
    if not enabled then return end
    if problem == 0 then
      local seconds, us = string.match(text, "(%d+) (%d+)")
      set(seconds, us)
    end
    call("sntp.later", problem == 0 and 3600000 or 15000)
  end
  function N.handlers.sntpagain()
    if enabled then call("sntp.ask", 1, 0) end
  end
  N.modules.time = time
end
