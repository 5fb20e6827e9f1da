/**
 * Where the heads of a branch point. A branch holds only what was moved on it; every other key is as its parent had
 * it at the fork. Used by reading.ts and writing.ts.
 */
import { MomoError } from "../../errors.ts";
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

/** The views of one connection, kept because each remembers what its parent moved since the fork. */
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

  /** After a transaction that was aborted: its operations may have been read. */
  clear(): void {
    this.#views.clear();
  }
}

export class BranchView {
  readonly branch: number;
  readonly #connection: Connection;
  readonly #views: BranchViews;
  #parent: BranchView | undefined;
  /** Keys that the parent moved since the fork, with the version each had at the fork. */
  readonly #before = new Map<number, number>();
  #seenParent = 0;

  constructor(connection: Connection, branch: number, views = new BranchViews(connection)) {
    this.#connection = connection;
    this.branch = branch;
    this.#views = views;
  }

  /** Its row; an exploration may have been dropped meanwhile, by another process too. */
  record(): BranchRow {
    const row = this.#connection.sql("SELECT * FROM branch WHERE branch = ?").get<BranchRow>(this.branch);
    if (row) return row;
    if (this.branch !== mainBranch) throw new MomoError("EXPLORATION_UNKNOWN", { name: this.branch });
    throw new MomoError("STORE_CORRUPT", { path: this.#connection.file, reason: "its main branch is gone" });
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
    const before = this.#parentChanges().get(kid);
    if (before !== undefined) return { vid: before, seq: 0 };
    const found = this.#parentOf().find(kind, kid);
    return found && { vid: found.vid, seq: 0 };
  }

  /** Version of every live key of a kind. */
  live(kind: VersionKind): Map<number, number> {
    const heads = this.#heads(kind);
    for (const [kid, vid] of heads) if (vid === 0) heads.delete(kid);
    return heads;
  }

  #heads(kind: VersionKind): Map<number, number> {
    const beneath = this.branch === mainBranch ? new Map<number, number>() : this.#parentHeads(kind);
    const own = this.#connection.sql("SELECT kid, vid FROM head WHERE branch = ? AND kind = ?");
    for (const { kid, vid } of own.all<{ kid: number; vid: number }>(this.branch, kindNumber(kind))) {
      beneath.set(kid, vid);
    }
    return beneath;
  }

  #parentHeads(kind: VersionKind): Map<number, number> {
    const heads = this.#parentOf().#heads(kind);
    for (const [kid, vid] of this.#parentChanges()) if (heads.has(kid)) heads.set(kid, vid);
    return heads;
  }

  #parentOf(): BranchView {
    if (this.#parent) return this.#parent;
    const { parent, base } = this.record();
    this.#parent = this.#views.of(parent ?? mainBranch);
    this.#seenParent = base;
    return this.#parent;
  }

  /** The journal of the parent since the fork, read once and then from where it was left. */
  #parentChanges(): Map<number, number> {
    const parent = this.#parentOf();
    const rows = this.#connection
      .sql(
        `SELECT ${operationColumns} FROM tx JOIN journal USING (tx)
         WHERE tx.last_seq > ? AND tx.branch = ? AND tx.operations > 0 ORDER BY tx.tx`,
      )
      .all<StoredOperations>(this.#seenParent, parent.branch);
    for (const row of rows) {
      const { kid, from } = readOperations(this.#connection, row);
      kid.forEach((own, i) => {
        if (!this.#before.has(own)) this.#before.set(own, from[i]!);
      });
      this.#seenParent = row.last_seq;
    }
    return this.#before;
  }
}
