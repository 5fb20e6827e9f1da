/**
 * Opens a knowledge base, and writes to it: the only file that changes knowledge. A transaction is one SQLite
 * transaction: versions, heads, postings and the journal's segment become visible and durable together or not at all.
 * Opened by momo.ts; reading is in reading.ts.
 */
import { MomoError } from "../errors.ts";
import { chainHash, chainStart, OperationPack, type Sealed } from "./chain.ts";
import { leaf, StateDigest } from "./digest.ts";
import { receiptOf } from "./history.ts";
import { kindNumber, kindOf, Reader } from "./reading.ts";
import type { Connection } from "./sqlite/connection.ts";
import { connect, type Durability } from "./sqlite/open.ts";
import { mainBranch } from "./sqlite/schema.ts";
import type {
  Attribution,
  Content,
  NewVersion,
  Receipt,
  ScanRow,
  Slice,
  Store,
  WriteTransaction,
} from "./store.ts";

export interface OpenStoreOptions {
  /** "write" makes what is missing, folder included. Several processes may open for writing; one at a time writes. */
  mode: "read" | "write";
  /** How long to wait for another process, milliseconds; default 5000. The wait blocks the thread. */
  wait_ms?: number;
  /** What a commit survives: a kill -9 ("process") or a loss of power too ("disk", the default). */
  durability?: Durability;
  clock?: () => Date;
}

/**
 * Reads on a store whose own transaction is open see its writes; other stores of the file see committed state only.
 * Raises STORE_MISSING, STORE_NEWER, STORE_FOREIGN, STORE_CORRUPT, STORE_READONLY, STORE_FULL, STORE_BUSY.
 */
export function openStore(file: string, options: OpenStoreOptions): Store {
  const { mode, wait_ms = 5000, durability = "disk", clock = () => new Date() } = options;
  const connection = connect(file, { mode, wait_ms, durability });
  return new Journal(connection, mode === "write" ? clock : undefined);
}

type Author = Attribution & { kind?: "write" | "index" };

/** The last number given out of each sort. Kept in the file, so that none comes back when its row is collected. */
interface Counter {
  tx: number;
  seq: number;
  kid: number;
  vid: number;
  segment: number;
  pack: number;
}

/** A key and its head: `vid` 0 after removal, null when it never had one here. */
interface Found {
  kid: number;
  kind: number;
  vid: number | null;
  hash: Uint8Array | null;
}

const findHead = `SELECT k.kid, k.kind, h.vid, v.hash FROM key k
  LEFT JOIN head h ON h.branch = ${mainBranch} AND h.kind = k.kind AND h.kid = k.kid
  LEFT JOIN version v ON v.vid = h.vid
  WHERE k.name = ?`;
const setHead = `INSERT OR REPLACE INTO head VALUES (${mainBranch}, ?, ?, ?, ?)`;

class Journal extends Reader implements Store {
  readonly #clock: (() => Date) | undefined;

  constructor(connection: Connection, clock: (() => Date) | undefined) {
    super(connection);
    this.#clock = clock;
  }

  get writable(): boolean {
    return this.#clock !== undefined;
  }

