/**
 * Documentation of a file, an entity or another entry (requirement A07): an entry whose id and three of whose fields
 * follow from what it documents. Used by entry-writer.ts.
 */
import type { EntryBody } from "../store/records/entry.ts";

export const documentationPrefix = "doc:";

export const documentationId = (entity_id: string, documentation_type: string): string =>
  `${documentationPrefix}${entity_id}:${documentation_type}`;

/** What a documentation was before, and what it is to be. */
interface Change {
  before: { metadata: EntryBody["metadata"]; content: string } | undefined;
  metadata: EntryBody["metadata"];
  content: string;
  /** ISO 8601. */
  now: string;
}

/**
 * Metadata with the three fields, which nobody can overwrite. The same content keeps its time, so storing it twice
 * changes nothing.
 */
export function documentationMetadata(
  names: { entity_id: string; documentation_type: string },
  { before, metadata, content, now }: Change,
): EntryBody["metadata"] {
  const known = before?.content === content ? before.metadata.generated_at : undefined;
  return { ...metadata, ...names, generated_at: known ?? now };
}

/** What an entry documents; undefined for any other entry. */
export function documented(
  id: string,
  { entity_id, documentation_type }: EntryBody["metadata"],
): { entity_id: string; documentation_type: string } | undefined {
  if (typeof entity_id !== "string" || typeof documentation_type !== "string") return undefined;
  return documentationId(entity_id, documentation_type) === id
    ? { entity_id, documentation_type }
    : undefined;
}
