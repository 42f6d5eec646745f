/** What the client of a schedule is given, and how long things may take. */

export const KEEP_ALIVE_MS = 10000;
const CONNECT_TIMEOUT_MS = 20000;
/** A dead link or an attempt that gets no answer, the longest wait of the back-off, and the exchanges themselves. */
export const CONVERGE_MS = CONNECT_TIMEOUT_MS + 64000 + 10000;
export const LARGEST_IN = 256;
export const LARGEST_SLOT = 64;
export const QUEUE_PLACES = 4;
/** The most ids that the client holds at QoS 2. */
export const HELD = 32;
export const PAGE_BYTES = 256;
