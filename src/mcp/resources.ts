/**
 * Resources: what is in the knowledge base by address. The list holds what people and agents wrote, page by page; files
 * and definitions are found by search and read through templates. Used by server.ts.
 */
import type { EntityAnswer } from "../commands/entity.ts";
import { MomoError } from "../errors.ts";
import type { EntrySummary, KnowledgeEntry } from "../model/api.ts";
import { type Asking, ask } from "./session.ts";

export const kinds = ["file", "entity", "document"] as const;
type Kind = (typeof kinds)[number];

const PAGE = 100;

export const templates = [
  {
    uriTemplate: "momo://file/{+path}",
    name: "file",
    title: "File",
    description: "A file as it is indexed, by its path",
    mimeType: "text/plain",
  },
  {
    uriTemplate: "momo://entity/{+id}",
    name: "entity",
    title: "Definition",
    description: "A definition by path#Qualified.name, with what it is joined to",
    mimeType: "application/json",
  },
  {
    uriTemplate: "momo://document/{+id}",
    name: "document",
    title: "Document",
    description: "Documentation or a note that somebody wrote, by its id",
    mimeType: "text/markdown",
  },
] as const;

/** Readable characters stay as they are; `#` and `?` would end the path of an address. */
const encode = (id: string): string => id.split("/").map(encodeURIComponent).join("/").replaceAll("%3A", ":");

export const addressOf = (kind: Kind, id: string): string => `momo://${kind}/${encode(id)}`;

/** What an address names; undefined when it is none of ours. */
export function readAddress(uri: string): { kind: Kind; id: string } | undefined {
  const { kind, id } = /^momo:\/\/(?<kind>[a-z]+)\/(?<id>.+)$/s.exec(uri)?.groups ?? {};
  const known = kinds.find((one) => one === kind);
  if (!known || id === undefined) return undefined;
  try {
    return { kind: known, id: decodeURIComponent(id) };
  } catch {
    // A name with a percent sign that nobody encoded.
    return { kind: known, id };
  }
}

export interface ResourceList {
  resources: { uri: string; name: string; title?: string; mimeType: string }[];
  nextCursor?: string;
}

const encodeCursor = (id: string): string => Buffer.from(id, "utf8").toString("base64url");

function decodeCursor(cursor: string): string {
  const id = Buffer.from(cursor, "base64url").toString("utf8");
  if (id !== "" && encodeCursor(id) === cursor) return id;
  const hint = "give the nextCursor of the page before";
  throw new MomoError("VALUE_INVALID", { name: "cursor", value: cursor.slice(0, 40), hint });
}

/** Raises VALUE_INVALID for a cursor that is none. A knowledge base without an index has an empty list. */
export async function listResources(asking: Asking, cursor: string | undefined): Promise<ResourceList> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  const entries = (await writtenEntries(asking, "")).sort((a, b) => (a.id < b.id ? -1 : 1));
  const rest = after === undefined ? entries : entries.filter(({ id }) => id > after);
  const page = rest.slice(0, PAGE);
  return {
    resources: page.map(({ id, title }) => ({
      uri: addressOf("document", id),
      name: id,
      ...(title !== undefined && { title }),
      mimeType: "text/markdown",
    })),
    ...(rest.length > PAGE && { nextCursor: encodeCursor(page.at(-1)!.id) }),
  };
}

/** Entries whose id begins so. */
export async function writtenEntries(asking: Asking, prefix: string): Promise<EntrySummary[]> {
  try {
    const input = { action: "list", ...(prefix !== "" && { id: prefix }) };
    return (await ask<{ entries: EntrySummary[] }>(asking, "doc", input)).entries;
  } catch (error) {
    if (error instanceof MomoError && error.code === "NOT_INDEXED") return [];
    throw error;
  }
}

export interface ResourceText {
  uri: string;
  mimeType: string;
  text: string;
}

const isDefinition = ({ metadata }: KnowledgeEntry): boolean => "legacy_id" in metadata;

const isFile = ({ metadata, id }: KnowledgeEntry): boolean =>
  (metadata as { file_path?: unknown }).file_path === id && !id.includes("#");

/** undefined when nothing lies there. */
export async function readResource(asking: Asking, uri: string): Promise<ResourceText | undefined> {
  const address = readAddress(uri);
  if (!address) return undefined;
  const { kind, id } = address;
  try {
    if (kind === "document") {
      const entry = await ask<KnowledgeEntry>(asking, "doc", { action: "show", id });
      return isFile(entry) || isDefinition(entry)
        ? undefined
        : { uri, mimeType: "text/markdown", text: entry.content };
    }
    const entry = await ask<EntityAnswer>(asking, "entity", { id });
    // A bare name is no address: it would name another thing tomorrow.
    if (entry.id !== id || (kind === "file" && !isFile(entry))) return undefined;
    if (kind === "file") return { uri, mimeType: mimeOf(entry), text: entry.content };
    return { uri, mimeType: "application/json", text: JSON.stringify(entry) };
  } catch (error) {
    const isMissing =
      error instanceof MomoError && ["ENTRY_UNKNOWN", "NAME_AMBIGUOUS", "NOT_INDEXED"].includes(error.code);
    if (isMissing) return undefined;
    throw error;
  }
}

const mimeOf = ({ metadata }: KnowledgeEntry): string =>
  (metadata as { language?: unknown }).language === "markdown" ? "text/markdown" : "text/plain";
