/**
 * The journal by numbers instead of names: which transaction wrote what, what came after, who read it. What planning a
 * rollback reads; history.ts turns the same into what people see. Lives as long as the store it belongs to.
 */
import { MomoError } from "../../errors.ts";
import type {
  Authorship,
  ChainLink,
  JournalTransaction,
  JournalView,
  Operations,
  OverlayHead,
  Pointers,
  ReadVersion,
  TransactionFilter,
  UndoneRange,
  VersionRead,
} from "../contract/journal.ts";
import { kindCount, kindNumber, kindOf, mainBranch } from "../contract/kinds.ts";
import type { VersionKind } from "../contract/knowledge.ts";
import type { SeqRange, TransactionKind } from "../contract/transaction.ts";
import type { BranchView } from "../heads/branch.ts";
import { placesOf, spanOf } from "../heads/dense.ts";
import type { Connection } from "../sqlite/connection.ts";
import { type TransactionRow, transactionColumns } from "./chain.ts";
import { entryEnds, relationsAt } from "./ends.ts";
import { conditions } from "./filter.ts";
import { keysAbout, keysBelow } from "./keys-about.ts";
import { readOperations, readTransaction } from "./rows.ts";
import { undoneBetween } from "./undone.ts";

/** Transactions that are kept, and those whose operations are kept unpacked. */
const KEPT = 64;

export class JournalReader implements JournalView {
  readonly #connection: Connection;
  readonly #view: BranchView;
  /** What is committed does not change, but compaction drops operations: those before the horizon do not count. */
  readonly #unpacked = new Map<number, Operations>();
  /** Found by an operation, the last one first: what a large undo says of itself is not read again for each key that it moved. */
  readonly #found: JournalTransaction[] = [];

  /** What was said by kind, while the same state is read. */
  readonly #said = new Map<TransactionKind, JournalTransaction[]>();
  #saidIn = 0;

  constructor(connection: Connection, view: BranchView) {
    this.#connection = connection;
    this.#view = view;
  }

  #read(row: TransactionRow): JournalTransaction {
    return readTransaction(this.#connection, row);
  }

  /** Transactions of this branch with operations, oldest first. */
  select(filter: TransactionFilter): JournalTransaction[] {
    const { where, values } = conditions(filter);
    const rows = this.#connection.sql(
      `SELECT ${transactionColumns} FROM tx WHERE branch = ? AND operations > 0 ${where} ORDER BY tx.tx LIMIT ?`,
    );
    return rows
      .all<TransactionRow>(this.#view.branch, ...values, filter.limit ?? -1)
      .map((row) => this.#read(row));
  }

  /** The same, newest first, read as far as they are asked for. */
  *newest(filter: TransactionFilter): Generator<JournalTransaction> {
    const { where, values } = conditions(filter);
    const rows = this.#connection.sql(
      `SELECT ${transactionColumns} FROM tx WHERE branch = ? AND operations > 0 ${where} ORDER BY tx.tx DESC`,
    );
    for (const row of rows.each<TransactionRow>(this.#view.branch, ...values)) yield this.#read(row);
  }

  /** Transactions of a kind on this branch, with or without operations, oldest first. */
  said(kind: TransactionKind): JournalTransaction[] {
    const { epoch } = this.#connection;
    if (epoch !== this.#saidIn) this.#said.clear();
    this.#saidIn = epoch;
    const known = epoch > 0 ? this.#said.get(kind) : undefined;
    if (known) return known;
    const found = this.#readSaid(kind);
    this.#said.set(kind, found);
    return found;
  }

  #readSaid(kind: TransactionKind): JournalTransaction[] {
    const rows = this.#connection.sql(
      `SELECT ${transactionColumns} FROM tx WHERE kind = ? AND kind NOT IN ('write', 'index') AND branch = ? ORDER BY tx.tx`,
    );
    return rows.all<TransactionRow>(kind, this.#view.branch).map((row) => this.#read(row));
  }

  /** Whether something that was written can no longer be restored. */
  hasLosses(): boolean {
    return this.said("erase").length > 0 || this.horizon() > 0;
  }

  /** The transaction that an operation belongs to. */
  at(seq: number): JournalTransaction {
    const at = this.#found.findIndex(({ first, last }) => first <= seq && seq <= last);
    return this.#keep(at < 0 ? this.#find(seq) : this.#found.splice(at, 1)[0]!);
  }

  #find(seq: number): JournalTransaction {
    const row = this.#connection.sql(
      `SELECT ${transactionColumns} FROM tx WHERE last_seq >= ? AND operations > 0 ORDER BY last_seq, tx LIMIT 1`,
    );
    return this.#read(row.one<TransactionRow>(seq));
  }

