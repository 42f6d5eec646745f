/** Why the ESP8266 started. Firmware module: node (docs/modules/node.md, node.bootreason). */
import { node, select } from "../api.ts";

const CAUSES = ["power on", "wdt reset", "exception", "soft wdt", "restart", "deep sleep", "reset pin"];

/** In the words of Espruino's ESP8266.getResetInfo. */
export const resetReason = (): string => CAUSES[select<number>(2, node.bootreason())]!;
