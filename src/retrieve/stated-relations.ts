/**
 * What the text of a file states of one of its entities, as relations to show: each once, though a function may call
 * another in many places. Used by entries.ts.
 */
import type { KnowledgeEntry } from "../model/api.ts";
import type { RelationType } from "../model/outline.ts";
import type { FileBody } from "../store/records/file.ts";

type Stated = KnowledgeEntry["relations"];

/** `source` is an entity's number from 1, or 0 for the file; `ids` are those of the file's entities. */
export function statedRelations(body: FileBody, { source, ids }: { source: number; ids: string[] }): Stated {
  const { bases, calls } = body.links;
  const found: Stated = [...contained(body, { source, ids }), ...(source === 0 ? ofFile(body) : [])];
  for (const base of bases)
    if (base.source === source && base.owner === "") found.push(relation(base.type, base.path, base.line));
  for (const { name, receiver, line } of calls.filter((one) => one.source === source))
    found.push({
      type: "calls",
      target_id: name,
      metadata: receiver === "" ? { line } : { line, receiver },
    });
  return once(found);
}

function relation(type: RelationType, target: string, line: number): Stated[number] {
  return { type, target_id: target, metadata: { line } };
}

/** Entities that lie in it: imports and exports are said as such. */
function contained(
  { entities, links }: FileBody,
  { source, ids }: { source: number; ids: string[] },
): Stated {
  return entities.flatMap(({ type, name_line }, at) =>
    type === "import" || type === "export" || links.parents[at] !== source
      ? []
      : [relation("contains", ids[at]!, name_line)],
  );
}

function ofFile({ entities, links }: FileBody): Stated {
  const exported = entities.filter(({ type }) => type === "export");
  return [
    ...links.imports.map(({ module, line }) => relation("imports", module, line)),
    ...exported.map(({ name, name_line }) => relation("exports", name, name_line)),
  ];
}

function once(relations: Stated): Stated {
  const first = new Map<string, Stated[number]>();
  for (const one of relations) {
    const key = `${one.type} ${one.target_id}`;
    if (!first.has(key)) first.set(key, one);
  }
  return [...first.values()];
}
