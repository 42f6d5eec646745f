/** Types that the modules of the client share. */
import type { Socket } from "#platform/net";
import type { Open } from "../platform/types.ts";

/** How bytes reach the broker. */
export type OpenLink = Open<Socket>;

/** Handles the packet that `first`, `bodyStart`, `bodyEnd` and `received` of `client.ts` describe. */
export type Handler = (this: void) => void;
