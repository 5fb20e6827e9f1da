/**
 * Opens a knowledge base. What it holds is read in reading.ts and journal-view.ts, and changed in writing.ts only.
 * Opened by momo.ts.
 */
import { MomoError } from "../errors.ts";
import type { OpenPacks } from "./contents/open-packs.ts";
import type { Author, Budget, Receipt, Store, WriteTransaction } from "./contract/store.ts";
import { receiptOf } from "./journal/history.ts";
import { Reader } from "./reading.ts";
import { LEFTOVERS } from "./retain/collect.ts";
import type { Connection } from "./sqlite/connection.ts";
import { connect, type Durability } from "./sqlite/open.ts";
import { mainBranch } from "./sqlite/schema.ts";
import { Writing } from "./write/writing.ts";

export interface OpenStoreOptions {
  /** "write" makes what is missing, folder included. Several processes may open for writing; one at a time writes. */
  mode: "read" | "write";
  /** How long to wait for another process, milliseconds; default 5000. The wait blocks the thread. */
  wait_ms?: number;
  /** What a commit survives: a kill -9 ("process") or a loss of power too ("disk", the default). */
  durability?: Durability;
  clock?: () => Date;
  /** Default the one that the environment holds; null opens a file that is not encrypted, whatever is set there. */
  key?: string | null;
}

/**
 * Reads on a store whose own transaction is open see its writes; other stores of the file see committed state only.
 * Raises STORE_MISSING, STORE_NEWER, STORE_FOREIGN, STORE_CORRUPT, STORE_READONLY, STORE_FULL, STORE_BUSY,
 * ENCRYPTION_KEY, ENCRYPTION_PLAIN.
 */
export function openStore(file: string, options: OpenStoreOptions): Store {
  const { mode, wait_ms = 5000, durability = "disk", clock = () => new Date(), key } = options;
  const connection = connect(file, { mode, wait_ms, durability, key });
  return new Journal(connection, { branch: mainBranch, clock: mode === "write" ? clock : undefined });
}

interface Place {
  branch: number;
  clock: (() => Date) | undefined;
  budget?: Budget | undefined;
  packs?: OpenPacks;
}

class Journal extends Reader implements Store {
  readonly #clock: (() => Date) | undefined;
  readonly #budget: Budget | undefined;

  constructor(connection: Connection, { branch, clock, budget, packs }: Place) {
    super(connection, branch, packs);
    this.#clock = clock;
    this.#budget = budget;
  }

  on(branch: number, budget?: Budget): Store {
    return new Journal(this.connection, { branch, clock: this.#clock, budget, packs: this.packs });
  }

  get writable(): boolean {
    return this.#clock !== undefined;
  }

  begin(author: Author): WriteTransaction {
    const { connection } = this;
    if (this.#clock === undefined) throw new Error(`${this.path} was opened for reading`);
    if (connection.inTransaction) throw new MomoError("TRANSACTION_OPEN");
    connection.exec("BEGIN IMMEDIATE");
    try {
      const { agent, request_id } = author;
      const before = request_id === undefined ? undefined : receiptOf(connection, agent, request_id);
      if (before === undefined) {
        const onAbort = (): void => this.packs.clear();
        const { view, journal } = this;
        const context = { view, journal, clock: this.#clock, budget: this.#budget, onAbort };
        return new Writing(connection, author, context);
      }
      connection.exec("ROLLBACK");
      return repetition(this, before);
    } catch (error) {
      if (connection.inTransaction) connection.exec("ROLLBACK");
      throw error;
    }
  }

  setCursor(name: string, seq: number): void {
    const at = (this.#clock?.() ?? new Date()).getTime();
    this.connection.sql("INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)").run(name, seq, at);
  }

  removeCursor(name: string): void {
    this.connection.sql("DELETE FROM cursor WHERE name = ?").run(name);
  }

  settle({ shrink = false }: { shrink?: boolean } = {}): boolean {
    const { connection } = this;
    const isErased = this.meta(LEFTOVERS) !== undefined;
    if (shrink || isErased) connection.exec("VACUUM");
    const isEmptied = (): boolean => connection.value("PRAGMA wal_checkpoint(TRUNCATE)") === 0;
    if (!isEmptied()) return false;
    if (isErased) connection.sql("DELETE FROM meta WHERE name = ?").run(LEFTOVERS);
    return isEmptied();
  }

  /** An open transaction is aborted. */
  close(): void {
    if (this.branch === mainBranch) this.connection.close();
  }
}

/** What a repeated request gets: the first receipt, and nothing that it could change. */
function repetition(store: Store, repeated: Receipt): WriteTransaction {
  const nothing = (): void => undefined;
  return {
    repeated,
    put: ({ key }) => ({ vid: store.head(key)?.vid ?? 0, changed: false }),
    remove: () => false,
    move: nothing,
    describe: nothing,
    read: nothing,
    fork: () => 0,
    drop: nothing,
    compact: () => ({ transactions: 0, versions: 0 }),
    erase: () => 0,
    addPack: () => 0,
    addSegment: () => 0,
    addSection: nothing,
    dropSections: nothing,
    dropSegments: nothing,
    recordScan: nothing,
    forgetScan: nothing,
    setMeta: nothing,
    commit: () => repeated,
    abort: nothing,
  };
}
