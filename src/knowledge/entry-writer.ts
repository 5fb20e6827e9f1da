/** What can be done in one transaction of entries, over the store's write transaction. Used by transact.ts. */

import { MomoError } from "../errors.ts";
import type { RelationType } from "../model/outline.ts";
import type { EntryTransaction, NewDocumentation, NewEntry } from "../model/rollback.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import type { WriteTransaction } from "../store/contract/write.ts";
import {
  decodeEntry,
  type Entry,
  entryVersion,
  relationKey,
  relationVersion,
} from "../store/records/entry.ts";
import { headOf } from "../store/records/names.ts";
import {
  checkDocumentationType,
  checkEntry,
  checkId,
  checkMetadata,
  checkRelationId,
  checkRelationType,
} from "./check.ts";
import { documentationId, documentationMetadata, documented } from "./documentation.ts";

interface Place {
  tx: WriteTransaction;
  clock: () => Date;
}

export class EntryWriter implements EntryTransaction {
  /** Sees what the transaction wrote. */
  readonly #store: StoreReader;
  readonly #tx: WriteTransaction;
  readonly #clock: () => Date;
  /** Versions of entries made so far. */
  written = 0;

  constructor({ tx, clock }: Place) {
    this.#store = tx.reader;
    this.#tx = tx;
    this.#clock = clock;
  }

  put({ id, ...entry }: NewEntry): number {
    checkId(id);
    return this.#write({ id, ...checkEntry(entry) });
  }

  update(id: string, change: Partial<Omit<NewEntry, "id">>): number {
    const before = this.#read(id);
    if (!before) throw new MomoError("ENTRY_UNKNOWN", { id });
    const { type = before.type, content = before.content } = change;
    const metadata = mergedMetadata(before.metadata, checkMetadata(change.metadata));
    const after = { id, ...checkEntry({ type, content, metadata }) };
    const names = documented(id, before.metadata);
    if (names) after.metadata = documentationMetadata(names, { before, ...after, now: this.#now() });
    return this.#write(after);
  }

  // biome-ignore lint/complexity/useMaxParams: a relation reads as a sentence
  relate(
    source: string,
    type: RelationType,
    target: string,
    { id, metadata }: { id?: string; metadata?: Record<string, unknown> } = {},
  ): void {
    checkRelationType(type);
    checkRelationId(id);
    for (const end of [source, target])
      if (!headOf(this.#store, end)) throw new MomoError("ENTRY_UNKNOWN", { id: end });
    const edge = { source, type, target, ...(id !== undefined && { id }) };
    this.#tx.put(relationVersion({ ...edge, metadata: checkMetadata(metadata) }));
  }

  // biome-ignore lint/complexity/useMaxParams: a relation reads as a sentence
  unrelate(source: string, type: RelationType, target: string, { id }: { id?: string } = {}): boolean {
    return this.#tx.remove(
      "relation",
      relationKey({ source, type, target, ...(id !== undefined && { id }) }),
    );
  }

  remove(id: string): boolean {
    if (!this.#store.head(id, "entry")) return false;
    // Relations at a file of that name are the file's.
    if (!this.#store.head(id, "file"))
      for (const end of ["source", "target"] as const)
        for (const { key } of this.#store.edges(id, end)) this.#tx.remove("relation", key);
    return this.#tx.remove("entry", id);
  }

  storeDocumentation(documentation: NewDocumentation): string {
    const { entity_id, documentation_type, content, metadata } = documentation;
    checkDocumentationType(documentation_type);
    if (!headOf(this.#store, entity_id)) throw new MomoError("ENTRY_UNKNOWN", { id: entity_id });
    const id = documentationId(entity_id, documentation_type);
    const entry = { id, ...checkEntry({ type: "documentation", content, ...(metadata && { metadata }) }) };
    const change = { ...entry, before: this.#read(id), now: this.#now() };
    this.#write({ ...entry, metadata: documentationMetadata({ entity_id, documentation_type }, change) });
    this.relate(id, "documents", entity_id);
    return id;
  }

  #now(): string {
    return this.#clock().toISOString();
  }

  #read(id: string): Entry | undefined {
    const head = this.#store.head(id, "entry");
    const body = head && this.#store.body(head.vid);
    if (!head || !body) return undefined;
    const content = Buffer.from(this.#store.text(head.vid) ?? []).toString();
    return { id, ...decodeEntry(body), content };
  }

  #write(entry: Entry): number {
    if (this.#store.head(entry.id, "file")) throw new MomoError("KEY_KIND", { key: entry.id, kind: "file" });
    const { vid, changed } = this.#tx.put(entryVersion(entry));
    if (changed) this.written++;
    return vid;
  }
}

/** Field by field; null takes one away. */
function mergedMetadata(before: Entry["metadata"], change: Record<string, unknown>): Record<string, unknown> {
  const merged = Object.entries({ ...before, ...change });
  return Object.fromEntries(
    merged.filter(([name, value]) => !(value === null && Object.hasOwn(change, name))),
  );
}
