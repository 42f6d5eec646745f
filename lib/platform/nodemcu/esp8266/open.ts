/** Files of the ESP8266. Firmware module: file. */
import { file } from "../api.ts";

/** Opens a file in a mode of C: "r+" or "w+". */
export const openFile = file.open;
