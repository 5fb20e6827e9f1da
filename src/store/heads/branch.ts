/**
 * Where the heads of a branch point. A branch holds only what was moved on it; every other key is as its parent had
 * it at the fork. Used by reading.ts and writing.ts.
 */
import { MomoError } from "../../errors.ts";
import type { Operations } from "../contract/journal.ts";
import { kindNumber, mainBranch } from "../contract/kinds.ts";
import type { VersionKind } from "../contract/knowledge.ts";
import { operationColumns, readOperations, type StoredOperations } from "../journal/rows.ts";
import type { Connection } from "../sqlite/connection.ts";

export interface HeadPointer {
  vid: number;
  /** Sequence number of the last operation on the key in this branch; 0 when only its parent moved it. */
  seq: number;
}

/** As stored. */
export interface BranchRow {
  branch: number;
  name: string;
  /** One sum a kind: KindDigests. */
  digest: Uint8Array;
  seq: number;
  parent: number | null;
  base: number;
  horizon: number;
  detail: string | null;
}

/** Following keys back unpacks at most so many transactions a view; then reading all of them is cheaper. */
const MOST_FOLLOWED = 128;
/** Transactions that are kept unpacked: neighbouring keys were moved together. */
const KEPT = 4;

/** The views of one connection, kept because each remembers what keys were at the fork. */
export class BranchViews {
  readonly #connection: Connection;
  readonly #views = new Map<number, BranchView>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  of(branch: number): BranchView {
    const known = this.#views.get(branch);
    if (known) return known;
    const made = new BranchView(this.#connection, branch, this);
    this.#views.set(branch, made);
    return made;
  }

  /** After a transaction that was aborted: a branch that it made may have been looked at. */
  clear(): void {
    this.#views.clear();
  }
}

export class BranchView {
  readonly branch: number;
  readonly #connection: Connection;
  readonly #views: BranchViews;
  #known: { epoch: number; record: BranchRow } | undefined;
  /** Versions at the fork of keys that the parent moved since: those never change. */
  readonly #atFork = new Map<number, number>();
  /** The parent's journal was read up to here, from the fork on; undefined while keys are followed one by one. */
  #readUpTo: number | undefined;
  #followed = 0;
  readonly #unpacked: Operations[] = [];

  constructor(connection: Connection, branch: number, views = new BranchViews(connection)) {
    this.#connection = connection;
    this.branch = branch;
    this.#views = views;
  }

  /**
   * Its row, read once a snapshot or transaction: planning asks for the horizon with every operation. An exploration may
   * have been dropped meanwhile, by another process too.
   */
  record(): BranchRow {
    const { epoch } = this.#connection;
    if (epoch > 0 && this.#known?.epoch === epoch) return this.#known.record;
    const record = this.#connection.sql("SELECT * FROM branch WHERE branch = ?").get<BranchRow>(this.branch);
    if (record) {
      this.#known = { epoch, record };
      return record;
    }
    if (this.branch !== mainBranch) throw new MomoError("EXPLORATION_UNKNOWN", { name: this.branch });
    throw this.#damaged("its main branch is gone");
  }

  #damaged(reason: string): MomoError {
    return new MomoError("STORE_CORRUPT", { path: this.#connection.file, reason });
  }

  /** undefined when the key never had a head here; `vid` 0 when it was removed. */
  find(kind: number, kid: number): HeadPointer | undefined {
    const own = this.#connection.sql("SELECT vid, seq FROM head WHERE branch = ? AND kind = ? AND kid = ?");
    const row = own.get<HeadPointer>(this.branch, kind, kid);
    if (row || this.branch === mainBranch) return row;
    return this.#underneath(kind, kid);
  }

  /** Version that a key had where this branch begins; 0 for none. */
  beneath(kind: number, kid: number): number {
    return this.branch === mainBranch ? 0 : (this.#underneath(kind, kid)?.vid ?? 0);
  }

  #underneath(kind: number, kid: number): HeadPointer | undefined {
    const { base } = this.record();
    const head = this.#parentOf().find(kind, kid);
    return head && { vid: head.seq > base ? this.#versionAtFork(kid, head.seq) : head.vid, seq: 0 };
  }

  /** Version of every live key of a kind. */
  live(kind: VersionKind): Map<number, number> {
    const heads = this.#heads(kindNumber(kind));
    for (const [kid, vid] of heads) if (vid === 0) heads.delete(kid);
    return heads;
  }

  #heads(kind: number): Map<number, number> {
    const heads = this.branch === mainBranch ? new Map<number, number>() : this.#parentHeads(kind);
    const own = this.#connection.sql("SELECT kid, vid FROM head WHERE branch = ? AND kind = ?");
    for (const [kid, vid] of own.columns<[kid: number, vid: number]>(this.branch, kind)) heads.set(kid, vid);
    return heads;
  }

  #parentHeads(kind: number): Map<number, number> {
    const { base } = this.record();
    const parent = this.#parentOf();
    const heads = parent.#heads(kind);
    const moved = this.#connection.sql(
      "SELECT kid, seq FROM head WHERE branch = ? AND kind = ? AND seq > ? ORDER BY seq",
    );
    for (const [kid, seq] of moved.columns<[kid: number, seq: number]>(parent.branch, kind, base))
      heads.set(kid, this.#versionAtFork(kid, seq));
    return heads;
  }

