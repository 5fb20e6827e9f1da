/**
 * How entries and relations lie in the store: what knowledge writes, and retrieve and pending.ts read. No clock time is
 * part of a version, so equal content has equal versions: doing and undoing gives the same digest.
 */
import type { KnowledgeType } from "../../model/api.ts";
import { canonicalJson } from "../../model/canonical-json.ts";
import type { Edge, NewVersion } from "../contract/knowledge.ts";

export interface EntryBody {
  type: KnowledgeType;
  metadata: Record<string, unknown>;
}

export interface Entry extends EntryBody {
  id: string;
  content: string;
}

export const entryVersion = ({ id, type, metadata, content }: Entry): NewVersion => ({
  key: id,
  kind: "entry",
  body: Buffer.from(canonicalJson({ type, metadata })),
  text: Buffer.from(content),
});

export const decodeEntry = (body: Uint8Array): EntryBody => JSON.parse(Buffer.from(body).toString());

export interface Relation extends Edge {
  /** Tells it from others of the same type between the same ends. */
  id?: string;
  metadata: Record<string, unknown>;
}

export const relationVersion = ({ metadata, id, ...edge }: Relation): NewVersion => ({
  key: relationKey({ ...edge, ...(id !== undefined && { id }) }),
  kind: "relation",
  body: Buffer.from(canonicalJson({ metadata, id })),
  edge,
});

export const decodeRelation = (body: Uint8Array): Pick<Relation, "id" | "metadata"> =>
  JSON.parse(Buffer.from(body).toString());

/** A space of an id is written `\ `, so the spaces that are not separate the parts: no two relations share a key. */
const part = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll(" ", "\\ ");

/** `a.ts#f -calls-> b.ts#g`, and ` ~id` behind it where there is one. */
export const relationKey = ({ source, type, target, id }: Omit<Relation, "metadata">): string =>
  `${part(source)} -${type}-> ${part(target)}${id === undefined ? "" : ` ~${part(id)}`}`;
