/**
 * A write transaction: the only code that changes knowledge. It is one SQLite transaction, so versions, heads,
 * postings and the journal's segment become visible and durable together or not at all. Begun by journal.ts.
 */

import { MomoError } from "../../errors.ts";
import { attribute } from "../../observe/conventions.ts";
import { span } from "../../observe/trace.ts";
import type { ScanRow } from "../contract/derived.ts";
import { kindCount, kindNumber, mainBranch } from "../contract/kinds.ts";
import type { NewVersion, VersionKind } from "../contract/knowledge.ts";
import type { StoreReader } from "../contract/reader.ts";
import type { Author, Receipt, TransactionDetail } from "../contract/transaction.ts";
import type { Budget, Moves, Remembered, Stage, WriteTransaction } from "../contract/write.ts";
import type { BranchView } from "../heads/branch.ts";
import { type Found, findByNumber, findHead, isWhole, leavesOf, pointHeads } from "../heads/pointers.ts";
import {
  chainHash,
  chainStart,
  OperationPack,
  sealOf,
  type TransactionRow,
  unpackOperations,
} from "../journal/chain.ts";
import { packDelta, reversedDelta } from "../journal/delta.ts";
import { insertTransaction } from "../journal/insert.ts";
import { KindDigests, leaf, StateDigest } from "../records/digest.ts";
import {
  type Collected,
  type Collecting,
  compactJournal,
  dropBranch,
  eraseContent,
} from "../retain/collect.ts";
import {
  addSection,
  addSegment,
  dropSections,
  dropSegments,
  forgetScan,
  recordScan,
} from "../segments/beside.ts";
import type { Connection } from "../sqlite/connection.ts";
import type { Held, NewHead } from "./held.ts";
import { hashOf, sizeOf } from "./new-version.ts";
import { rememberRequest } from "./requests.ts";
import { adoptStage } from "./stage.ts";

export interface WritingContext {
  view: BranchView;
  /** Over the same connection: sees what this transaction wrote. */
  reader: StoreReader;
  held: Held;
  budget: Budget | undefined;
  clock: () => Date;
  /** Forgets what was read of it: numbers of packs come again. */
  onAbort: () => void;
}

/** The last number given out of each sort. Kept in the file, so that none comes back when its row is collected. */
interface Counter {
  tx: number;
  seq: number;
  kid: number;
  vid: number;
  segment: number;
  pack: number;
  branch: number;
}

/** Operations that follow each other and were made first by one transaction of another branch. */
type Origin = [first: number, last: number, transaction: number];

export class Writing implements WriteTransaction {
  readonly repeated = undefined;
  readonly reader: StoreReader;
  readonly at: string;
  readonly #connection: Connection;
  readonly #author: Author;
  readonly #context: WritingContext;
  readonly #branch: number;
  readonly #counter: Counter;
  readonly #held: Held;
  readonly #digests: KindDigests;
  /** The stored digests of the branch as it was. */
  readonly #before: Uint8Array;
  /** Sums over the versions that operations lead to, and that they move from. */
  readonly #written = new StateDigest();
  readonly #left = new StateDigest();
  readonly #operations = new OperationPack();
  readonly #counts = { created: 0, updated: 0, removed: 0 };
  readonly #origins: Origin[] = [];
  #detail: TransactionDetail | undefined;
  #reads: Map<number, boolean> | undefined;
  /** Of the bodies and texts that were put. */
  #bytes = 0;
  #isOver = false;