  #parentOf(): BranchView {
    return this.#views.of(this.record().parent ?? mainBranch);
  }

  /** Of a key that the parent moved since; `seq` is the last operation on it there. */
  #versionAtFork(kid: number, seq: number): number {
    const known = this.#atFork.get(kid) ?? this.#follow(kid, seq);
    if (known !== undefined) return known;
    this.#readParent(seq);
    const read = this.#atFork.get(kid);
    if (read === undefined) throw this.#damaged(`operation ${seq} is not one on key ${kid}`);
    return read;
  }

  /** Back along the operations on the key; undefined where that takes too many. */
  #follow(kid: number, last: number): number | undefined {
    if (this.#readUpTo !== undefined) return undefined;
    const { base } = this.record();
    let vid = 0;
    for (let seq = last; seq > base; ) {
      const operations = this.#operationsAt(seq);
      if (!operations) return undefined;
      const i = seq - operations.first;
      if (operations.kid[i] !== kid) throw this.#damaged(`operation ${seq} is not one on key ${kid}`);
      vid = operations.from[i]!;
      seq = operations.previous[i]!;
    }
    this.#atFork.set(kid, vid);
    return vid;
  }

  /** Of the transaction that this operation belongs to; undefined once too many were asked for. */
  #operationsAt(seq: number): Operations | undefined {
    const known = this.#unpacked.find(({ first, count }) => first <= seq && seq < first + count);
    if (known) return known;
    if (this.#followed === MOST_FOLLOWED) return undefined;
    this.#followed++;
    const row = this.#connection.sql(
      `SELECT ${operationColumns} FROM tx JOIN journal USING (tx)
       WHERE tx.last_seq >= ? AND tx.operations > 0 ORDER BY tx.last_seq, tx.tx LIMIT 1`,
    );
    const found = row.get<StoredOperations>(seq);
    if (!found) throw uncommitted;
    const operations = readOperations(this.#connection, found);
    this.#unpacked.unshift(operations);
    if (this.#unpacked.length > KEPT) this.#unpacked.pop();
    return operations;
  }

  /** The journal of the parent since the fork, at least to this operation, and from where it was left. */
  #readParent(seq: number): void {
    const { base, parent } = this.record();
    const from = this.#readUpTo ?? base;
    if (seq <= from) return;
    const rows = this.#connection
      .sql(
        `SELECT ${operationColumns} FROM tx JOIN journal USING (tx)
         WHERE tx.last_seq > ? AND tx.branch = ? AND tx.operations > 0 ORDER BY tx.tx`,
      )
      .all<StoredOperations>(from, parent);
    for (const row of rows) {
      const operations = readOperations(this.#connection, row);
      operations.kid.forEach((kid, i) => {
        if (!this.#atFork.has(kid)) this.#atFork.set(kid, operations.from[i]!);
      });
      this.#readUpTo = row.last_seq;
    }
    this.#unpacked.length = 0;
    if ((this.#readUpTo ?? base) < seq) throw uncommitted;
  }
}

/** A mistake of the caller: what a transaction writes is in no journal before it is committed. */
const uncommitted = new Error("a branch is looked at before its parent is written in the same transaction");
