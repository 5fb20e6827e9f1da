/** How knowledge is changed: attributed transactions of pointer moves, and what is remembered of each. */
/**
 * What a transaction is. `undo`, `redo` and `rewind` move heads between versions that exist; the others write. Those
 * after them have no operations: they are remembered because somebody did them.
 */
export type TransactionKind =
  | "write"
  | "index"
  | "merge"
  | "undo"
  | "redo"
  | "rewind"
  | "erase"
  | "checkpoint"
  | "explore"
  | "discard"
  | "compact";

/**
 * Who wrote, and why. A request is done once: on one branch the same `(agent, request_id)` gets the first receipt again,
 * and with another content REQUEST_REUSED.
 */
export interface Attribution {
  agent: string;
  session?: string;
  principal?: string;
  request_id?: string;
  intent?: string;
}

export type Author = Attribution & {
  kind?: TransactionKind;
  /** Stands for what is asked (requestFingerprint): the same request with another one raises REQUEST_REUSED. */
  fingerprint?: string;
};

/** A pointer move: create has no `from`, remove has no `to`. */
export interface Operation {
  seq: number;
  key: string;
  from: number | undefined;
  to: number | undefined;
}

export interface Receipt {
  /** 0 when it had no operation and no request_id: such a transaction (a scan, a merge of segments) is not recorded. */
  transaction: number;
  /** Sequence number of the transaction's last operation; 0 when it had none. */
  seq: number;
  operations: number;
}

/** Inclusive. */
export type SeqRange = readonly [first: number, last: number];

/**
 * What a transaction did beside its operations; part of the hash chain. The operations of an undo, redo or rewind are
 * followed by `writes` that made new versions; what it took back and brought back is told by sequence numbers of
 * writing operations, because "is this write live" is a question about targets and not about order.
 */
export interface TransactionDetail {
  plan?: string;
  policy?: string;
  /** Transaction that a redo brought back. */
  of?: number;
  /** Sequence number that a rewind went to. */
  to_seq?: number;
  dead?: readonly SeqRange[];
  live?: readonly SeqRange[];
  writes?: number;
  /** Selected, but left as they were: a later rollback can try again. */
  residue?: readonly SeqRange[];
  /** What it did outside, in words: it cannot be taken back silently. */
  irreversible?: string;
  /** Who wrote first what a merge brought home: its operations by sequence number, each range with a transaction. */
  origins?: readonly (readonly [first: number, last: number, transaction: number])[];
  /** Name of a checkpoint or exploration. */
  name?: string;
  [more: string]: unknown;
}