  begin(author: Author): WriteTransaction {
    const { connection } = this;
    if (this.#clock === undefined) throw new Error(`${this.path} was opened for reading`);
    if (connection.inTransaction)
      throw new Error("a transaction of this store is open: commit or abort it first");
    connection.exec("BEGIN IMMEDIATE");
    try {
      const { agent, request_id } = author;
      const before = request_id === undefined ? undefined : receiptOf(connection, agent, request_id);
      if (before === undefined)
        return new Writing(connection, author, { clock: this.#clock, onAbort: () => this.packs.clear() });
      connection.exec("ROLLBACK");
      return repetition(this, before);
    } catch (error) {
      if (connection.inTransaction) connection.exec("ROLLBACK");
      throw error;
    }
  }

  /** An open transaction is aborted. */
  close(): void {
    this.connection.close();
  }
}

interface WritingContext {
  clock: () => Date;
  /** Forgets what was read of it: numbers of packs come again. */
  onAbort: () => void;
}

class Writing implements WriteTransaction {
  readonly repeated = undefined;
  readonly #connection: Connection;
  readonly #author: Author;
  readonly #context: WritingContext;
  readonly #counter: Counter;
  readonly #digest: StateDigest;
  readonly #written = new StateDigest();
  readonly #operations = new OperationPack();
  readonly #counts = { created: 0, updated: 0, removed: 0 };
  #isOver = false;

  constructor(connection: Connection, author: Author, context: WritingContext) {
    this.#connection = connection;
    this.#author = author;
    this.#context = context;
    this.#counter = connection.sql("SELECT tx, seq, kid, vid, segment, pack FROM counter").one<Counter>();
    const branch = connection.sql("SELECT digest FROM branch WHERE branch = ?");
    this.#digest = new StateDigest(branch.one<{ digest: Uint8Array }>(mainBranch).digest);
  }

  put(version: NewVersion): { vid: number; changed: boolean } {
    const { key, kind, hash } = version;
    return this.#step(() => {
      if (hash.length !== 32) throw new Error(`the hash of ${key} has ${hash.length} bytes, not 32`);
      const found = this.#find(key);
      if (found !== undefined && found.kind !== kindNumber(kind)) {
        throw new MomoError("KEY_KIND", { key, kind: kindOf(found.kind) });
      }
      if (found?.hash && Buffer.compare(found.hash, hash) === 0) return { vid: found.vid!, changed: false };
      const known = found ?? this.#addKey(key, kindNumber(kind));
      // Always a new version, even of content that an older one has: that one's postings may have been dropped.
      const vid = ++this.#counter.vid;
      const body = "body" in version ? version.body : null;
      this.#sql("INSERT INTO version VALUES (?, ?, ?, ?)").run(vid, known.kid, hash, body);
      this.#putContent(vid, version);
      this.#move(key, known, { vid, hash });
      return { vid, changed: true };
    });
  }

  #putContent(vid: number, content: Content | Slice): void {
    if ("pack" in content) {
      const { pack, start, body_bytes, text_bytes } = content;
      this.#sql("INSERT INTO slice VALUES (?, ?, ?, ?, ?)").run(vid, pack, start, body_bytes, text_bytes);
    } else if (content.text !== undefined) this.#sql("INSERT INTO text VALUES (?, ?)").run(vid, content.text);
  }

