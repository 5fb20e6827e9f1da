/** Bounds on what one connection may cost. What people may want to change is a setting; these are not. */

export interface Timing {
  /** To send all headers, and all of a request, milliseconds. */
  headers_ms: number;
  request_ms: number;
  /** An idle connection is kept so long. */
  keep_alive_ms: number;
  /** How often connections are looked at for the first two. */
  check_ms: number;
}

export const timing: Timing = {
  headers_ms: 15_000,
  request_ms: 60_000,
  keep_alive_ms: 30_000,
  check_ms: 1000,
};

/** Of the request line and all headers; so also of an address. */
export const MAX_HEADER_BYTES = 16_384;
export const MAX_HEADERS = 100;
export const MAX_CONNECTIONS = 2000;
/** Objects and arrays within each other. */
export const MAX_JSON_DEPTH = 64;
/** Names in all objects together: reading a million of them keeps everybody else waiting for seconds. */
export const MAX_JSON_NAMES = 200_000;
/** Documents in one upload. */
export const MAX_DOCUMENTS = 100;
/** Shorter answers are not worth compressing. */
export const COMPRESS_FROM_BYTES = 1024;
/** Failed keys a minute from one address, as a share of `rate_limit`, and at least. */
export const FAILURES = { share: 1 / 60, least: 5 } as const;
