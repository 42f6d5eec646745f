/** Why the chip started, on ESP32 (Espruino reference: ESP32.getWakeupCause). */

declare const ESP32: { getWakeupCause?: () => number };

/**
 * Espruino tells a wake-up from deep sleep from other starts, and nothing more: "boot", or "wakeup" and
 * esp_sleep_wakeup_cause_t.
 */
export const resetReason = (): string => {
  const cause = ESP32.getWakeupCause === undefined ? 0 : ESP32.getWakeupCause();
  return cause > 0 ? "wakeup " + cause : "boot";
};