  constructor(connection: Connection, author: Author, context: WritingContext) {
    this.#connection = connection;
    this.#author = author;
    this.#context = context;
    this.reader = context.reader;
    this.at = context.clock().toISOString();
    this.#branch = context.view.branch;
    this.#counter = connection.sql("SELECT * FROM counter").one<Counter>();
    this.#before = context.view.record().digest;
    this.#digests = new KindDigests(this.#before, kindCount);
    this.#held = context.held;
    connection.beforeEach(() => {
      if (this.#held.waits) this.#hold(() => this.#held.store());
    });
  }

  put(version: NewVersion): { vid: number; changed: boolean } {
    const { key, kind } = version;
    return this.#hold(() => {
      const number = kindNumber(kind);
      const known = this.#find(number, key);
      const own = leaf(key, hashOf(version));
      if (known?.leaf && Buffer.compare(known.leaf, own) === 0 && this.#isWhole(known.vid))
        return { vid: known.vid, changed: false };
      const found = known ?? this.#newKey(number, key);
      // Always a new version, even of content that an older one has: that one's postings may have been dropped.
      const to = { vid: ++this.#counter.vid, leaf: own };
      this.#bytes += sizeOf(version);
      this.#held.addVersion(found.kid, to, version);
      this.#point(key, found, to);
      if (version.origin) this.#addOrigin(this.#counter.seq, version.origin);
      return { vid: to.vid, changed: true };
    });
  }

  addPack(bytes: Uint8Array): number {
    return this.#step(() => {
      this.#sql("INSERT INTO pack VALUES (?, ?)").run(++this.#counter.pack, bytes);
      return this.#counter.pack;
    });
  }

  remove(kind: VersionKind, key: string): boolean {
    return this.#hold(() => {
      const found = this.#find(kindNumber(kind), key);
      if (!found?.vid) return false;
      this.#point(key, found, undefined);
      return true;
    });
  }

  move(moves: Moves): void {
    this.#step(() => {
      const { kid, from, to, previous } = moves;
      this.#followMoves(moves);
      const first = this.#counter.seq + 1;
      for (let i = 0; i < kid.length; i++) {
        const [before, after] = [from[i]!, to[i]!];
        if (before !== after) this.#count(before, after);
        const seq = ++this.#counter.seq;
        this.#operations.add(kid[i]!, before, after, previous[i] && seq - previous[i]!);
        if (moves.origin?.[i]) this.#addOrigin(seq, moves.origin[i]);
      }
      pointHeads(this.#connection, moves, { branch: this.#branch, first });
    });
  }

  /** The digests, from what a whole transaction did where the moves reverse it, and from the leaves otherwise. */
  #followMoves(moves: Moves): void {
    const reversed = reversedDelta(this.#connection, moves);
    if (reversed) {
      this.#written.add(reversed.left);
      this.#left.add(reversed.left);
      for (const { kind, sum } of reversed.kinds) {
        this.#digests.of(kind).subtract(sum);
        this.#left.add(sum);
      }
      return;
    }
    const { kind, from, to } = moves;
    const leaves = leavesOf(this.#connection, from, to);
    const leafOf = (vid: number): Uint8Array => {
      const found = leaves.get(vid);
      if (found) return found;
      throw new Error(`version ${vid} does not exist`);
    };
    for (let i = 0; i < kind.length; i++) {
      const before = from[i] ? leafOf(from[i]!) : null;
      this.#follow(kind[i]!, before, to[i] ? leafOf(to[i]!) : undefined);
    }
  }

  /** A head of the kind goes from one leaf to another. */
  #follow(kind: number, from: Uint8Array | null, to: Uint8Array | undefined): void {
    const digest = this.#digests.of(kind);
    if (from) {
      digest.subtract(from);
      this.#left.add(from);
    }
    if (to) {
      digest.add(to);
      this.#written.add(to);
    }
  }

  #addOrigin(seq: number, transaction: number): void {
    const open = this.#origins.at(-1);
    if (open && open[1] === seq - 1 && open[2] === transaction) open[1] = seq;
    else this.#origins.push([seq, seq, transaction]);
  }

  describe(detail: TransactionDetail): void {
    this.#detail = { ...this.#detail, ...detail };
  }

  read(vid: number, strength: "declared" | "weak"): void {
    this.#reads ??= new Map();
    this.#reads.set(vid, strength === "declared" || this.#reads.get(vid) === true);
  }

  fork(name: string, detail: Record<string, unknown>): number {
    return this.#step(() => {
      if (this.#author.kind !== "explore") throw new Error("only a transaction of kind explore forks");
      const branch = ++this.#counter.branch;
      const { seq } = this.#context.view.record();
      this.#sql("INSERT INTO branch VALUES (?, ?, ?, ?, ?, ?, 0, ?)").run(
        branch,
        name,
        this.#digests.stored(),
        seq,
        this.#branch,
        seq,
        JSON.stringify(detail),
      );
      this.describe({ name, branch });
      return branch;
    });
  }

  drop(branch: number): void {
    this.#step(() => {
      if (branch === this.#branch) throw new Error("a branch is dropped by its parent");
      dropBranch(this.#collecting(), branch);
    });
  }

  compact(horizon: number): Collected {
    return this.#step(() => {
      this.#onMain("compacts");
      return compactJournal(this.#collecting(), horizon);
    });
  }

  erase(kids: Iterable<number>): number {
    return this.#step(() => {
      this.#onMain("erases");
      const vids: number[] = [];
      const versions = this.#sql("SELECT vid FROM version WHERE kid = ? AND erased IS NULL");
      for (const kid of kids) {
        const found = findByNumber(this.#connection, this.#context.view, kid);
        if (found?.vid) this.#point(this.reader.journal.nameOf(kid), found, undefined);
        for (const { vid } of versions.all<{ vid: number }>(kid)) vids.push(vid);
      }
      this.#held.store();
      eraseContent(this.#collecting(), vids);
      return vids.length;
    });
  }

  #onMain(does: string): void {
    if (this.#branch !== mainBranch) throw new Error(`only main ${does}: it changes what every branch sees`);
  }

  #collecting(): Collecting {
    const { count } = this.#operations;
    const { from } = unpackOperations(this.#operations.bytes(), count, this.#counter.seq - count + 1)!;
    return { connection: this.#connection, counter: this.#counter, named: new Set(from) };
  }

  addSegment(sections: Record<string, Uint8Array>, vids: Float64Array): number {
    return this.#step(() => {
      const segment = ++this.#counter.segment;
      addSegment(this.#connection, { segment, sections, vids });
      return segment;
    });
  }

  adopt({ stage }: Stage, vids: ReadonlyMap<number, Float64Array>): void {
    this.#step(() => adoptStage(this.#connection, stage, vids));
  }

  addSection(segment: number, name: string, bytes: Uint8Array): void {
    this.#step(() => addSection(this.#connection, { segment, name, bytes }));
  }

  dropSections(name: string): void {
    this.#step(() => dropSections(this.#connection, name));
  }

  dropSegments(ids: number[]): void {
    this.#step(() => dropSegments(this.#connection, ids));
  }

  recordScan(rows: Iterable<ScanRow>): void {
    this.#step(() => recordScan(this.#connection, rows));
  }

  forgetScan(paths: Iterable<string>): void {
    this.#step(() => forgetScan(this.#connection, paths));
  }

  setMeta(name: string, value: string): void {
    this.#step(() => this.#sql("INSERT OR REPLACE INTO meta VALUES (?, ?)").run(name, value));
  }

  commit(remembered: Remembered = {}): Receipt {
    const about = { [attribute.dbSystem]: "sqlite", [attribute.dbOperation]: "COMMIT" };
    return span("store.commit", { ...about, [attribute.dbBatchSize]: this.#operations.count }, () =>
      this.#step(() => this.#commit(remembered)),
    );
  }

  #commit(remembered: Remembered): Receipt {
    const receipt = this.#seal();
    if (this.#author.request_id !== undefined) {
      const request = { branch: this.#branch, author: this.#author, tx: receipt.transaction };
      rememberRequest(this.#connection, request, remembered);
    }
    const { tx, seq, kid, vid, segment, pack, branch } = this.#counter;
    this.#sql("UPDATE counter SET tx = ?, seq = ?, kid = ?, vid = ?, segment = ?, pack = ?, branch = ?").run(
      tx,
      seq,
      kid,
      vid,
      segment,
      pack,
      branch,
    );
    this.#connection.exec("COMMIT");
    this.#end();
    return receipt;
  }

  /** Does nothing when the transaction is over. */
  abort(): void {
    if (this.#isOver) return;
    this.#end();
    // SQLite has rolled back by itself where a full disk left it no choice.
    if (this.#connection.inTransaction) this.#connection.exec("ROLLBACK");
    this.#context.onAbort();
  }

  #end(): void {
    this.#isOver = true;
    this.#connection.beforeEach(undefined);
  }

  /** On tables that hold all that was put and removed. */
  #step<T>(work: () => T): T {
    return this.#hold(() => {
      this.#held.store();
      const done = work();
      this.#held.store();
      return done;
    });
  }

  /** An error ends the transaction: what half of a change left behind can never be committed. */
  #hold<T>(work: () => T): T {
    if (this.#isOver) throw new Error("this transaction is over");
    try {
      return work();
    } catch (error) {
      this.abort();
      throw error;
    }
  }

  #sql(text: string) {
    return this.#connection.sql(text);
  }

  /** A key that waits already is stored first: it is held once. */
  #find(kind: number, key: string): Found | undefined {
    if (this.#held.isFull || this.#held.find(kind, key)) this.#held.store();
    return this.#held.aside(() => findHead(this.#connection, this.#context.view, { kind, key }));
  }

  #isWhole(vid: number): boolean {
    return this.#held.aside(() => isWhole(this.#connection, vid));
  }

  #newKey(kind: number, key: string): Found {
    const found = { kid: ++this.#counter.kid, kind, vid: 0, seq: 0, leaf: null };
    this.#held.addKey(found, key);
    return found;
  }

  #point(key: string, from: Found, to: NewHead | undefined): void {
    this.#follow(from.kind, from.leaf, to?.leaf);
    const seq = ++this.#counter.seq;
    const vid = to?.vid ?? 0;
    this.#operations.add(from.kid, from.vid, vid, from.seq && seq - from.seq);
    this.#held.point(key, from, { to, seq });
    this.#count(from.vid, vid);
  }

  #count(from: number, to: number): void {
    if (to === 0) this.#counts.removed++;
    else if (from) this.#counts.updated++;
    else this.#counts.created++;
  }

  /** Adds the transaction to the journal, unless there is nothing to remember. */
  #seal(): Receipt {
    const { count } = this.#operations;
    if (this.#branch !== mainBranch) this.#charge(count);
    const { request_id = null, kind = "write" } = this.#author;
    if (kind === "explore" && count > 0)
      throw new Error("what forks does not write: the fork begins after it");
    const isSaid = request_id !== null || (kind !== "write" && kind !== "index");
    if (count === 0 && !isSaid) return { transaction: 0, seq: 0, operations: 0 };
    const last = this.#sql("SELECT hash FROM tx WHERE tx = ?");
    const previous =
      this.#counter.tx > 0 ? last.one<{ hash: Uint8Array }>(this.#counter.tx).hash : chainStart;
    if (this.#origins.length > 0) this.describe({ origins: this.#origins });
    const header = this.#header(count);
    const packed = this.#operations.bytes();
    const sealed = {
      header,
      operations: sealOf(packed, this.#written.bytes()),
      digest: this.#digests.total(),
    };
    const digests = this.#digests.stored();
    insertTransaction(this.#connection, {
      sealed,
      operations: packed,
      delta: packDelta(this.#left.bytes(), this.#before, digests),
      hash: chainHash(previous, sealed),
      digests,
      detail: this.#detail,
      reads: this.#reads,
    });
    return { transaction: header.tx, seq: count > 0 ? header.last_seq : 0, operations: count };
  }

  /** A branch says what was written on it, and has a limit. */
  #charge(count: number): void {
    const { budget } = this.#context;
    if (this.#bytes > 0) this.describe({ bytes: this.#bytes });
    if (budget === undefined) return;
    const used = this.reader.journal.written();
    const [operations, bytes] = [used.operations + count, used.bytes + this.#bytes];
    if (operations > budget.operations) throw overBudget("operations", budget.operations);
    if (bytes > budget.bytes) throw overBudget("bytes", budget.bytes);
  }

  #header(count: number): TransactionRow {
    const { agent, session = null, principal = null, request_id = null, intent = null } = this.#author;
    return {
      tx: ++this.#counter.tx,
      branch: this.#branch,
      kind: this.#author.kind ?? "write",
      at: Date.parse(this.at),
      agent,
      session,
      principal,
      request_id,
      intent,
      last_seq: this.#counter.seq,
      operations: count,
      ...this.#counts,
      detail: this.#detail ? JSON.stringify(this.#detail) : null,
    };
  }
}

const overBudget = (what: string, most: number): MomoError =>
  new MomoError("EXPLORATION_BUDGET", { what, most });
