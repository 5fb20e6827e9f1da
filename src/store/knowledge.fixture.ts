/**
 * A new folder for every test, knowledge bases in it, and short ways to write to them. Importing this makes and removes
 * the folder and closes what was opened. Used by the tests of the store.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach } from "vitest";
import { kindNumber } from "./contract/kinds.ts";
import type { Edge, NewVersion } from "./contract/knowledge.ts";
import type { StoreReader } from "./contract/reader.ts";
import type { Store } from "./contract/store.ts";
import type { Author, Receipt } from "./contract/transaction.ts";
import type { WriteTransaction } from "./contract/write.ts";
import { type OpenStoreOptions, openStore } from "./open.ts";
import type { Connection } from "./sqlite/connection.ts";
import type { Connections } from "./sqlite/open.ts";

export let folder: string;
/** Of the knowledge base that `open` opens when it is not told another. */
export let file: string;
const opened: Store[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "momo-store-"));
  file = join(folder, "home", "momo.db");
});
afterEach(() => {
  for (const store of opened.splice(0)) store.close();
  rmSync(folder, { recursive: true, force: true });
});

export function open(
  mode: "read" | "write" = "write",
  options: Partial<OpenStoreOptions> = {},
  path = file,
): Store {
  const store = openStore(path, { mode, durability: "process", ...options });
  opened.push(store);
  return store;
}

let files = 0;

/** One more, empty. */
export const openNew = (): Store => open("write", {}, join(folder, `${files++}`, "momo.db"));

export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** Content number `content` of a file; its body holds the number. */
export function version(key: string, content: number, more: Partial<NewVersion> = {}): NewVersion {
  return {
    key,
    kind: "file",
    hash: new Uint8Array(32).fill(content),
    body: bytes(content),
    ...more,
  } as NewVersion;
}

/** Content number `content` of an entry. */
export const entry = (key: string, content: number, text?: string): NewVersion => ({
  key,
  kind: "entry",
  body: bytes(content),
  ...(text !== undefined && { text: Buffer.from(text) }),
});

export const relation = (key: string, edge: Edge, content = 0): NewVersion => ({
  key,
  kind: "relation",
  body: bytes(content),
  edge,
});

/** One transaction. */
export function transact(
  store: Store,
  work: (tx: WriteTransaction) => void,
  author?: Partial<Author>,
): Receipt {
  const tx = store.begin({ agent: "tester", ...author });
  work(tx);
  return tx.commit();
}

/** Puts these in one transaction; the numbers of their versions. */
export function write(store: Store, ...versions: NewVersion[]): number[] {
  let vids: number[] = [];
  transact(store, (tx) => {
    vids = versions.map((one) => tx.put(one).vid);
  });
  return vids;
}

export function remove(store: Store, ...keys: string[]): Receipt {
  return transact(store, (tx) => {
    for (const key of keys) {
      const head = tx.reader.head(key);
      if (head) tx.remove(head.kind, key);
    }
  });
}

/** Points keys at versions that exist (0: at none), as an undo does. */
export function move(
  store: Store,
  to: Record<string, number>,
  { author, detail }: { author?: Partial<Author>; detail?: Parameters<WriteTransaction["describe"]>[0] } = {},
): Receipt {
  const { journal } = store;
  const known = Object.keys(to).map((key) => journal.kidOf(key)!);
  return transact(
    store,
    (tx) => {
      const kid = Float64Array.from(known, (own) => own.kid);
      const { vid: from, seq: previous } = journal.pointers(kid);
      const kind = Uint8Array.from(known, (own) => kindNumber(own.kind));
      tx.move({ kid, kind, from, to: Float64Array.from(Object.values(to)), previous });
      if (detail) tx.describe(detail);
    },
    { kind: "undo", ...author },
  );
}

/** Lays a branch over the one that the store sees. */
export function fork(store: Store, name: string, detail: Record<string, unknown> = {}): Store {
  let branch = 0;
  transact(
    store,
    (tx) => {
      branch = tx.fork(name, detail);
      tx.describe({ name, branch });
    },
    { kind: "explore" },
  );
  return store.on(branch);
}

/** Live keys of entries with their content number. */
export const contentsOf = (store: StoreReader): Record<string, number> =>
  Object.fromEntries(
    store
      .heads("entry")
      .map(({ key, vid }): [string, number] => [key, store.body(vid)![0]!])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Behind Momo's back. */
export function alter(path: string, work: string | ((database: DatabaseSync) => void)): void {
  const database = new DatabaseSync(path);
  try {
    if (typeof work === "string") database.exec(work);
    else work(database);
  } finally {
    database.close();
  }
}

/** What stands in the first column of a table. */
export function numbers(table: string): number[] {
  let found: number[] = [];
  alter(file, (database) => {
    const rows = database.prepare(`SELECT * FROM ${table} ORDER BY 1`).all();
    found = rows.map((row) => Number(Object.values(row)[0]));
  });
  return found;
}

/** The connection that writes, of a file that nobody reads meanwhile. */
export function writerOf({ reading, writing }: Connections): Connection {
  reading.close();
  return writing!;
}
