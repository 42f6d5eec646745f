/**
 * What is on a NodeMCU chip besides the node, which is kept in two slots (`a.init.lua` and `a.firmware.lc`, `b. ...`):
 * the loader, which is init.lua; and the log `motelet.ab`, a character a decision. A capital letter is the slot that
 * runs at every start (O: the program that was on the chip before, as `old.lua`), a small one the slot that runs once,
 * `s` a start that runs nothing, so that there is room; `t` says that such a start has been. So whatever happens to a
 * new firmware, another start brings the previous one back. An `s` is for a restart by command: where power comes anew,
 * as the cable was pulled, the node runs.
 *
 * The flash store of Lua holds one image. A slot that has another one (`a.firmware.img`) orders it to be taken over
 * before it runs, and knows it by its time after the two starts that this takes: `a.lfs` has a question mark for each
 * order, and the time that was there before. An image that is refused costs a start on trial; the confirmed slot is
 * tried again, once.
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
/** The code of a node that is kept in the flash store of Lua (LFS), as luac.cross has made it. */
export const NODE_IMAGE = "firmware.img";
/** Beside the image of a slot: "=" and the time of the image in the store, when that is the slot's. */
export const IMAGE_STATE = "lfs";

/** After the first character that is no decision nothing counts: a write may have been cut off. */
export const decisionsOf = (log: string): string => /^[ABOabst]*/.exec(log)![0];

/** The slot that runs at every start; undefined for none. */
export const confirmedOf = (log: string): string | undefined => decisionsOf(log).replace(/[^ABO]/g, "").at(-1);

/** init.lua of the node names firmware.lua, which is that of the slot. */
export const LOADER = `-- motelet: the firmware is in a slot; see docs/flashing.md
local open, plain = file.open or io.open, loadfile
local function text_of(name, mode, text)
  local f = open(name, mode)
  if not f then return "" end
  if text then f:write(text) else text = f:read(512) or "" end
  f:close()
  return text
end
if not file.exists("${LOG}") then file.rename("${NEW_LOG}", "${LOG}") end
local text = string.match(text_of("${LOG}", "r"), "^[ABOabst]*")
local order, confirmed = string.match(text, "[abs]$"), string.lower(string.match(text, "([ABO])[abst]*$") or "s")
local function ready(slot, tries)
  local image, state = slot .. ".${NODE_IMAGE}", slot .. ".${IMAGE_STATE}"
  if not file.exists(image) then return true end
  local known, now = text_of(state, "r"), tostring(node.LFS.time)
  if known == "=" .. now then return true end
  local asked, was = string.match(known, "^(%?*)(.*)")
  if asked ~= "" and now ~= "nil" and now ~= was then
    text_of(state, "w", "=" .. now)
    return true
  end
  if #asked < tries then
    text_of(state, "w", asked .. "?" .. now)
    local problem = node.LFS.reload(image)
    if type(problem) ~= "string" then return nil end
    print(problem)
  end
  print("motelet: " .. image .. " was not taken over")
  return false
end
local slot = order or confirmed
local good = slot == "s" or ready(slot, order and 1 or 2)
if good == nil then return end
if order then text_of("${LOG}", "a", "t") end
if not good and order then slot, good = confirmed, ready(confirmed, 2) end
if slot == "s" and order and node.bootreason() == 1 then slot, good = confirmed, ready(confirmed, 2) end
if not good then return end
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
