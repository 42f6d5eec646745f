/**
 * What is on a NodeMCU chip besides the node, which is kept in two slots (`a.init.lua` and `a.firmware.lc`, `b. ...`):
 * the loader, which is init.lua; and the log `motelet.ab`, a character a decision. A capital letter is the slot that
 * runs at every start (O: the program that was on the chip before, as `old.lua`), a small one the slot that runs once,
 * `s` a start that runs nothing, so that there is room; `t` says that such a start has been. So whatever happens to a
 * new firmware, another start brings the previous one back. An `s` is for a restart by command: where power comes anew,
 * as the cable was pulled, the node runs.
 */
export const LOG = "motelet.ab";
/** A log longer than that begins anew. */
export const LOG_CHARS = 200;
/** A log that begins anew; the loader takes it where there is no other. */
export const NEW_LOG = "motelet.new";
export const LOADER_FILE = "init.lua";
export const NEW_LOADER = "init.new";
export const OLD_PROGRAM = "old.lua";
export const NODE_INIT = "init.lua";
export const NODE_FIRMWARE = "firmware.lua";

/** After the first character that is no decision nothing counts: a write may have been cut off. */
export const decisionsOf = (log: string): string => /^[ABOabst]*/.exec(log)![0];

/** The slot that runs at every start; undefined for none. */
export const confirmedOf = (log: string): string | undefined => decisionsOf(log).replace(/[^ABO]/g, "").at(-1);

/** init.lua of the node names firmware.lua, which is that of the slot. */
export const LOADER = `-- motelet: the firmware is in a slot; see docs/flashing.md
local open, plain = file.open or io.open, loadfile
local function log(mode, text)
  local f = open("${LOG}", mode)
  if not f then return "" end
  if text then f:write(text) else text = f:read(512) or "" end
  f:close()
  return text
end
if not file.exists("${LOG}") then file.rename("${NEW_LOG}", "${LOG}") end
local text = string.match(log("r"), "^[ABOabst]*")
local slot = string.match(text, "[abs]$")
if slot then log("a", "t") end
if not slot or slot == "s" and node.bootreason() == 1 then
  slot = string.lower(string.match(text, "([ABO])[abst]*$") or "s")
end
MOTELET = slot
if slot == "o" then return dofile("${OLD_PROGRAM}") end
if slot == "s" then return print("motelet: no firmware") end
loadfile = function(name)
  loadfile = plain
  if name ~= "${NODE_FIRMWARE}" then return plain(name) end
  if file.exists(slot .. ".firmware.lc") then return plain(slot .. ".firmware.lc") end
  return plain(slot .. ".firmware.lua")
end
dofile(slot .. ".${NODE_INIT}")
`;
