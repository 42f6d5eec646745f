/** What a write to a file wears of NodeMCU's flash (SPIFFS). */

/**
 * A write to a file: a page of 256 bytes with the data, one with the index of the file, and as much again where a page
 * is moved as it is filled up (spiffs_nucleus.c).
 */
export const FILE_WRITE_BYTES = 1024;
/** Of a file system, what is free to be written in turn: the rest may be in use by others. */
export const FREE_SHARE = 0.5;
