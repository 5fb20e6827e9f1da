/**
 * Checks a knowledge base against itself: hash chain, heads replayed from the journal, versions, digest, counters.
 * Used by reading.ts inside one snapshot, so a writer beside it does not matter.
 */
import { MomoError } from "../errors.ts";
import {
  chainHash,
  chainStart,
  type PackedOperation,
  type TransactionRow,
  transactionColumns,
  unpackOperations,
} from "./chain.ts";
import { leaf, StateDigest } from "./digest.ts";
import type { Connection } from "./sqlite/connection.ts";

interface SealedRow extends TransactionRow {
  digest: Uint8Array;
  hash: Uint8Array;
  ops: Uint8Array | null;
}

interface HeadRow {
  branch: number;
  kind: number;
  kid: number;
  vid: number;
  seq: number;
}

/** A branch as the journal says it must be. */
interface Replay {
  digest: StateDigest;
  heads: Map<number, { vid: number; seq: number; leaf: string }>;
}

/** The first fault, as a sentence; undefined when there is none. */
export function verify(connection: Connection): string | undefined {
  try {
    const pages = connection.value("PRAGMA quick_check(1)");
    if (pages !== "ok") return `the file is damaged: ${String(pages).replaceAll("\n", " ")}`;
    const branches = new Map<number, Replay>();
    return (
      replayJournal(connection, branches) ?? compareHeads(connection, branches) ?? checkContents(connection)
    );
  } catch (error) {
    if (error instanceof MomoError && error.code === "STORE_CORRUPT") return error.message;
    throw error;
  }
}

function replayJournal(connection: Connection, branches: Map<number, Replay>): string | undefined {
  let tx = 0;
  let seq = 0;
  let hash: Uint8Array = chainStart;
  const rows = connection.sql(
    `SELECT ${transactionColumns}, tx.digest, tx.hash, journal.ops FROM tx LEFT JOIN journal USING (tx) ORDER BY tx.tx`,
  );
  for (const row of rows.each<SealedRow>()) {
    if (row.tx !== ++tx) return `transaction ${tx} is missing`;
    if (row.ops === null) return `the operations of transaction ${tx} are missing`;
    const branch = branches.get(row.branch) ?? { digest: new StateDigest(), heads: new Map() };
    branches.set(row.branch, branch);
    const fault = replayTransaction(connection, row, { branch, seq, hash });
    if (fault !== undefined) return fault;
    seq = row.last_seq;
    hash = row.hash;
  }
  return checkCounters(connection, tx, seq);
}

function replayTransaction(
  connection: Connection,
  row: SealedRow,
  before: { branch: Replay; seq: number; hash: Uint8Array },
): string | undefined {
  const operations = unpackOperations(row.ops);
  if (operations?.length !== row.operations || row.last_seq !== before.seq + row.operations) {
    return `transaction ${row.tx} does not hold the operations it counts`;
  }
  const written = new StateDigest();
  let seq = before.seq;
  for (const operation of operations) {
    const fault = replayOperation(
      connection,
      { ...operation, seq: ++seq },
      { branch: before.branch, written },
    );
    if (fault !== undefined) return fault;
  }
  const sealed = { header: row, operations: row.ops!, written: written.bytes(), digest: row.digest };
  if (!same(row.hash, chainHash(before.hash, sealed))) {
    return `the hash chain breaks at transaction ${row.tx}: its operations, versions or attribution were changed`;
  }
  if (same(row.digest, before.branch.digest.bytes())) return undefined;
  return `the digest of transaction ${row.tx} does not fit the heads after it`;
}

function replayOperation(
  connection: Connection,
  { kid, from, to, seq }: PackedOperation & { seq: number },
  { branch, written }: { branch: Replay; written: StateDigest },
): string | undefined {
  const { heads, digest } = branch;
  const head = heads.get(kid);
  if ((head?.vid ?? 0) !== from)
    return `operation ${seq} starts from version ${from}, which was not the head`;
  if (head !== undefined && from > 0) digest.subtract(head.leaf);
  if (to === 0) {
    heads.set(kid, { vid: 0, seq, leaf: "" });
    return undefined;
  }
  const version = connection.sql(
    "SELECT k.name, v.hash FROM version v JOIN key k USING (kid) WHERE v.vid = ? AND v.kid = ?",
  );
  const row = version.get<{ name: string; hash: Uint8Array }>(to, kid);
  if (row === undefined) return `version ${to} or its key, of operation ${seq}, is missing`;
  const added = leaf(row.name, row.hash);
  digest.add(added);
  written.add(added);
  heads.set(kid, { vid: to, seq, leaf: added });
  return undefined;
}

function checkCounters(connection: Connection, tx: number, seq: number): string | undefined {
  const counter = connection
    .sql("SELECT tx, seq, kid, vid, segment, pack FROM counter")
    .get<{ tx: number; seq: number; kid: number; vid: number; segment: number; pack: number }>();
  if (counter?.tx !== tx || counter.seq !== seq) return "the journal does not end where the counters say";
  for (const [table, id, last] of [
    ["key", "kid", counter.kid],
    ["version", "vid", counter.vid],
    ["segment", "segment", counter.segment],
    ["pack", "pack", counter.pack],
  ] as const) {
    if (Number(connection.value(`SELECT coalesce(max(${id}), 0) FROM ${table}`)) > last) {
      return `table ${table} holds a number that was never given out`;
    }
  }
  return undefined;
}

function compareHeads(connection: Connection, branches: Map<number, Replay>): string | undefined {
  const rows = connection.sql("SELECT branch, kind, kid, vid, seq FROM head");
  const kind = connection.sql("SELECT kind FROM key WHERE kid = ?");
  for (const row of rows.each<HeadRow>()) {
    const head = branches.get(row.branch)?.heads.get(row.kid);
    if (
      head?.vid !== row.vid ||
      head.seq !== row.seq ||
      kind.get<{ kind: number }>(row.kid)?.kind !== row.kind
    ) {
      return `the head of key ${row.kid} is not what the journal says`;
    }
    branches.get(row.branch)!.heads.delete(row.kid);
  }
  const stored = connection.sql("SELECT branch, digest FROM branch");
  for (const { branch, digest } of stored.each<{ branch: number; digest: Uint8Array }>()) {
    const replay = branches.get(branch);
    const missing = replay?.heads.keys().next().value;
    if (missing !== undefined) return `the head of key ${missing} is missing`;
    if (!same(digest, (replay?.digest ?? new StateDigest()).bytes()))
      return "the digest does not fit the heads";
  }
  return undefined;
}

/** Every version has its body, in its row or in a pack. */
function checkContents(connection: Connection): string | undefined {
  const row = connection
    .sql(
      `SELECT vid FROM version LEFT JOIN slice USING (vid) LEFT JOIN pack USING (pack)
       WHERE version.body IS NULL AND pack.pack IS NULL LIMIT 1`,
    )
    .get<{ vid: number }>();
  return row && `the content of version ${row.vid} is missing`;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
