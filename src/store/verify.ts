/**
 * Checks a knowledge base against itself: hash chain, heads and digests followed back through the journal to where it
 * begins, what was taken back, versions, contents, counters. Used by reading.ts inside one snapshot, so a writer
 * beside it does not matter.
 */
import { MomoError } from "../errors.ts";
import {
  chainHash,
  chainStart,
  type Operations,
  sealOf,
  type TransactionRow,
  transactionColumns,
  unpackOperations,
} from "./chain.ts";
import { contentHash, KindDigests, leaf, StateDigest } from "./digest.ts";
import { kindCount, kindNumber } from "./kinds.ts";
import type { Connection } from "./sqlite/connection.ts";
import type { TransactionDetail } from "./store.ts";
import { type UndoneRange, UndoneSet } from "./undone.ts";

interface SealedRow extends TransactionRow {
  plan: string | null;
  digest: Uint8Array;
  hash: Uint8Array;
  ops: Uint8Array | null;
  sealed: Uint8Array | null;
}

interface HeadRow {
  branch: number;
  kind: number;
  kid: number;
  vid: number;
  seq: number;
}

interface BranchRow {
  branch: number;
  digest: Uint8Array;
  seq: number;
  parent: number | null;
  base: number;
  horizon: number;
}

/** A branch as it was after the transaction that is looked at; the walk goes back in time. */
interface Past extends BranchRow {
  digests: KindDigests;
  heads: Map<number, { kind: number; vid: number; seq: number }>;
  /** Digest at the fork. */
  forked: Uint8Array;
}

/** The first fault, as a sentence; undefined when there is none. */
export function verify(connection: Connection): string | undefined {
  try {
    const pages = connection.value("PRAGMA quick_check(1)");
    if (pages !== "ok") return `the file is damaged: ${String(pages).replaceAll("\n", " ")}`;
    const branches = readBranches(connection);
    return (
      checkHeadRows(connection, branches) ??
      walkBack(connection, branches) ??
      checkBeginnings(branches) ??
      checkUndone(connection, branches) ??
      checkContents(connection)
    );
  } catch (error) {
    if (error instanceof MomoError && error.code === "STORE_CORRUPT") return error.message;
    throw error;
  }
}

function readBranches(connection: Connection): Map<number, Past> {
  const branches = new Map<number, Past>();
  const rows = connection.sql("SELECT branch, digest, seq, parent, base, horizon FROM branch");
  for (const row of rows.all<BranchRow>()) {
    const digests = new KindDigests(row.digest, kindCount);
    branches.set(row.branch, { ...row, digests, heads: new Map(), forked: new Uint8Array(32) });
  }
  return branches;
}

/** Each head is of a key of its kind, and the digest of main is the sum over its heads. */
function checkHeadRows(connection: Connection, branches: Map<number, Past>): string | undefined {
  const sums = new KindDigests(new Uint8Array(0), kindCount);
  const rows = connection.sql(
    `SELECT h.branch, h.kind, h.kid, h.vid, h.seq, k.kind AS is_kind, v.kid AS is_kid, v.leaf
     FROM head h LEFT JOIN key k USING (kid) LEFT JOIN version v ON v.vid = h.vid`,
  );
  type Row = HeadRow & { is_kind: number | null; is_kid: number | null; leaf: Uint8Array | null };
  for (const { branch, kind, kid, vid, seq, is_kind, is_kid, leaf } of rows.each<Row>()) {
    const known = branches.get(branch);
    if (!known) return `the head of key ${kid} belongs to no branch`;
    if (is_kind !== kind) return `the head of key ${kid} is not what the journal says`;
    if (vid && is_kid !== kid) return `version ${vid}, the head of key ${kid}, is missing or another key's`;
    if (leaf && known.parent === null) sums.of(kind).add(leaf);
    known.heads.set(kid, { kind, vid, seq });
  }
  for (const { parent, digest } of branches.values()) {
    if (parent === null && !same(new KindDigests(digest, kindCount).stored(), sums.stored())) {
      return "the digest does not fit the heads";
    }
  }
  return undefined;
}

