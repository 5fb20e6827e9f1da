/** Adds a sealed transaction to the journal, with what follows from it. Used by writing.ts, just before it commits. */

import type { TransactionDetail } from "../contract/transaction.ts";
import type { Connection } from "../sqlite/connection.ts";
import type { Sealed, TransactionRow } from "./chain.ts";
import { bringBack, takeBack } from "./undone.ts";

export interface SealedTransaction {
  sealed: Sealed;
  /** Packed. */
  operations: Uint8Array;
  /** packDelta of them. */
  delta: Uint8Array;
  /** Of the chain. */
  hash: Uint8Array;
  /** Of the branch, by kind. */
  digests: Uint8Array;
  detail: TransactionDetail | undefined;
  /** Versions that it read, and whether it declared so. */
  reads: ReadonlyMap<number, boolean> | undefined;
}

export function insertTransaction(connection: Connection, transaction: SealedTransaction): void {
  const { operations, delta, hash, digests, detail, reads } = transaction;
  const { header, digest } = transaction.sealed;
  connection
    .sql(
      `INSERT INTO tx (tx, branch, kind, at, agent, session, principal, request_id, intent,
         last_seq, operations, created, updated, removed, detail, plan, digest, hash)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(...valuesOf(header), detail?.plan ?? null, digest, hash);
  connection.sql("INSERT INTO journal VALUES (?, ?, NULL, ?)").run(header.tx, operations, delta);
  const seq = header.operations > 0 ? header.last_seq : null;
  connection
    .sql("UPDATE branch SET digest = ?, seq = coalesce(?, seq) WHERE branch = ?")
    .run(digests, seq, header.branch);
  bringBack(connection, detail?.live ?? []);
  takeBack(connection, detail?.dead ?? [], header.tx);
  const origin = connection.sql("INSERT OR IGNORE INTO origin VALUES (?, ?)");
  for (const [, , of] of detail?.origins ?? []) origin.run(of, header.tx);
  const read = connection.sql("INSERT OR REPLACE INTO read VALUES (?, ?, ?)");
  for (const [vid, declared] of reads ?? []) read.run(vid, header.tx, declared ? 1 : 0);
}

/** In the order of the columns. */
const valuesOf = (row: TransactionRow): (string | number | null)[] => [
  row.tx,
  row.branch,
  row.kind,
  row.at,
  row.agent,
  row.session,
  row.principal,
  row.request_id,
  row.intent,
  row.last_seq,
  row.operations,
  row.created,
  row.updated,
  row.removed,
  row.detail,
];
