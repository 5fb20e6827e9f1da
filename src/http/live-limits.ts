/** How much a client of /live may ask for, and how patient the server is. Used by live.ts and live-connection.ts. */

export interface LiveLimits {
  /** Live connections of all callers together. */
  connections: number;
  /** Live connections of one key, token or local user. */
  connections_per_caller: number;
  /** Of one message of a client. */
  max_payload_bytes: number;
  /** Messages, pings and pongs of a client between two heartbeats. */
  messages: number;
  /** Between two heartbeats: who did not answer the last one is gone, and the key is looked at again. */
  heartbeat_ms: number;
  /** How long a client may take to read what was sent; after that it is told to come back. */
  lag_ms: number;
  /** How long a handshake may take. */
  handshake_ms: number;
  /** How long a client may take to answer the end of a connection. */
  close_ms: number;
}