  #keep(found: JournalTransaction): JournalTransaction {
    this.#found.unshift(found);
    if (this.#found.length > KEPT) this.#found.pop();
    return found;
  }

  operations(transaction: JournalTransaction): Operations {
    const { transaction: tx, first, last } = transaction;
    const known = this.#unpacked.get(tx);
    if (known && last > this.horizon()) return known;
    const row = this.#connection.sql("SELECT ops FROM journal WHERE tx = ?");
    const { ops } = row.one<{ ops: Uint8Array | null }>(tx);
    if (ops === null) throw new MomoError("BEYOND_HORIZON", { transaction: tx });
    const stored = { tx, last_seq: last, operations: last - first + 1, ops };
    const unpacked = readOperations(this.#connection, stored);
    if (this.#unpacked.size >= KEPT) this.#unpacked.delete(this.#unpacked.keys().next().value!);
    this.#unpacked.set(tx, unpacked);
    return unpacked;
  }

  authors(transaction: JournalTransaction): Authorship[] {
    const { first, last, detail, agent, session } = transaction;
    const own = { transaction: transaction.transaction, agent, session };
    const found: Authorship[] = [];
    let next = first;
    for (const [from, to, number] of detail.origins ?? []) {
      if (from > next) found.push({ first: next, last: from - 1, ...own });
      const origin = this.transaction(number);
      const by = origin && { transaction: number, agent: origin.agent, session: origin.session };
      found.push({ first: from, last: to, ...(by ?? own) });
      next = to + 1;
    }
    if (next <= last) found.push({ first: next, last, ...own });
    return found;
  }

  lastBefore(time: number): number {
    const row = this.#connection
      .sql(
        `SELECT last_seq - operations AS before FROM tx
         WHERE branch = ? AND operations > 0 AND at > ? ORDER BY tx LIMIT 1`,
      )
      .get<{ before: number }>(this.#view.branch, time);
    return row ? row.before : this.#view.record().seq;
  }

  /** False once its operations were dropped: it can be read about, but not taken back. */
  isKept({ transaction }: JournalTransaction): boolean {
    return (
      this.#connection
        .sql("SELECT 1 AS kept FROM journal WHERE tx = ? AND ops IS NOT NULL")
        .get(transaction) !== undefined
    );
  }

  /** Operations on a key in this branch, newest first; ends where the journal was compacted. */
  *chain(kid: number, kind: number): Generator<ChainLink> {
    let seq = this.#view.find(kind, kid)?.seq ?? 0;
    const horizon = this.horizon();
    while (seq > horizon) {
      const transaction = this.at(seq);
      const { from, to, previous } = this.operations(transaction);
      const i = seq - transaction.first;
      const before = previous[i]!;
      yield {
        seq,
        from: from[i]!,
        to: to[i]!,
        previous: before,
        transaction,
        writes: seq >= transaction.writes,
      };
      seq = before;
    }
  }

  /** Operations up to this one were dropped. */
  horizon(): number {
    return this.#view.record().horizon;
  }

  /** Writes that do not count now. */
  undone([first, last]: SeqRange): UndoneRange[] {
    return undoneBetween(this.#connection, first, last);
  }

  pointers(kids: Float64Array): Pointers {
    const kind = new Uint8Array(kids.length);
    const vid = new Float64Array(kids.length);
    const seq = new Float64Array(kids.length);
    if (this.#view.branch === mainBranch) {
      const dense = this.#densePointers(kids);
      if (dense) return dense;
      const rows = this.#connection
        .sql(
          `SELECT k.kind, h.vid, h.seq FROM json_each(?) asked JOIN key k ON k.kid = asked.value
           LEFT JOIN head h ON h.branch = ${mainBranch} AND h.kind = k.kind AND h.kid = k.kid ORDER BY asked.key`,
        )
        .columns<[kind: number, vid: number | null, seq: number | null]>(listOf(kids));
      rows.forEach((row, i) => {
        kind[i] = row[0];
        vid[i] = row[1] ?? 0;
        seq[i] = row[2] ?? 0;
      });
      return { kind, vid, seq };
    }
    const kinds = this.#connection.sql("SELECT kind FROM key WHERE kid = ?");
    for (let i = 0; i < kids.length; i++) {
      kind[i] = kinds.one<{ kind: number }>(kids[i]!).kind;
      const found = this.#view.find(kind[i]!, kids[i]!);
      vid[i] = found?.vid ?? 0;
      seq[i] = found?.seq ?? 0;
    }
    return { kind, vid, seq };
  }

  /** undefined where they lie too far apart, or main has no head of one. */
  #densePointers(kids: Float64Array): Pointers | undefined {
    const span = spanOf(kids);
    if (!span) return undefined;
    const places = placesOf(kids, span);
    const found = {
      kind: new Uint8Array(kids.length),
      vid: new Float64Array(kids.length),
      seq: new Float64Array(kids.length),
    };
    const rows = this.#connection.sql(
      `SELECT kid, vid, seq FROM head WHERE branch = ${mainBranch} AND kind = ? AND kid BETWEEN ? AND ?`,
    );
    let count = 0;
    // Most often all are of the kind of the first one.
    const first = this.#connection.sql("SELECT kind FROM key WHERE kid = ?").get<{ kind: number }>(kids[0]!);
    const kinds = Array.from({ length: kindCount }, (_, i) => ((i + (first?.kind ?? 1) - 1) % kindCount) + 1);
    for (const kind of kinds) {
      if (count === kids.length) break;
      for (const row of rows.columns<[kid: number, vid: number, seq: number]>(kind, span.low, span.high)) {
        const i = places[row[0] - span.low]!;
        if (i < 0) continue;
        [found.kind[i], found.vid[i], found.seq[i]] = [kind, row[1], row[2]];
        count++;
      }
    }
    return count === kids.length ? found : undefined;
  }

  /** Heads that were moved on this branch, whether or not they came back. */
  overlay(): OverlayHead[] {
    const rows = this.#connection.sql(
      "SELECT kid, kind, vid, seq FROM head WHERE branch = ? ORDER BY kind, kid",
    );
    return rows
      .all<Omit<OverlayHead, "base">>(this.#view.branch)
      .map((row) => ({ ...row, base: this.#view.beneath(row.kind, row.kid) }));
  }

  /** What was written on this branch: used against a budget. */
  written(): { transactions: number; operations: number; bytes: number } {
    const row = this.#connection.sql(
      `SELECT count(*) AS transactions, coalesce(sum(operations), 0) AS operations,
         coalesce(sum(json_extract(detail, '$.bytes')), 0) AS bytes FROM tx WHERE branch = ? AND branch <> 1`,
    );
    return row.one(this.#view.branch);
  }

  /** Versions that transactions of this branch said they read. */
  reads(): { vid: number; declared: boolean }[] {
    const rows = this.#connection.sql(
      `SELECT r.vid, max(r.declared) AS declared FROM tx JOIN read r USING (tx)
       WHERE tx.branch = ? AND tx.branch <> 1 GROUP BY r.vid`,
    );
    return rows
      .all<{ vid: number; declared: number }>(this.#view.branch)
      .map(({ vid, declared }) => ({ vid, declared: declared === 1 }));
  }

  nameOf(kid: number): string {
    return this.#connection.sql("SELECT name FROM key WHERE kid = ?").one<{ name: string }>(kid).name;
  }

  kidOf(name: string, kind?: VersionKind): { kid: number; kind: VersionKind } | undefined {
    const rows = this.#connection
      .sql(
        `SELECT kid, kind FROM key WHERE name = ?1
         AND CASE WHEN ?2 IS NULL THEN kind <> ${kindNumber("alias")} ELSE kind = ?2 END ORDER BY kind`,
      )
      .all<{ kid: number; kind: number }>(name, kind === undefined ? null : kindNumber(kind));
    const found = rows.find(({ kid, kind: own }) => this.#view.find(own, kid)?.vid) ?? rows[0];
    return found && { kid: found.kid, kind: kindOf(found.kind) };
  }

  kidsAbout(id: string, { isTaken = false } = {}): Set<number> {
    return keysAbout(this.#connection, id, isTaken);
  }

  kidsBelow(prefix: string): Set<number> {
    return keysBelow(this.#connection, prefix);
  }

  /** undefined when the version is gone: collected after compaction. */
  leaf(vid: number): Uint8Array | undefined {
    return this.#connection.sql("SELECT leaf FROM version WHERE vid = ?").get<{ leaf: Uint8Array }>(vid)
      ?.leaf;
  }

  /** The versions among these that cannot be restored: collected, or their content was erased. */
  gone(vids: Float64Array): Set<number> {
    const rows = this.#connection.sql(
      `SELECT asked.value AS vid FROM json_each(?) asked LEFT JOIN version v ON v.vid = asked.value
       WHERE v.vid IS NULL OR v.erased IS NOT NULL`,
    );
    return new Set(rows.all<{ vid: number }>(listOf(vids)).map(({ vid }) => vid));
  }

  /** Transactions that said they read one of these versions. */
  readers(vids: Float64Array): VersionRead[] {
    if (!this.#connection.sql("SELECT 1 AS any FROM read LIMIT 1").get()) return [];
    const rows = this.#connection.sql(
      `SELECT r.vid, r.tx AS "transaction", r.declared FROM json_each(?) asked JOIN read r ON r.vid = asked.value
       ORDER BY r.tx, r.vid`,
    );
    return rows
      .all<{ vid: number; transaction: number; declared: number }>(listOf(vids))
      .map((row) => ({ ...row, declared: row.declared === 1 }));
  }

  /** Versions that these transactions said they read. */
  readsOf(transactions: readonly number[]): ReadVersion[] {
    if (!this.#connection.sql("SELECT 1 AS any FROM read LIMIT 1").get()) return [];
    const rows = this.#connection.sql(
      `SELECT r.vid, r.tx AS "transaction", r.declared, ifnull(v.kid, 0) AS kid, ifnull(k.kind, 0) AS kind FROM json_each(?) asked
       JOIN read r ON r.tx = asked.value LEFT JOIN version v ON v.vid = r.vid LEFT JOIN key k USING (kid)
       ORDER BY r.tx, r.vid`,
    );
    return rows
      .all<Omit<ReadVersion, "declared"> & { declared: number }>(JSON.stringify(transactions))
      .map((row) => ({ ...row, declared: row.declared === 1 }));
  }

  /** Live relations that have one of these keys at an end, but for those that go anyway. */
  relationsAt(
    kids: Float64Array,
    goes: (kid: number) => boolean = () => false,
  ): { kid: number; vid: number; end: number }[] {
    return relationsAt({ connection: this.#connection, view: this.#view }, kids, goes);
  }

  /** The ends of relation versions that are entries, by number: `kid` is the relation's key, `end` the entry's. */
  entryEnds(vids: Float64Array): { kid: number; vid: number; end: number }[] {
    return entryEnds(this.#connection, vids);
  }

  endsOf(vid: number): { source: string; type: string; target: string } | undefined {
    return this.#connection.sql("SELECT source, type, target FROM edge WHERE vid = ?").get(vid);
  }

  transaction(number: number): JournalTransaction | undefined {
    const row = this.#connection.sql(`SELECT ${transactionColumns} FROM tx WHERE tx = ?`);
    const found = row.get<TransactionRow>(number);
    return found && this.#read(found);
  }

  /** The transaction that carried out a plan. */
  planned(plan: string): JournalTransaction | undefined {
    const row = this.#connection.sql(`SELECT ${transactionColumns} FROM tx WHERE plan = ?`);
    const found = row.get<TransactionRow>(plan);
    return found && this.#read(found);
  }
}

const listOf = (numbers: Float64Array): string => `[${numbers.join(",")}]`;
