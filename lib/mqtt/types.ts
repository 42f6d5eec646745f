/** Types that the modules of the client share. */
import type { Socket } from "#platform/net";
import type { Open } from "../platform/types.ts";

/** How bytes reach the broker. */
export type OpenLink = Open<Socket>;

/** Gets the first byte of a packet, and where its body starts and ends in `received`. */
export type Handler = (this: void, first: number, start: number, end: number) => void;
