/** Refuses what cannot be kept: ids, names, metadata and texts that break a rule, with the rule. Used by this room. */
import { type KnowledgeType, knowledgeTypes } from "../model/api.ts";
import { checkLine, refuse } from "../model/lines.ts";
import { didYouMean } from "../model/nearest.ts";
import { type RelationType, relationTypes } from "../model/outline.ts";
import { ownAgents } from "../model/own-agents.ts";
import type { NewEntry, TransactRequest } from "../model/rollback.ts";
import { documentationPrefix } from "./documentation.ts";

const MAX_ID = 500;
const MAX_NAME = 200;
const MAX_OUTSIDE = 2000;
const MAX_CONTENT = 10 * 1024 * 1024;
const MAX_METADATA = 1024 * 1024;
/** Keys of other kinds begin so or look so: an entry in their place would be in their way. */
const RESERVED = /^quarantine:| -[a-z_]+-> /;

export function checkId(id: unknown): asserts id is string {
  checkLine("id", id, MAX_ID);
  if (id.startsWith(documentationPrefix)) refuse("id", id, "such ids are given by storeDocumentation");
  if (id.includes("#")) refuse("id", id, "# is for what lies in a file, choose another character");
  if (RESERVED.test(id)) refuse("id", id, "marks and relations have such ids, choose another one");
}

export function checkDocumentationType(type: unknown): asserts type is string {
  checkLine("documentation_type", type, MAX_NAME);
  if (/[:#]/.test(type)) refuse("documentation_type", type, "leave out : and #");
}

/** An id beside the ends, which tells parallel relations apart. */
export function checkRelationId(id: unknown): void {
  if (id !== undefined) checkLine("id of a relation", id, MAX_NAME);
}

function checkChoice<C extends string>(name: string, value: unknown, choices: readonly C[]): void {
  if (choices.includes(value as C)) return;
  refuse(name, value, didYouMean(typeof value === "string" ? value : "", choices));
}

export const checkRelationType = (type: RelationType): void =>
  checkChoice("type of a relation", type, relationTypes);

const checkKnowledgeType = (type: KnowledgeType): void => checkChoice("type", type, knowledgeTypes);

function checkContent(content: unknown): asserts content is string {
  if (typeof content !== "string") refuse("content", content, "give a text");
  if (Buffer.byteLength(content) > MAX_CONTENT) refuse("content", content, "give at most 10 MB");
}

/** A copy that is what JSON makes of it, so that it is what will be read. */
export function checkMetadata(metadata: unknown = {}): Record<string, unknown> {
  let json: string;
  try {
    json = JSON.stringify(metadata) ?? "null";
  } catch {
    return refuse("metadata", metadata, "give what JSON can hold");
  }
  if (Buffer.byteLength(json) > MAX_METADATA) refuse("metadata", metadata, "give at most 1 MB");
  const copy: unknown = JSON.parse(json);
  if (typeof copy !== "object" || copy === null || Array.isArray(copy))
    return refuse("metadata", metadata, "give an object");
  return copy as Record<string, unknown>;
}

/** Everything of an entry but its id. */
export function checkEntry({
  type,
  content,
  metadata,
}: Omit<NewEntry, "id">): Required<Omit<NewEntry, "id">> {
  checkKnowledgeType(type);
  checkContent(content);
  return { type, content, metadata: checkMetadata(metadata) };
}

/** What is asked beside who asks, which the store checks. */
export function checkRequest(request: TransactRequest): void {
  const { agent, irreversible, expect = {} } = request;
  if (ownAgents.includes(agent)) refuse("agent", agent, "Momo itself writes by that name");
  if (irreversible !== undefined) {
    checkLine("irreversible", irreversible, MAX_OUTSIDE);
    const hint = "an exploration may be discarded: what stays done belongs in the knowledge base itself";
    if (request.exploration !== undefined) refuse("irreversible", irreversible, hint);
  }
  for (const [id, version] of Object.entries(expect))
    if (!Number.isSafeInteger(version) || version < 0)
      refuse(`expected version of ${id}`, version, "give the version that the entry had, or 0 for none");
}
