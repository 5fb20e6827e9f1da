/** What can be done in one transaction of entries, over the store's write transaction. Used by transact.ts. */

import { MomoError } from "../errors.ts";
import type { RelationType } from "../model/outline.ts";
import type { EntryTransaction, NewDocumentation, NewEntry } from "../model/rollback.ts";
import type { StoreReader } from "../store/contract/reader.ts";
import type { WriteTransaction } from "../store/contract/write.ts";
import { takeIds } from "../store/records/alias.ts";
import {
  decodeEntry,
  type Entry,
  entryVersion,
  relationKey,
  relationVersion,
} from "../store/records/entry.ts";
import { type Current, currentOf, namedIn, namesOf } from "../store/records/names.ts";
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

type RelationEnds = Parameters<typeof relationKey>[0];

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

  update(asked: string, change: Partial<Omit<NewEntry, "id">>): number {
    const id = this.#entryId(asked);
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
    const ends = { source: this.#current(source), target: this.#current(target) };
    const edge = { ...ends, type, ...(id !== undefined && { id }) };
    this.#tx.put(relationVersion({ ...this.#written(edge)[0], metadata: checkMetadata(metadata) }));
  }

  /** The id that something has now. */
  #current(id: string): string {
    const current = currentOf(this.#store, id);
    if (current && this.#isThere(current)) return current.id;
    throw new MomoError("ENTRY_UNKNOWN", { id });
  }

  /** The file around a definition does not say that it holds it. */
  #isThere({ id, head }: Current): boolean {
    return head.kind !== "file" || head.key === id || namedIn(this.#store, head).has(id);
  }

  /** A relation as it was written, at whatever ids its ends had then; as it is given where it was not. */
  #written<E extends RelationEnds>(edge: E): [E, ...E[]] {
    const targets = namesOf(this.#store, edge.target);
    const found = namesOf(this.#store, edge.source)
      .flatMap((source) => targets.map((target) => ({ ...edge, source, target })))
      .filter((one) => this.#store.head(relationKey(one), "relation"));
    const [first = edge, ...others] = found;
    return [first, ...others];
  }

  // biome-ignore lint/complexity/useMaxParams: a relation reads as a sentence
  unrelate(source: string, type: RelationType, target: string, { id }: { id?: string } = {}): boolean {
    const edge = { source, type, target, ...(id !== undefined && { id }) };
    const removed = this.#written(edge).map((one) => this.#tx.remove("relation", relationKey(one)));
    return removed.includes(true);
  }

  remove(asked: string): boolean {
    const id = this.#entryId(asked);
    if (!this.#store.head(id, "entry")) return false;
    // Relations at a file of that name are the file's.
    if (!this.#store.head(id, "file"))
      for (const end of ["source", "target"] as const)
        for (const { key } of this.#store.edges(id, end)) this.#tx.remove("relation", key);
    return this.#tx.remove("entry", id);
  }

  storeDocumentation(documentation: NewDocumentation): string {
    const { documentation_type, content, metadata } = documentation;
    checkDocumentationType(documentation_type);
    const current = this.#current(documentation.entity_id);
    const id = this.#entryId(documentationId(current, documentation_type));
    const before = this.#read(id);
    const { entity_id = current } = (before && documented(id, before.metadata)) ?? {};
    const entry = { id, ...checkEntry({ type: "documentation", content, ...(metadata && { metadata }) }) };
    const change = { ...entry, before, now: this.#now() };
    this.#write({ ...entry, metadata: documentationMetadata({ entity_id, documentation_type }, change) });
    this.relate(id, "documents", entity_id);
    return id;
  }

  /** What documents something that was renamed keeps its id, and is meant by the new one too. */
  #entryId(id: string): string {
    const current = currentOf(this.#store, id);
    return current?.head.kind === "entry" ? current.id : id;
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
    if (this.#store.head(entry.id, "alias")) takeIds(this.#tx, [entry.id]);
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
