/**
 * Bodies of file versions as extractors before the fourth wrote them: JSON with relations by qualified name. Such
 * versions stay in the knowledge base, and a rollback shows them. Read by file.ts; nothing writes them any more.
 */
import { emptyLinks, type Links } from "../../model/links.ts";
import type { Entity } from "../../model/outline.ts";
import { damaged } from "./columns.ts";
import type { FileBody } from "./outline-columns.ts";

interface Relation {
  type: string;
  /** Qualified name of an entity; "" is the file. */
  from: string;
  to: string;
  line: number;
}

interface JsonBody extends Omit<FileBody, "links"> {
  relations: Relation[];
}

export function readJsonBody(bytes: Uint8Array): FileBody {
  const { relations, ...facts } = parse(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(),
  );
  return { ...facts, links: linksOf(facts.entities, relations) };
}

function parse(text: string): JsonBody {
  let body: Partial<JsonBody> | undefined;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw damaged((error as Error).message);
  }
  if (!Array.isArray(body?.entities) || !Array.isArray(body.relations))
    throw damaged("its entities are missing");
  return body as JsonBody;
}

/** The first entity of a qualified name stands for all of them: the relations never knew better. */
function linksOf(entities: Entity[], relations: Relation[]): Links {
  const links = emptyLinks();
  const ordinals = new Map<string, number>();
  entities.forEach(({ qualified }, i) => {
    if (!ordinals.has(qualified)) ordinals.set(qualified, i + 1);
  });
  links.parents = entities.map(() => 0);
  for (const { type, from, to, line } of relations) {
    const source = ordinals.get(from) ?? 0;
    const owner = source === 0 ? from : "";
    if (type === "contains") links.parents[(ordinals.get(to) ?? 0) - 1] = source;
    else if (type === "calls")
      links.calls.push({ source, name: to, receiver: "", line, arity: -1, flags: 0 });
    else if (type === "imports")
      links.imports.push({ source, local: "", imported: "", module: to, line, flags: 0 });
    else if (type === "extends" || type === "implements")
      links.bases.push({ source, owner, type, path: to, line });
  }
  return links;
}
