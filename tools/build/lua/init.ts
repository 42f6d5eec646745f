/** Writes init.lua, which NodeMCU runs at every start: the boot guard. */
import type { Board } from "../../board/types.ts";
import { chipFolder } from "./needs.ts";
import { minifyLua } from "./minify.ts";

/** So many starts in a row that end within so many ms are a loop of crashes. */
const FAILED_BOOTS = 3;
const GOOD_AFTER_MS = 60_000;
/** As long as NodeMCU waits after an error that nobody caught. */
const RESTART_MS = 2000;

/**
 * Whether the last life of the chip ended by itself (node.bootreason): on the ESP8266 by a watchdog (1, 3), an
 * exception (2), a restart (4); on the ESP32 by anything but power and button (8), deep sleep (12), brown-out (22).
 */
const CRASHED = {
  esp8266: "cause > 0 and cause < 5",
  esp32: "cause ~= 8 and cause ~= 12 and cause ~= 22",
};

/**
 * Where failed starts are counted: how to read the count, to write what is in `failed`, and to forget it.
 *
 * The ESP8266 keeps a word of the RTC over every start but that by power (lib/platform/nodemcu/rtc.ts leaves this one
 * free): the flash is never written. What was there before this program was flashed is no count of it: a number in
 * front tells. The ESP32 has a small file, with Lua's io; the older of its branches have no `rtcmem`.
 */
const WORD = 127;
const MARK = 0x4d4f0000;
const COUNTS = {
  esp8266: {
    read: `rtcmem.read32(${WORD}) - ${MARK}`,
    write: `rtcmem.write32(${WORD}, ${MARK} + failed)`,
    forget: `rtcmem.write32(${WORD}, ${MARK})`,
  },
  esp32: {
    // Nothing at all is no argument for tonumber: a file that is not there is nil.
    read: `tonumber((function()
        local f = io.open('boots')
        local text = f and f:read('*a')
        if f then f:close() end
        return text
      end)()) or 0`,
    write: `if failed > 0 then local f = io.open('boots', 'w') if f then f:write(failed) f:close() end
      else file.remove('boots') end`,
    forget: "file.remove('boots')",
  },
};

/**
 * A crash is counted (a good start writes nothing to the flash), and after three of them nothing is run: the console
 * waits at its prompt. Power off and on, or the reset button, begins anew.
 */
export const initLua = (board: Board, modules: string[]): string => {
  const chip = chipFolder(board.hardware.chip);
  const { read, write, forget } = COUNTS[chip];
  const { lua, lfs } = board.nodemcu!;
  const program = lfs ? "node.LFS.get('firmware') or loadfile('firmware.lua')" : "loadfile('firmware.lua')";
  // Lua 5.1 of NodeMCU has 50 locals at most: those of the top are globals, in a table of their own.
  const own = lua === "5.1" ? "setfenv(run, setmetatable({}, { __index = _G }))" : "";
  // A new image of the flash store is taken over, and the chip restarts. It returns only what is wrong with it.
  const reload = `if file.exists('firmware.img') then
      file.remove('flashed.img')
      file.rename('firmware.img', 'flashed.img')
      print(node.LFS.reload('flashed.img'))
    end`;
  const text = `local missing = ''
    for name in string.gmatch('${modules.join(" ")}', '%S+') do
      if not _G[name] then missing = missing .. ' ' .. name end
    end
    if missing ~= '' then return print('motelet: this NodeMCU has no module' .. missing) end
    if 1 / 2 == 0 or 2 ^ 24 + 1 == 2 ^ 24 or 2147483647 + 1 < 0 then
      return print('motelet: build NodeMCU with ${lua === "5.1" ? "numbers with fractions" : "64-bit numbers"}')
    end
    local _, cause = node.bootreason()
    local failed = 0
    if ${CRASHED[chip]} then
      failed = ${read}
      failed = failed >= 0 and failed < ${FAILED_BOOTS} and failed + 1 or 1
    end
    if failed >= ${FAILED_BOOTS} then
      return print('motelet: ${FAILED_BOOTS} starts failed, and firmware.lua is not run until power comes anew')
    end
    ${write}
    tmr.create():alarm(${GOOD_AFTER_MS}, tmr.ALARM_SINGLE, function() ${forget} end)
    ${lfs ? reload : ""}
    local ok, problem = pcall(function()
      local run = assert(${program})
      ${own}
      run()
    end)
    if not ok then
      print(problem)
      tmr.create():alarm(${RESTART_MS}, tmr.ALARM_SINGLE, node.restart)
    end`;
  return minifyLua(text, lua).code;
};
