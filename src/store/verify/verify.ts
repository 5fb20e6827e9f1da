/**
 * Checks a knowledge base against itself: hash chain, heads and digests followed back through the journal to where it
 * begins, and branches; its neighbours check what was taken back, requests, and contents. Used by open.ts inside one
 * snapshot, so a writer beside it does not matter.
 *
 * Nothing else says, and so it does not find: another name of a file, or of a key whose content is gone, unless SQLite's
 * index still has the first one; another outline or text of a file where the checksum of its pack fits; the order of
 * slices inside a pack; which versions were read; what an exploration may do and how long (branch.detail); how far a cursor
 * came; meta; the last scan, which indexing makes anew. Of what compaction dropped it checks the headers and
 * their hashes, not on which of the dropped operations a head was moved last.
 */
import { MomoError } from "../../errors.ts";
import type { Operations } from "../contract/journal.ts";
import { kindCount, kindOf, mainBranch } from "../contract/kinds.ts";
import type { TransactionDetail } from "../contract/transaction.ts";
import { type BranchRow, BranchView } from "../heads/branch.ts";
import {
  chainHash,
  chainStart,
  sealOf,
  type TransactionRow,
  transactionColumns,
  unpackOperations,
} from "../journal/chain.ts";
import { packDelta } from "../journal/delta.ts";
import { parseDetail } from "../journal/rows.ts";
import { KindDigests, StateDigest } from "../records/digest.ts";
import type { Connection } from "../sqlite/connection.ts";
import { checkContents, checkCounters } from "./contents.ts";
import { checkOrigins, checkRequests, checkStages } from "./requests.ts";
import { checkSegments } from "./segments.ts";
import { checkUndone } from "./undone.ts";

interface SealedRow extends TransactionRow {
  plan: string | null;
  digest: Uint8Array;
  hash: Uint8Array;
  ops: Uint8Array | null;
  sealed: Uint8Array | null;
  delta: Uint8Array | null;
  /** Known once its operations were taken off. */
  isDeltaWrong?: boolean;
}

interface HeadRow {
  branch: number;
  kind: number;
  kid: number;
  vid: number;
  seq: number;
}

/** A branch as it was after the transaction that is looked at; the walk goes back in time. */
interface Past extends BranchRow {
  digests: KindDigests;
  heads: Map<number, { kind: number; vid: number; seq: number }>;
  /** Its sums where it begins; a fork's are known once the walk has come there. */
  start: Uint8Array | undefined;
  /** Each must be the sequence number of the next operation that the walk meets. */
  expected: number[];
  /** What the walk has met of it last was dropped by compaction. */
  isDropped: boolean;
}

/** Tables whose indexes answer for what is in them: the quick check does not look. */
const indexed = ["key", "tx", "edge", "section"];

/** The first fault, as a sentence; undefined when there is none. */
export function verify(connection: Connection): string | undefined {
  try {
    for (const check of ["quick_check(1)", ...indexed.map((table) => `integrity_check(${table})`)]) {
      const pages = connection.value(`PRAGMA ${check}`);
      if (pages !== "ok") return `the file is damaged: ${String(pages).replaceAll("\n", " ")}`;
    }
    const branches = readBranches(connection);
    const wrongDeltas: number[] = [];
    return (
      checkHeadRows(connection, branches) ??
      walkBack(connection, branches, wrongDeltas) ??
      checkBeginnings(branches) ??
      checkDeltas(wrongDeltas) ??
      checkCounters(connection) ??
      checkOverlays(connection, branches) ??
      checkUndone(connection, { branches, horizon: branches.get(mainBranch)?.horizon ?? 0 }) ??
      checkRequests(connection) ??
      checkOrigins(connection) ??
      checkStages(connection) ??
      checkContents(connection) ??
      checkSegments(connection)
    );
  } catch (error) {
    if (error instanceof MomoError && error.code === "STORE_CORRUPT") return error.message;
    throw error;
  }
}

const nothing = new KindDigests(new Uint8Array(0), kindCount).stored();

