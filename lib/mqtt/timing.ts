/** Times of the connection. */

/** Back-off: a random wait in a window of 1 s that doubles up to 64 s ("full jitter"). */
export const FIRST_WINDOW_MS = 1000;
/** What the window is after a connection that stayed; above it attempts to connect have failed since then. */
export const SECOND_WINDOW_MS = 2000;
export const LAST_WINDOW_MS = 64000;
/** From opening the link to CONNACK. */
export const CONNECT_TIMEOUT_MS = 20000;
