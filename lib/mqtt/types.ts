/** Types that the modules of the client share. */
import type { Socket } from "#platform/net";
import type { Open } from "../platform/types.ts";

/** How bytes reach the broker. */
export type OpenLink = Open<Socket>;

/** Handles the packet that `first`, `packetAt`, `packetEnd`, `received` and `view` of `reader.ts` describe. */
export type Handler = (this: void) => void;

/** What a packet is given to, by its first byte. */
export type Handlers = Record<number, Handler | undefined>;

/**
 * Takes a message: topic as a length-prefixed field (`packet.field`, made once), payload, mode.
 * @returns false when it was not accepted
 */
export type Publish = (this: void, topic: string, payload: string, mode: number) => boolean;
