/** Bytes of a string as numbers (reference: E.toArrayBuffer, which refers to the string and copies nothing). */
import type { Bytes } from "../types.ts";

declare const E: { toArrayBuffer: (this: void, bytes: string) => ArrayBuffer };

/** A view of bytes that is gone with the string: index 0 is the first byte, behind the end there is nothing. */
export const byteView = (bytes: string): Bytes => new Uint8Array(E.toArrayBuffer(bytes));
