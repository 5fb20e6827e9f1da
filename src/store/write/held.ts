/**
 * What a write transaction put or removed and has not stored yet: rows go into the tables many at a time. Each key is in
 * it at most once. Filled by writing.ts; reader.ts answers from it; any other read has it stored first.
 */
import type { SQLInputValue } from "node:sqlite";
import type { Head, NewVersion } from "../contract/knowledge.ts";
import { type Found, pointHeads } from "../heads/pointers.ts";
import type { Connection } from "../sqlite/connection.ts";
import { insertionInto, insertRows } from "../sqlite/many.ts";
import { sizeOf } from "./new-version.ts";

const into = {
  key: insertionInto("key", "(?, ?, ?)"),
  version: insertionInto("version", "(?, ?, ?, ?, NULL)"),
  text: insertionInto("text", "(?, ?)"),
  slice: insertionInto("slice", "(?, ?, ?, ?, ?)"),
  edge: insertionInto("edge", "(?, ?, ?, ?)"),
};
type Table = keyof typeof into;
const tables = Object.keys(into) as Table[];

/** More than these operations, or bytes of bodies and texts, save nothing. */
const MOST = 250;
const MOST_BYTES = 1 << 20;

export interface NewHead {
  vid: number;
  leaf: Uint8Array;
}

export class Held {
  readonly #connection: Connection;
  readonly #branch: number;
  readonly #rows: Record<Table, SQLInputValue[]> = { key: [], version: [], text: [], slice: [], edge: [] };
  /** By name, one of each kind that has it. */
  readonly #heads = new Map<string, Found[]>();
  readonly #moves = {
    kid: [] as number[],
    kind: [] as number[],
    to: [] as number[],
    previous: [] as number[],
  };
  /** Heads as the tables have them, null for none, by what was asked: forgotten when the tables change. */
  readonly read = new Map<string, Head | null>();
  /** Sequence number of the first of the moves; they follow each other. */
  #first = 0;
  #bytes = 0;
  #isQuiet = false;

  constructor(connection: Connection, branch: number) {
    this.#connection = connection;
    this.#branch = branch;
  }

  /** Whether there is something that a reader would not see. */
  get waits(): boolean {
    return this.#moves.kid.length > 0 && !this.#isQuiet;
  }

  get isFull(): boolean {
    return this.#moves.kid.length >= MOST || this.#bytes >= MOST_BYTES;
  }

  /** Reads past what is held: of keys that are not. */
  aside<T>(work: () => T): T {
    const was = this.#isQuiet;
    this.#isQuiet = true;
    try {
      return work();
    } finally {
      this.#isQuiet = was;
    }
  }

  /** Where a key points whose last operation waits. */
  find(kind: number, key: string): Found | undefined {
    return this.#heads.get(key)?.find((found) => found.kind === kind);
  }

  /** Whether an operation on a key of this name waits. */
  names(key: string): boolean {
    return this.#heads.has(key);
  }

  addKey({ kid, kind }: Found, key: string): void {
    this.#rows.key.push(kid, kind, key);
  }

  addVersion(kid: number, { vid, leaf }: NewHead, version: NewVersion): void {
    this.#rows.version.push(vid, kid, leaf, "body" in version ? version.body : null);
    if ("body" in version) this.#bytes += sizeOf(version);
    if ("pack" in version) {
      const { pack, start, body_bytes, text_bytes } = version;
      this.#rows.slice.push(vid, pack, start, body_bytes, text_bytes);
    } else if (version.text !== undefined) this.#rows.text.push(vid, version.text);
    if (version.edge === undefined) return;
    const { source, type, target } = version.edge;
    this.#rows.edge.push(vid, source, type, target);
  }

  /** The key of a head that was not held before moves; `seq` is the operation after the last one held. */
  point(key: string, from: Found, { to, seq }: { to: NewHead | undefined; seq: number }): void {
    const { kid, kind } = from;
    const vid = to?.vid ?? 0;
    if (this.#moves.kid.length === 0) this.#first = seq;
    this.#moves.kid.push(kid);
    this.#moves.kind.push(kind);
    this.#moves.to.push(vid);
    this.#moves.previous.push(from.seq);
    const head = { kid, kind, vid, seq, leaf: to?.leaf ?? null };
    const others = this.#heads.get(key);
    if (others) others.push(head);
    else this.#heads.set(key, [head]);
  }

  /** Stores all of it; called before and after anything else changes the tables. */
  store(): void {
    this.read.clear();
    if (this.#moves.kid.length === 0) return;
    this.aside(() => {
      for (const table of tables) insertRows(this.#connection, into[table], this.#rows[table]);
      pointHeads(this.#connection, this.#moves, { branch: this.#branch, first: this.#first });
    });
    for (const rows of [...Object.values(this.#rows), ...Object.values(this.#moves)]) rows.length = 0;
    this.#heads.clear();
    this.#bytes = 0;
  }
}
