/** The writing half of `momo doc`: from what was asked to one transaction. Used by doc.ts. */
import { readFileSync } from "node:fs";
import { MomoError } from "../errors.ts";
import type { KnowledgeType } from "../model/api.ts";
import { relationTypes } from "../model/outline.ts";
import type { EntryTransaction, TransactRequest, WriteReceipt } from "../model/rollback.ts";
import type { Momo } from "../momo.ts";
import type { CommandContext } from "./command.ts";
import { existingFile } from "./place.ts";
import { choose } from "./value.ts";
import { authorOf } from "./who.ts";

/** What a write did to one id, or to one relation by its ends. */
export interface DocWritten extends WriteReceipt {
  id: string;
  relation?: { type: string; target: string; id?: string };
  /** The version that the id has now; of `set`. */
  version?: number;
  /** False when there was nothing to remove; of `remove` and `unrelate`. */
  removed?: boolean;
}

/** What was given, with the words in their places. */
export interface Asked {
  action: "set" | "show" | "list" | "remove" | "relate" | "unrelate";
  id: string;
  relation: string | undefined;
  target: string | undefined;
  content: string | undefined;
  file: string | undefined;
  type: KnowledgeType | undefined;
  meta: string[];
  documents: string | undefined;
  relation_id: string | undefined;
  agent: string | undefined;
  session: string | undefined;
  request_id: string | undefined;
  intent: string | undefined;
  expect: number | undefined;
  reads: string[];
  irreversible: string | undefined;
  exploration: string | undefined;
}

export const setUsage = "usage: momo doc set ID --content TEXT | --file FILE | -";

/** undefined where no text was given: what the entry says stays. */
async function readContent(
  context: CommandContext,
  { content, file, relation }: Asked,
): Promise<string | undefined> {
  const sources = [content, file, relation].filter((source) => source !== undefined);
  if (sources.length > 1) {
    const hint = "give one of --content, --file and -";
    throw new MomoError("VALUE_INVALID", { name: "the text", value: sources.at(-1)!, hint });
  }
  if (file === "-" || relation === "-") return context.readInput();
  return file === undefined ? content : readFileSync(existingFile(context, file), "utf8");
}

/** `title=How to ship` by name; null where there is nothing behind the sign. */
function readMetadata(texts: readonly string[]): Record<string, string | null> {
  const fields = texts.map((text): [string, string | null] => {
    const at = text.indexOf("=");
    if (at > 0) return [text.slice(0, at), text.slice(at + 1) || null];
    throw new MomoError("VALUE_INVALID", { name: "--meta", value: text, hint: "write NAME=VALUE" });
  });
  return Object.fromEntries(fields);
}

function requestOf(context: CommandContext, asked: Asked): TransactRequest {
  const { exploration, expect, reads, irreversible, id } = asked;
  return {
    ...authorOf(context, asked),
    ...(exploration !== undefined && { exploration }),
    ...(expect !== undefined && { expect: { [id]: expect } }),
    ...(reads.length > 0 && { reads }),
    ...(irreversible !== undefined && { irreversible }),
  };
}

interface Text {
  content: string | undefined;
  type: KnowledgeType | undefined;
  metadata: Record<string, string | null>;
}

/** Changes an entry, or makes it where there is none. */
function set(tx: EntryTransaction, id: string, { content, type, metadata }: Text): void {
  try {
    const change = { ...(content !== undefined && { content }), ...(type && { type }), metadata };
    tx.update(id, change);
    return;
  } catch (error) {
    if (!(error instanceof MomoError && error.code === "ENTRY_UNKNOWN")) throw error;
  }
  if (content === undefined) {
    throw new MomoError("ARGUMENT_MISSING", { argument: "--content or --file", usage: setUsage });
  }
  const given = Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== null));
  const [, entity_id, documentation_type] = /^doc:(.+):([^:]+)$/.exec(id) ?? [];
  if (entity_id !== undefined && documentation_type !== undefined)
    tx.storeDocumentation({ entity_id, documentation_type, content, metadata: given });
  else tx.put({ id, type: type ?? "documentation", content, metadata: given });
}

export async function setEntry(context: CommandContext, momo: Momo, asked: Asked): Promise<DocWritten> {
  const { id, documents, exploration } = asked;
  const text = {
    content: await readContent(context, asked),
    type: asked.type,
    metadata: readMetadata(asked.meta),
  };
  const receipt = await momo.transact(requestOf(context, asked), (tx) => {
    set(tx, id, text);
    if (documents !== undefined) tx.relate(id, "documents", documents);
  });
  const entry = await momo.get(id, exploration === undefined ? {} : { exploration });
  return { id: entry?.id ?? id, ...(entry?.version !== undefined && { version: entry.version }), ...receipt };
}

export async function removeEntry(context: CommandContext, momo: Momo, asked: Asked): Promise<DocWritten> {
  let removed = false;
  const receipt = await momo.transact(requestOf(context, asked), (tx) => {
    removed = tx.remove(asked.id);
  });
  return { id: asked.id, removed: removed || receipt.repeated === true, ...receipt };
}

export async function relate(context: CommandContext, momo: Momo, asked: Asked): Promise<DocWritten> {
  const { action, id, relation = "", target = "", relation_id } = asked;
  const type = choose(relationTypes, { name: "TYPE", text: relation });
  const more = relation_id === undefined ? {} : { id: relation_id };
  let removed = false;
  const receipt = await momo.transact(requestOf(context, asked), (tx) => {
    if (action === "relate") tx.relate(id, type, target, more);
    else removed = tx.unrelate(id, type, target, more);
  });
  const left = action === "unrelate" ? { removed: removed || receipt.repeated === true } : {};
  return { id, relation: { type, target, ...more }, ...left, ...receipt };
}
