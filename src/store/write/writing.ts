/**
 * A write transaction: the only code that changes knowledge. It is one SQLite transaction, so versions, heads,
 * postings and the journal's segment become visible and durable together or not at all. Begun by journal.ts.
 */

import { MomoError } from "../../errors.ts";
import { attribute } from "../../observe/conventions.ts";
import { span } from "../../observe/trace.ts";
import type { ScanRow } from "../contract/derived.ts";
import { kindNumber, mainBranch } from "../contract/kinds.ts";
import type { NewVersion, VersionKind } from "../contract/knowledge.ts";
import type { StoreReader } from "../contract/reader.ts";
import type { Author, Receipt, TransactionDetail } from "../contract/transaction.ts";
import type { Budget, Moves, Remembered, Stage, WriteTransaction } from "../contract/write.ts";
import type { BranchView } from "../heads/branch.ts";
import { type Found, findByNumber, findHead, isWhole, pointHeads } from "../heads/pointers.ts";
import type { TransactionRow } from "../journal/chain.ts";
import { leaf } from "../records/digest.ts";
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
import { Ledger } from "./ledger.ts";
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
  readonly #ledger: Ledger;
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
    this.#ledger = new Ledger(connection, this.#counter, context.view.record().digest);
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
      this.#point(key, found, { to, origin: version.origin });
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
      this.#point(key, found, {});
      return true;
    });
  }

  move(moves: Moves): void {
    this.#step(() => {
      const first = this.#counter.seq + 1;
      this.#ledger.move(moves);
      pointHeads(this.#connection, moves, { branch: this.#branch, first });
    });
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
        this.#ledger.digests(),
        seq,
        this.#branch,
        seq,
        // What has a greater number was made after this: a branch that is dropped takes along nothing older.
        JSON.stringify({ ...detail, made_after: this.#counter.vid }),
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
        if (found?.vid) this.#point(this.reader.journal.nameOf(kid), found, {});
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
    const named = this.#ledger.versionsLeft();
    return { connection: this.#connection, counter: this.#counter, named };
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
    return span("store.commit", { ...about, [attribute.dbBatchSize]: this.#ledger.operations }, () =>
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

  #point(key: string, from: Found, { to, origin }: { to?: NewHead; origin?: number | undefined }): void {
    const seq = this.#ledger.point(from, to, origin);
    this.#held.point(key, from, { to, seq });
  }

  /** Adds the transaction to the journal, unless there is nothing to remember. */
  #seal(): Receipt {
    const count = this.#ledger.operations;
    if (this.#branch !== mainBranch) this.#charge(count);
    const { request_id = null, kind = "write" } = this.#author;
    if (kind === "explore" && count > 0)
      throw new Error("what forks does not write: the fork begins after it");
    const isSaid = request_id !== null || (kind !== "write" && kind !== "index");
    if (count === 0 && !isSaid) return { transaction: 0, seq: 0, operations: 0 };
    const { origins } = this.#ledger;
    if (origins.length > 0) this.describe({ origins });
    const header = this.#header(count);
    this.#ledger.seal(header, { detail: this.#detail, reads: this.#reads });
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
      ...this.#ledger.counts,
      detail: this.#detail ? JSON.stringify(this.#detail) : null,
    };
  }
}

const overBudget = (what: string, most: number): MomoError =>
  new MomoError("EXPLORATION_BUDGET", { what, most });
