/** Bytes of a string as numbers. The build reads an element of them by `string.byte`. */
import type { Bytes } from "../types.ts";

/** A view of bytes: index 0 is the first byte, behind the end there is no number. */
export const byteView = (bytes: string): Bytes => bytes as unknown as Bytes;