/** From the newest transaction to the oldest: every operation leads to the head that it should. */
function walkBack(connection: Connection, branches: Map<number, Past>): string | undefined {
  const counter = connection.sql("SELECT tx, seq FROM counter").one<{ tx: number; seq: number }>();
  const rows = connection.sql(
    `SELECT ${transactionColumns}, tx.plan, tx.digest, tx.hash, journal.ops, journal.sealed
     FROM tx LEFT JOIN journal USING (tx) ORDER BY tx.tx DESC`,
  );
  let later: SealedRow | undefined;
  for (const row of rows.each<SealedRow>()) {
    const expected = later ? later.tx - 1 : counter.tx;
    if (row.tx !== expected) return missing(row.tx, expected);
    const end = later ? later.last_seq - later.operations : counter.seq;
    if (row.last_seq !== end) return `transaction ${row.tx} does not end where the next one begins`;
    const fault = (later && checkHash(later, row.hash)) ?? stepBack(connection, row, branches);
    if (fault !== undefined) return fault;
    later = row;
  }
  const [tx, seq] = later ? [later.tx - 1, later.last_seq - later.operations] : [counter.tx, counter.seq];
  if (tx !== 0) return `transaction ${tx} is missing`;
  if (seq !== 0) return "the journal does not begin at its first operation";
  return (later && checkHash(later, chainStart)) ?? checkCounters(connection);
}

const missing = (found: number, expected: number): string =>
  found > expected ? "the journal does not end where the counters say" : `transaction ${expected} is missing`;

/** `sealed` is filled in by stepBack where the operations are there. */
function checkHash(row: SealedRow, previous: Uint8Array): string | undefined {
  const sealed = { header: row, operations: row.sealed!, digest: row.digest };
  if (same(row.hash, chainHash(previous, sealed))) return undefined;
  return `the hash chain breaks at transaction ${row.tx}: its operations, versions or attribution were changed`;
}

function stepBack(connection: Connection, row: SealedRow, branches: Map<number, Past>): string | undefined {
  if ((detailOf(row).plan ?? null) !== row.plan) return `the plan of transaction ${row.tx} was changed`;
  const branch = branches.get(row.branch);
  if (branch && row.tx && row.kind === "explore") rememberFork(row, branches);
  if (row.ops === null) {
    const isDropped = !branch || row.last_seq <= branch.horizon || row.operations === 0;
    return row.sealed && isDropped ? undefined : `the operations of transaction ${row.tx} are missing`;
  }
  const operations = unpackOperations(row.ops, row.operations, row.last_seq - row.operations + 1);
  if (!operations) return `transaction ${row.tx} does not hold the operations it counts`;
  if (!branch) return `transaction ${row.tx} belongs to no branch`;
  if (!same(row.digest, branch.digests.total()))
    return `the digest of transaction ${row.tx} does not fit the heads after it`;
  const written = new StateDigest();
  const fault = takeOff(connection, operations, { branch, written });
  row.sealed = sealOf(row.ops, written.bytes());
  return fault;
}

function rememberFork(row: SealedRow, branches: Map<number, Past>): void {
  const forked = branches.get(Number(detailOf(row).branch));
  if (forked) forked.forked = row.digest;
}

function takeOff(
  connection: Connection,
  operations: Operations,
  { branch, written }: { branch: Past; written: StateDigest },
): string | undefined {
  const version = connection.sql("SELECT leaf FROM version WHERE vid = ? AND kid = ?");
  const leafOf = (vid: number, kid: number): Uint8Array | undefined =>
    version.get<{ leaf: Uint8Array }>(vid, kid)?.leaf;
  for (let i = operations.count - 1; i >= 0; i--) {
    const [seq, kid, from, to] = [
      operations.first + i,
      operations.kid[i]!,
      operations.from[i]!,
      operations.to[i]!,
    ];
    const head = branch.heads.get(kid);
    if (head?.vid !== to || head.seq !== seq) {
      return `operation ${seq} does not lead to what follows it on key ${kid}`;
    }
    const digest = branch.digests.of(head.kind);
    for (const vid of new Set([from, to])) {
      const own = vid ? leafOf(vid, kid) : undefined;
      if (vid && !own) return `version ${vid} or its key, of operation ${seq}, is missing`;
      if (own && vid === to) written.add(own);
      if (own && from !== to) vid === to ? digest.subtract(own) : digest.add(own);
    }
    head.vid = from;
    head.seq = operations.previous[i]!;
  }
  return undefined;
}