function readBranches(connection: Connection): Map<number, Past> {
  const branches = new Map<number, Past>();
  for (const row of connection.sql("SELECT * FROM branch").all<BranchRow>()) {
    branches.set(row.branch, {
      ...row,
      digests: new KindDigests(row.digest, kindCount),
      heads: new Map(),
      start: row.parent === null ? nothing : undefined,
      expected: [row.seq],
      isDropped: false,
    });
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
  for (const { parent, digests } of branches.values()) {
    if (parent === null && !same(digests.stored(), sums.stored())) return "the digest does not fit the heads";
  }
  return undefined;
}

/** From the newest transaction to the oldest: every operation leads to the head that it should. */
function walkBack(
  connection: Connection,
  branches: Map<number, Past>,
  wrongDeltas: number[],
): string | undefined {
  const counter = connection.sql("SELECT tx, seq FROM counter").one<{ tx: number; seq: number }>();
  const rows = connection.sql(
    `SELECT ${transactionColumns}, tx.plan, tx.digest, tx.hash, journal.ops, journal.sealed, journal.delta
     FROM tx LEFT JOIN journal USING (tx) ORDER BY tx.tx DESC`,
  );
  let later: SealedRow | undefined;
  for (const row of rows.each<SealedRow>()) {
    const expected = later ? later.tx - 1 : counter.tx;
    if (row.tx !== expected) return missing(row.tx, expected);
    const end = later ? later.last_seq - later.operations : counter.seq;
    if (row.last_seq !== end)
      return later ? `transaction ${row.tx} does not end where the next one begins` : notAtEnd;
    const fault = (later && checkHash(later, row.hash)) ?? stepBack(connection, row, branches);
    if (fault !== undefined) return fault;
    if (row.isDeltaWrong) wrongDeltas.push(row.tx);
    later = row;
  }
  const [tx, seq] = later ? [later.tx - 1, later.last_seq - later.operations] : [counter.tx, counter.seq];
  if (tx !== 0) return `transaction ${tx} is missing`;
  if (seq !== 0) return "the journal does not begin at its first operation";
  return later && checkHash(later, chainStart);
}

const notAtEnd = "the journal does not end where the counters say";
const missing = (found: number, expected: number): string =>
  found > expected ? notAtEnd : `transaction ${expected} is missing`;

/** `sealed` is filled in by stepBack where the operations are there. */
function checkHash(row: SealedRow, previous: Uint8Array): string | undefined {
  const sealed = { header: row, operations: row.sealed!, digest: row.digest };
  if (same(row.hash, chainHash(previous, sealed))) return undefined;
  return `the hash chain breaks at transaction ${row.tx}: its operations, versions or attribution were changed`;
}

function stepBack(connection: Connection, row: SealedRow, branches: Map<number, Past>): string | undefined {
  const detail = parseDetail(row.detail);
  if (!detail) return `the detail of transaction ${row.tx} is not readable`;
  if ((detail.plan ?? null) !== row.plan) return `the plan of transaction ${row.tx} was changed`;
  const branch = branches.get(row.branch);
  if (!branch) {
    const isSealed = row.ops === null && row.sealed !== null;
    return isSealed ? undefined : `transaction ${row.tx} belongs to no branch`;
  }
  const fault = row.kind === "explore" ? stepBeforeFork(detail, { branch, branches }) : undefined;
  if (fault !== undefined) return fault;
  if (row.operations > 0 && branch.expected.splice(0).some((seq) => seq !== row.last_seq)) {
    return `branch ${branch.branch}, or one over it, does not begin and end where the journal says`;
  }
  return row.ops === null ? stepOverDropped(row, branch) : stepOver(connection, row, branch);
}

/** The child is left behind: now its parent is what it was laid over. */
function stepBeforeFork(
  detail: TransactionDetail,
  { branch, branches }: { branch: Past; branches: Map<number, Past> },
): string | undefined {
  const child = branches.get(Number(detail.branch));
  if (!child) return undefined;
  if (child.name !== detail.name || child.parent !== branch.branch) {
    return `branch ${child.branch} is not the one that was laid over ${branch.branch}`;
  }
  child.start = branch.digests.stored();
  branch.expected.push(child.base);
  return undefined;
}

/** Operations go oldest first, so the newest dropped ones left the state that the walk has come back to. */
function stepOverDropped(row: SealedRow, branch: Past): string | undefined {
  if (row.sealed === null || row.last_seq > branch.horizon) {
    return `the operations of transaction ${row.tx} are missing`;
  }
  if (branch.isDropped) return undefined;
  if (!same(row.digest, branch.digests.total())) return unfitting(row);
  if (row.operations === 0) return undefined;
  branch.isDropped = true;
  return row.last_seq === branch.horizon ? undefined : wrongHorizon(branch);
}

function stepOver(connection: Connection, row: SealedRow, branch: Past): string | undefined {
  const operations = unpackOperations(row.ops!, row.operations, row.last_seq - row.operations + 1);
  if (!operations) return `transaction ${row.tx} does not hold the operations it counts`;
  if (!same(row.digest, branch.digests.total())) return unfitting(row);
  const [written, left] = [new StateDigest(), new StateDigest()];
  const after = branch.digests.stored();
  const fault = takeOff(connection, operations, { branch, written, left });
  row.sealed = sealOf(row.ops!, written.bytes());
  const delta = packDelta(left.bytes(), branch.digests.stored(), after);
  row.isDeltaWrong = row.delta !== null && !same(row.delta, delta);
  return fault;
}

const unfitting = ({ tx }: SealedRow): string =>
  `the digest of transaction ${tx} does not fit the heads after it`;
const wrongHorizon = ({ branch }: Past): string =>
  `the journal of branch ${branch} was not dropped as far as the branch says`;

function takeOff(
  connection: Connection,
  operations: Operations,
  { branch, written, left }: { branch: Past; written: StateDigest; left: StateDigest },
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
      if (own && vid === from) left.add(own);
      if (own && from !== to) vid === to ? digest.subtract(own) : digest.add(own);
    }
    head.vid = from;
    head.seq = operations.previous[i]!;
  }
  return undefined;
}

