/** The outbox: what every key's state became, and how far each engine that holds a copy has come. */
import type { EngineState } from "../../model/api.ts";
import type { Edge, VersionKind } from "./knowledge.ts";
import type { Holdings, RowFields, VectorRow } from "./rows.ts";

/** The state of one key after operation `seq`. */
export interface KeyState {
  seq: number;
  /** The same for a key in every knowledge base: the name that an engine files it under. */
  id: string;
  key: string;
  kind: VersionKind;
  /** 0: the key is gone. */
  vid: number;
}

/** A state with what the engine asked for of its version, so that it needs nothing else. */
export interface Delivery extends KeyState {
  /** Stands for the content (key-id.ts); 0 without a version. */
  mark: number;
  fields?: RowFields;
  edge?: Edge;
  body?: Uint8Array;
  text?: Uint8Array;
  /** Of the chunks that are embedded; none yet where it was written a moment ago. */
  vectors?: VectorRow[];
}

/** What an engine is told of. */
export interface EngineWants {
  kinds: readonly VersionKind[];
  content: readonly ("fields" | "body" | "text" | "edge")[];
  /** Vectors of the chunks of this model. */
  vectors?: string;
}

/**
 * A real PREPARE (PostgreSQL): the state is made durable without being seen, under a name that outlives the connection.
 * The decision is SQLite's: on restart, what is prepared is committed if the journal has its transaction, else rolled
 * back.
 */
export interface PreparedTransactions {
  prepare(name: string, deliveries: readonly Delivery[]): Promise<void>;
  commit(name: string): Promise<void>;
  rollback(name: string): Promise<void>;
  /** Names that wait for a decision. */
  pending(): Promise<string[]>;
}

/** Where the relay delivers to. Made of a RowEngine by projection.ts. */
export interface Engine {
  readonly name: string;
  readonly wants: EngineWants;
  /** States of one delivery. */
  readonly batch: number;
  /** Present where the engine has a real PREPARE. */
  readonly prepared?: PreparedTransactions;
  /**
   * Sets the state of each key unless it has a newer one (by `seq`). Any number of times; rejects when any of it may be
   * missing.
   */
  apply(deliveries: readonly Delivery[]): Promise<void>;
  /** Sets them whatever it has, newer or not. */
  repair(deliveries: readonly Delivery[]): Promise<void>;
  /** What it has, where it can say so: without it a copy that drifted is not found. */
  readonly holdings?: Holdings;
}

/** How far an engine has come, kept in the file. */
export interface EngineRecord {
  name: string;
  /** Everything up to this operation was applied. */
  seq: number;
  /** Of the vectors that it was compared with last (vector/models.ts). */
  revision: number;
  state: EngineState;
  /** Deliveries that failed since the last one that did not. */
  attempts: number;
  error?: string;
  /** Milliseconds since 1970: when it was last reached, and when it is tried again. */
  reached_at: number;
  retry_at?: number;
}