/** What is left once all kept operations are taken off is nothing, or the state at the horizon or the fork. */
function checkBeginnings(branches: Map<number, Past>): string | undefined {
  for (const { parent, horizon, heads, digests, forked } of branches.values()) {
    for (const [kid, { vid, seq }] of heads) {
      if (seq > horizon) return `the head of key ${kid} is not what the journal says`;
      if (parent === null && horizon === 0 && vid)
        return `key ${kid} had a version before the journal begins`;
    }
    if (horizon === 0 && !same(digests.total(), forked)) return "the digest does not fit the heads";
  }
  return undefined;
}

function checkCounters(connection: Connection): string | undefined {
  const counter = connection.sql("SELECT * FROM counter").one<Record<string, number>>();
  for (const [table, id] of [
    ["key", "kid"],
    ["version", "vid"],
    ["segment", "segment"],
    ["pack", "pack"],
    ["branch", "branch"],
  ] as const) {
    if (Number(connection.value(`SELECT coalesce(max(${id}), 0) FROM ${table}`)) > counter[id]!) {
      return `table ${table} holds a number that was never given out`;
    }
  }
  return undefined;
}

/** What was taken back is what the transactions say that they took back. */
function checkUndone(connection: Connection, branches: Map<number, Past>): string | undefined {
  const expected = new UndoneSet();
  const rows = connection.sql(
    `SELECT ${transactionColumns} FROM tx WHERE kind NOT IN ('write', 'index') AND detail IS NOT NULL ORDER BY tx.tx`,
  );
  for (const row of rows.each<TransactionRow>()) {
    const { dead = [], live = [] } = detailOf(row);
    if (!branches.has(row.branch)) continue;
    expected.bringBack(live);
    expected.takeBack(dead, row.tx);
  }
  const horizon = branches.get(1)?.horizon ?? 0;
  const wanted = expected.ranges().filter(({ last }) => last > horizon);
  const stored = connection.sql('SELECT first, last, "by" FROM undone ORDER BY first').all<UndoneRange>();
  const isSame = JSON.stringify(stored.map(plain)) === JSON.stringify(wanted.map(plain));
  return isSame ? undefined : "what was taken back is not what the journal says";
}

const plain = ({ first, last, by }: UndoneRange): number[] => [first, last, by];

const detailOf = (row: TransactionRow): TransactionDetail => (row.detail ? JSON.parse(row.detail) : {});

/** Every version has its body, in its row or in a pack; what people and agents wrote is what its hash says. */
function checkContents(connection: Connection): string | undefined {
  const row = connection
    .sql(
      `SELECT vid FROM version LEFT JOIN slice USING (vid) LEFT JOIN pack USING (pack)
       WHERE version.body IS NULL AND pack.pack IS NULL LIMIT 1`,
    )
    .get<{ vid: number }>();
  if (row) return `the content of version ${row.vid} is missing`;
  const rows = connection.sql(
    `SELECT v.vid, v.leaf, v.body, k.name, t.bytes AS text FROM version v JOIN key k USING (kid)
     LEFT JOIN text t USING (vid) WHERE k.kind <> ${kindNumber("file")} AND v.body IS NOT NULL AND v.erased IS NULL`,
  );
  type Row = { vid: number; leaf: Uint8Array; body: Uint8Array; name: string; text: Uint8Array | null };
  for (const { vid, leaf: own, body, name, text } of rows.each<Row>()) {
    if (!same(own, leaf(name, contentHash(body, text ?? undefined))))
      return `the content of version ${vid} (${name}) was changed`;
  }
  return undefined;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
