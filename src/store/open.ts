/** Opens a knowledge base: one connection that reads what is committed and, for writing, one that writes. Used by session.ts. */
import { MomoError } from "../errors.ts";
import type { EngineRecord } from "./contract/feed.ts";
import { mainBranch } from "./contract/kinds.ts";
import type { Store } from "./contract/store.ts";
import type { Author } from "./contract/transaction.ts";
import type { Answered, Budget, Repeated, Stage, WriteTransaction } from "./contract/write.ts";
import { forgetUnfinished } from "./engines/feed.ts";
import { forgetEngine, writeEngine } from "./engines/records.ts";
import { Reader, type Shared, sharedOver } from "./reading.ts";
import { LEFTOVERS } from "./retain/collect.ts";
import type { Connection } from "./sqlite/connection.ts";
import { connect, type Durability } from "./sqlite/open.ts";
import { verify } from "./verify/verify.ts";
import { checkAuthor } from "./write/author.ts";
import { Held } from "./write/held.ts";
import { WritingReader } from "./write/reader.ts";
import { answeredAnywhere, repeatedRequest, repetition } from "./write/requests.ts";
import { openStage } from "./write/stage.ts";
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
 * Reads see what is committed; only the `reader` of a write transaction sees what that wrote.
 * Raises STORE_MISSING, STORE_NEWER, STORE_FOREIGN, STORE_CORRUPT, STORE_READONLY, STORE_FULL, STORE_BUSY,
 * ENCRYPTION_KEY, ENCRYPTION_PLAIN.
 */
export function openStore(file: string, options: OpenStoreOptions): Store {
  const { mode, wait_ms = 5000, durability = "disk", clock = () => new Date(), key } = options;
  const { reading, writing } = connect(file, { mode, wait_ms, durability, key });
  const writer = writing && { clock, shared: sharedOver(writing) };
  return new OpenStore(sharedOver(reading), { branch: mainBranch, writer });
}

interface Writer {
  clock: () => Date;
  /** Over the connection that writes. */
  shared: Shared;
}

interface Place {
  branch: number;
  writer: Writer | undefined;
  budget?: Budget | undefined;
}

class OpenStore extends Reader implements Store {
  readonly #writer: Writer | undefined;
  readonly #budget: Budget | undefined;

  constructor(shared: Shared, { branch, writer, budget }: Place) {
    super(shared, branch);
    this.#writer = writer;
    this.#budget = budget;
  }

  override on(branch: number, budget?: Budget): Store {
    return new OpenStore(this.shared, { branch, writer: this.#writer, budget });
  }

  get writable(): boolean {
    return this.#writer !== undefined;
  }

  #writing(): Writer {
    if (this.#writer) return this.#writer;
    throw new Error(`${this.path} was opened for reading`);
  }

  begin(author: Author): WriteTransaction {
    const { clock, shared } = this.#writing();
    const { connection } = shared;
    checkAuthor(author);
    if (connection.inTransaction) throw new MomoError("TRANSACTION_OPEN");
    connection.exec("BEGIN IMMEDIATE");
    try {
      const held = new Held(connection, this.branch);
      const reader = new WritingReader(shared, this.branch, held);
      const repeated = repeatedRequest(connection, this.branch, author);
      if (repeated) return repetition(repeated, { connection, reader, author });
      const onAbort = (): void => {
        shared.packs.clear();
        shared.views.clear();
        forgetUnfinished(connection);
      };
      const view = shared.views.of(this.branch);
      return new Writing(connection, author, { view, reader, held, clock, budget: this.#budget, onAbort });
    } catch (error) {
      if (connection.inTransaction) connection.exec("ROLLBACK");
      throw error;
    }
  }

  once<A extends object>(author: Author, work: (tx: WriteTransaction) => A): Answered<A> {
    const tx = this.begin(author);
    try {
      if (tx.repeated) return again<A>(tx.repeated);
      const answer = work(tx);
      return { ...tx.commit({ answer: answer as Readonly<Record<string, unknown>> }), ...answer };
    } finally {
      tx.abort();
    }
  }

  answered<A extends object>(author: Author): Answered<A> | undefined {
    const found = repeatedRequest(this.connection, this.branch, author);
    return found && again<A>(found);
  }

  answeredAnywhere<A extends object>(author: Author): Answered<A> | undefined {
    const found = answeredAnywhere(this.connection, author);
    return found && again<A>(found);
  }

  stage(): Stage {
    const { clock, shared } = this.#writing();
    return openStage(shared.connection, clock);
  }

  changed(): string {
    return this.connection.version();
  }

  verify(): string | undefined {
    return this.snapshot(() => verify(this.connection));
  }

  setEngine(record: EngineRecord): void {
    writeEngine(this.#writing().shared.connection, record);
  }

  forgetEngine(name: string): void {
    forgetEngine(this.#writing().shared.connection, name);
  }

  settle({ shrink = false }: { shrink?: boolean } = {}): boolean {
    const { connection } = this.#writing().shared;
    if (connection.inTransaction) throw new MomoError("TRANSACTION_OPEN");
    const isErased = hasLeftovers(connection);
    if (shrink || isErased) connection.exec("VACUUM");
    const isEmptied = (): boolean => connection.value("PRAGMA wal_checkpoint(TRUNCATE)") === 0;
    if (!isEmptied()) return false;
    if (isErased) connection.sql("DELETE FROM meta WHERE name = ?").run(LEFTOVERS);
    return isEmptied();
  }

  hasLeftovers(): boolean {
    return hasLeftovers(this.connection);
  }

  /** An open transaction is aborted. */
  close(): void {
    if (this.branch !== mainBranch) return;
    this.connection.close();
    this.#writer?.shared.connection.close();
  }
}

const again = <A extends object>({ receipt, answer }: Repeated): Answered<A> => ({
  ...receipt,
  ...(answer as A),
  repeated: true,
});

const hasLeftovers = (connection: Connection): boolean =>
  connection.sql("SELECT 1 AS found FROM meta WHERE name = ?").get(LEFTOVERS) !== undefined;