/** They follow from the operations, so what is wrong with those is said first. */
const checkDeltas = ([newest]: readonly number[]): string | undefined =>
  newest === undefined ? undefined : `the delta of transaction ${newest} does not fit its operations`;

/** What is left once all kept operations are taken off is nothing, or the state at the horizon or the fork. */
function checkBeginnings(branches: Map<number, Past>): string | undefined {
  for (const { branch, parent, base, horizon, heads, digests, start, expected } of branches.values()) {
    for (const [kid, { vid, seq }] of heads) {
      if (seq > horizon) return `the head of key ${kid} is not what the journal says`;
      if (parent === null && horizon === 0 && vid)
        return `key ${kid} had a version before the journal begins`;
    }
    if (!start || (parent === null && base !== 0)) return `branch ${branch} does not begin anywhere`;
    if (expected.some((seq) => seq !== base))
      return `branch ${branch}, or one over it, does not begin and end where the journal says`;
    if (horizon === 0 && !same(digests.stored(), start)) return "the digest does not fit the heads";
  }
  for (const past of branches.values()) if (past.isDropped !== past.horizon > 0) return wrongHorizon(past);
  return undefined;
}

/** The digest of a branch over another is the sum over what is seen from it. */
function checkOverlays(connection: Connection, branches: Map<number, Past>): string | undefined {
  const version = connection.sql("SELECT leaf FROM version WHERE vid = ?");
  for (const { branch, parent, digest } of branches.values()) {
    if (parent === null) continue;
    const view = new BranchView(connection, branch);
    const sums = new KindDigests(new Uint8Array(0), kindCount);
    for (let kind = 1; kind <= kindCount; kind++) {
      for (const vid of view.live(kindOf(kind)).values())
        sums.of(kind).add(version.one<{ leaf: Uint8Array }>(vid).leaf);
    }
    if (!same(sums.stored(), new KindDigests(digest, kindCount).stored()))
      return `the digest of branch ${branch} does not fit what is seen from it`;
  }
  return undefined;
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
