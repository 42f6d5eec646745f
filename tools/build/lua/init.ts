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

/** A small file, read and written; the ESP32 has open files in Lua's io. */
const FILES = {
  esp8266: {
    read: "file.getcontents('boots')",
    write: "file.putcontents('boots', failed)",
  },
  esp32: {
    // Nothing at all is no argument for tonumber: a file that is not there is nil.
    read: "(function() local f = io.open('boots') local text = f and f:read('*a') if f then f:close() end return text end)()",
    write: "local f = io.open('boots', 'w') if f then f:write(failed) f:close() end",
  },
};

/**
 * A crash is counted in a file (a good start writes nothing), and after three of them nothing is run: the console waits
 * at its prompt. Power off and on, or the reset button, begins anew.
 */
export const initLua = (board: Board, modules: string[]): string => {
  const chip = chipFolder(board.hardware.chip);
  const { read, write } = FILES[chip];
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
    local failed = ${CRASHED[chip]} and (tonumber(${read}) or 0) + 1 or 0
    if failed >= ${FAILED_BOOTS} then
      return print('motelet: ${FAILED_BOOTS} starts failed, and firmware.lua is not run until power comes anew')
    end
    if failed > 0 then ${write} else file.remove('boots') end
    tmr.create():alarm(${GOOD_AFTER_MS}, tmr.ALARM_SINGLE, function() file.remove('boots') end)
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