  addPack(bytes: Uint8Array): number {
    return this.#step(() => {
      this.#sql("INSERT INTO pack VALUES (?, ?)").run(++this.#counter.pack, bytes);
      return this.#counter.pack;
    });
  }

  remove(key: string): boolean {
    return this.#step(() => {
      const found = this.#find(key);
      if (!found?.vid) return false;
      this.#move(key, found, undefined);
      return true;
    });
  }

  addSegment(sections: Record<string, Uint8Array>, vids: Float64Array): number {
    return this.#step(() => {
      const segment = ++this.#counter.segment;
      const bytes = new Uint8Array(vids.buffer, vids.byteOffset, vids.byteLength);
      this.#sql("INSERT INTO segment VALUES (?, ?)").run(segment, bytes);
      const insert = this.#sql("INSERT INTO section VALUES (?, ?, ?)");
      for (const [name, section] of Object.entries(sections)) insert.run(segment, name, section);
      return segment;
    });
  }

  dropSegments(ids: number[]): void {
    this.#step(() => {
      for (const id of ids) {
        this.#sql("DELETE FROM section WHERE segment = ?").run(id);
        this.#sql("DELETE FROM segment WHERE segment = ?").run(id);
      }
    });
  }

  recordScan(rows: Iterable<ScanRow>): void {
    this.#step(() => {
      const insert = this.#sql("INSERT OR REPLACE INTO scan VALUES (?, ?, ?, ?, ?)");
      for (const row of rows)
        insert.run(row.path, row.size, row.mtime, row.skipped ?? null, row.warning ?? null);
    });
  }

  forgetScan(paths: Iterable<string>): void {
    this.#step(() => {
      const remove = this.#sql("DELETE FROM scan WHERE path = ?");
      for (const path of paths) remove.run(path);
    });
  }

  setMeta(name: string, value: string): void {
    this.#step(() => this.#sql("INSERT OR REPLACE INTO meta VALUES (?, ?)").run(name, value));
  }

  commit(): Receipt {
    return this.#step(() => {
      const receipt = this.#seal();
      const { tx, seq, kid, vid, segment, pack } = this.#counter;
      const save = this.#sql("UPDATE counter SET tx = ?, seq = ?, kid = ?, vid = ?, segment = ?, pack = ?");
      save.run(tx, seq, kid, vid, segment, pack);
      this.#connection.exec("COMMIT");
      this.#isOver = true;
      return receipt;
    });
  }

  /** Does nothing when the transaction is over. */
  abort(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // SQLite has rolled back by itself where a full disk left it no choice.
    if (this.#connection.inTransaction) this.#connection.exec("ROLLBACK");
    this.#context.onAbort();
  }

  /** An error ends the transaction: what half of a change left behind can never be committed. */
  #step<T>(work: () => T): T {
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

  #find(key: string): Found | undefined {
    return this.#sql(findHead).get<Found>(key);
  }

  #addKey(key: string, kind: number): Found {
    const kid = ++this.#counter.kid;
    this.#sql("INSERT INTO key VALUES (?, ?, ?)").run(kid, kind, key);
    return { kid, kind, vid: null, hash: null };
  }

  #move(key: string, from: Found, to: { vid: number; hash: Uint8Array } | undefined): void {
    if (from.hash) this.#digest.subtract(leaf(key, from.hash));
    if (to !== undefined) {
      const added = leaf(key, to.hash);
      this.#digest.add(added);
      this.#written.add(added);
    }
    this.#operations.add(from.kid, from.vid ?? 0, to?.vid ?? 0);
    const seq = ++this.#counter.seq;
    this.#sql(setHead).run(from.kind, from.kid, to?.vid ?? 0, seq);
    if (to === undefined) this.#counts.removed++;
    else if (from.vid) this.#counts.updated++;
    else this.#counts.created++;
  }

  /** Adds the transaction to the journal, unless there is nothing to remember. */
  #seal(): Receipt {
    const { count } = this.#operations;
    const {
      agent,
      session = null,
      principal = null,
      request_id = null,
      intent = null,
      kind = "write",
    } = this.#author;
    if (count === 0 && request_id === null) return { transaction: 0, seq: 0, operations: 0 };
    const last = this.#sql("SELECT hash FROM tx WHERE tx = ?");
    const previous =
      this.#counter.tx > 0 ? last.one<{ hash: Uint8Array }>(this.#counter.tx).hash : chainStart;
    const header = {
      ...{ tx: ++this.#counter.tx, branch: mainBranch, kind, at: this.#context.clock().getTime() },
      ...{ agent, session, principal, request_id, intent },
      ...{ last_seq: this.#counter.seq, operations: count },
      ...this.#counts,
    };
    const written = this.#written.bytes();
    const sealed = { header, operations: this.#operations.bytes(), written, digest: this.#digest.bytes() };
    insertTransaction(this.#connection, sealed, chainHash(previous, sealed));
    return { transaction: header.tx, seq: count > 0 ? header.last_seq : 0, operations: count };
  }
}

function insertTransaction(connection: Connection, sealed: Sealed, hash: Uint8Array): void {
  const { header, operations, digest } = sealed;
  connection
    .sql(
      `INSERT INTO tx (tx, branch, kind, at, agent, session, principal, request_id, intent,
         last_seq, operations, created, updated, removed, digest, hash)
       VALUES (:tx, :branch, :kind, :at, :agent, :session, :principal, :request_id, :intent,
         :last_seq, :operations, :created, :updated, :removed, :digest, :hash)`,
    )
    .run({ ...header, digest, hash });
  connection.sql("INSERT INTO journal VALUES (?, ?)").run(header.tx, operations);
  connection.sql("UPDATE branch SET digest = ? WHERE branch = ?").run(digest, header.branch);
}

/** What a repeated request gets: the first receipt, and nothing that it could change. */
function repetition(store: Store, repeated: Receipt): WriteTransaction {
  const nothing = (): void => undefined;
  return {
    repeated,
    put: ({ key }) => ({ vid: store.head(key)?.vid ?? 0, changed: false }),
    remove: () => false,
    addPack: () => 0,
    addSegment: () => 0,
    dropSegments: nothing,
    recordScan: nothing,
    forgetScan: nothing,
    setMeta: nothing,
    commit: () => repeated,
    abort: nothing,
  };
}
