/** Why the chip started, on ESP8266 (Espruino reference: ESP8266.getResetInfo). */

declare const ESP8266: { getResetInfo: () => { reason: string } };

/** "power on", "wdt reset", "exception", "soft wdt", "restart", "deep sleep", "reset pin". */
export const resetReason = (): string => ESP8266.getResetInfo().reason;
