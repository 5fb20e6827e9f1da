/**
 * The body of a file version: its outline and facts, as JSON. Written by ingest's workers, read by retrieve.
 */
import type { Entity, Outline, Relation } from "../../model/outline.ts";

export interface FileBody {
  language: string;
  lines: number;
  bytes: number;
  entities: Entity[];
  relations: Relation[];
  warnings: string[];
}

export const encodeBody = (body: FileBody): Uint8Array => Buffer.from(JSON.stringify(body));
export const decodeBody = (stored: Uint8Array): FileBody => JSON.parse(Buffer.from(stored).toString());

/** What comes before the relations, which are most of a body and which a search does not look at. */
export function decodeEntities(stored: Uint8Array): Entity[] {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  // Found at the top level only: inside a string its quotes would be escaped.
  const end = bytes.indexOf(',"relations":[');
  return JSON.parse(end < 0 ? bytes.toString() : `${bytes.toString("utf8", 0, end)}}`).entities;
}

/** Ids of a file's entities in order: `<path>#<Qualified.name>`, `~2` for a second one of that name. */
export function entityIds(path: string, { entities }: Pick<Outline, "entities">): string[] {
  const seen = new Map<string, number>();
  return entities.map(({ qualified }) => {
    const count = (seen.get(qualified) ?? 0) + 1;
    seen.set(qualified, count);
    return count === 1 ? `${path}#${qualified}` : `${path}#${qualified}~${count}`;
  });
}
