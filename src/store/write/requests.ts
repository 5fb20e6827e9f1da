/**
 * Requests that were done: the same request gets its first answer again, the same id with another content an error.
 * Used by open.ts where a transaction begins, and by writing.ts where it ends.
 */
import { MomoError } from "../../errors.ts";
import type { StoreReader } from "../contract/reader.ts";
import type { Author, Receipt } from "../contract/transaction.ts";
import type { Remembered, Repeated, WriteTransaction } from "../contract/write.ts";
import type { Connection } from "../sqlite/connection.ts";

interface Row {
  fingerprint: string | null;
  answer: string | null;
  tx: number;
  last_seq: number;
  operations: number;
}

/** undefined for a request that is new on this branch. Raises REQUEST_REUSED. */
export function repeatedRequest(
  connection: Connection,
  branch: number,
  { agent, request_id, fingerprint: asked }: Author,
): Repeated | undefined {
  if (request_id === undefined) return undefined;
  const row = connection
    .sql(
      `SELECT r.fingerprint, r.answer, tx.tx, tx.last_seq, tx.operations FROM request r JOIN tx USING (tx)
       WHERE r.branch = ? AND r.agent = ? AND r.request_id = ?`,
    )
    .get<Row>(branch, agent, request_id);
  if (row === undefined) return undefined;
  const { fingerprint, answer, tx, last_seq, operations } = row;
  const repeated: Repeated = {
    receipt: { transaction: tx, seq: operations > 0 ? last_seq : 0, operations },
    answer: answer === null ? {} : JSON.parse(answer),
    fingerprint: fingerprint ?? undefined,
  };
  if (asked !== undefined) checkSame(repeated, { agent, request_id, fingerprint: asked });
  return repeated;
}

/** What the same request got on any branch; one with the same content first. Raises REQUEST_REUSED. */
export function answeredAnywhere(connection: Connection, author: Author): Repeated | undefined {
  if (author.request_id === undefined) return undefined;
  const { agent, request_id, fingerprint = null } = author;
  const row = connection
    .sql(
      `SELECT branch FROM request WHERE agent = ? AND request_id = ?
       ORDER BY fingerprint IS NOT ?, branch LIMIT 1`,
    )
    .get<{ branch: number }>(agent, request_id, fingerprint);
  return row && repeatedRequest(connection, row.branch, author);
}

/** Raises REQUEST_REUSED where something else is asked now. A request of an older file has no fingerprint to compare. */
function checkSame({ fingerprint, receipt }: Repeated, asked: Author & { fingerprint: string }): void {
  if (fingerprint === undefined || fingerprint === asked.fingerprint) return;
  const { agent, request_id = "" } = asked;
  throw new MomoError("REQUEST_REUSED", { agent, request_id, transaction: receipt.transaction });
}

/** Just before the commit of the transaction that does it. */
export function rememberRequest(
  connection: Connection,
  request: { branch: number; author: Author; tx: number },
  { fingerprint = request.author.fingerprint, answer }: Remembered,
): void {
  const { branch, author, tx } = request;
  connection
    .sql("INSERT INTO request VALUES (?, ?, ?, ?, ?, ?)")
    .run(
      branch,
      author.agent,
      author.request_id!,
      fingerprint ?? null,
      tx,
      answer === undefined ? null : JSON.stringify(answer),
    );
}

/** What a repeated request gets: its first receipt, and nothing that it could change. */
export function repetition(
  repeated: Repeated,
  { connection, reader, author }: { connection: Connection; reader: StoreReader; author: Author },
): WriteTransaction {
  const abort = (): void => {
    if (connection.inTransaction) connection.exec("ROLLBACK");
  };
  const commit = ({ fingerprint }: Remembered = {}): Receipt => {
    abort();
    if (fingerprint !== undefined) checkSame(repeated, { ...author, fingerprint });
    return repeated.receipt;
  };
  const refuse = (): never => {
    throw new Error("this request was done before: nothing may be changed");
  };
  return {
    repeated,
    reader,
    at: "",
    put: refuse,
    remove: refuse,
    move: refuse,
    describe: refuse,
    read: refuse,
    fork: refuse,
    drop: refuse,
    compact: refuse,
    erase: refuse,
    addPack: refuse,
    addSegment: refuse,
    adopt: refuse,
    addSection: refuse,
    dropSections: refuse,
    dropSegments: refuse,
    recordScan: refuse,
    forgetScan: refuse,
    setMeta: refuse,
    commit,
    abort,
  };
}
