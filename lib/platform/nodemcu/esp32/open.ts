/** Files of the ESP32: Lua's own. Firmware module: file, for their file system. */
import { io } from "../api.ts";

/** Opens a file in a mode of C: "r+" or "w+". */
export const openFile = io.open;
