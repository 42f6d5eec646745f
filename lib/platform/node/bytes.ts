/** Bytes of a string as numbers. */
import type { Bytes } from "../types.ts";

/** A view of bytes: index 0 is the first byte, behind the end there is nothing. */
export const byteView = (bytes: string): Bytes => Buffer.from(bytes, "latin1");
