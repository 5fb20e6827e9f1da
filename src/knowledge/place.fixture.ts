/** Knowledge bases in a folder that goes with the test, and files in them as ingest writes them. Used by this room's tests. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import { createEntryReader } from "../extract/entry-words.ts";
import { emptyLinks } from "../model/links.ts";
import type { Entity } from "../model/outline.ts";
import type { Store } from "../store/contract/store.ts";
import { openStore } from "../store/open.ts";
import { encodeBody } from "../store/records/file.ts";
import type { WritingPlace } from "./transact.ts";

const folder = mkdtempSync(join(tmpdir(), "momo-knowledge-"));
const opened = new Set<Store>();
let places = 0;
afterAll(() => {
  for (const store of opened) store.close();
  rmSync(folder, { recursive: true });
});

export interface TestPlace extends WritingPlace {
  /** Milliseconds since 1970 that the clocks of the store and of the writer show. */
  time: number;
}

const file = (): string => join(folder, `${places++}`, "momo.db");

export function newPlace(): TestPlace {
  const place: TestPlace = {
    time: Date.UTC(2026, 0, 1),
    clock: () => new Date(place.time),
    store: openStore(file(), { mode: "write", durability: "process", clock: () => new Date(place.time) }),
    addEntry: createEntryReader(),
  };
  opened.add(place.store);
  return place;
}

/** For tests that make many. */
export function closePlace({ store }: TestPlace): void {
  opened.delete(store);
  store.close();
  rmSync(dirname(store.path), { recursive: true });
}

/** `f`, or `f(int)` in a language that has overloads. */
function definition(written: string): Entity {
  const [name, type] = written.split(/[()]/) as [string, string?];
  return {
    name,
    qualified: name,
    type: "function",
    indent: 0,
    start_line: 1,
    end_line: 1,
    name_line: 1,
    ...(type !== undefined && { overload: `(${type})`, parameters: [{ name: "a", type }] }),
  };
}

/** Files by path with the names that they define; those that are not named are removed. */
export function index(store: Store, files: Record<string, string[]>): void {
  const tx = store.begin({ agent: "indexer", kind: "index" });
  for (const { key } of store.heads("file")) if (!(key in files)) tx.remove("file", key);
  for (const [key, names] of Object.entries(files)) {
    const text = Buffer.from(names.join("\n"));
    const outline = {
      entities: names.map(definition),
      links: { ...emptyLinks(), parents: names.map(() => 0) },
      warnings: [],
    };
    const body = encodeBody({ language: "typescript", lines: names.length, bytes: text.length, ...outline });
    tx.put({ key, kind: "file", hash: createHash("sha256").update(text).digest(), body, text });
  }
  tx.commit();
}
