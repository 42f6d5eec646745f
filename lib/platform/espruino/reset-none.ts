/** Why the chip started, where Espruino does not tell. */

export const resetReason = (): string => "unknown";
