/** `momo doc` for people. Used by format.ts. */
import type { DocAnswer } from "../commands/doc.ts";
import type { DocWritten } from "../commands/doc-changes.ts";
import type { EntityAnswer } from "../commands/entity.ts";
import type { EntrySummary, KnowledgeEntry } from "../model/api.ts";
import type { WriteReceipt } from "../model/rollback.ts";
import { counted, time } from "./quantity.ts";
import { table } from "./table.ts";
import { printable, type Terminal } from "./terminal.ts";

export function formatDoc(result: DocAnswer, terminal: Terminal): string {
  if ("entries" in result) return formatEntries(result.entries, terminal);
  if ("content" in result) return formatEntry(result, terminal);
  return `${printable(wordsOf(result))}\n`;
}

function wordsOf(written: DocWritten): string {
  const { id, relation, removed, version, repeated, operations, transaction } = written;
  const what = relation ? `${id} ${relation.type} ${relation.target}` : id;
  if (removed === false) return `There is no ${what}.`;
  if (repeated) return `Done before, in transaction #${transaction}: ${what}`;
  if (operations === 0) return `As it was: ${what}`;
  const done = removed ? "Removed" : relation ? "Related" : `Kept as version ${version}`;
  return `${done}: ${what} (transaction #${transaction})`;
}

function formatEntries(entries: readonly EntrySummary[], terminal: Terminal): string {
  if (entries.length === 0) return "No entries.\n";
  const dim = (text: string): string => terminal.paint("dim", text);
  const rows = entries.map(({ id, type, title = "", updated_at }) => {
    return [printable(id), type, time(updated_at), printable(title)];
  });
  return `${table(rows, [{}, { paint: dim }, { paint: dim }, {}], terminal).join("\n")}\n`;
}

/** Its facts in a column, then the text as it is. */
function formatEntry(entry: KnowledgeEntry, terminal: Terminal): string {
  const { id, renamed_from, type, version, updated_at, metadata, relations, documentation = [] } = entry;
  const facts: [string, string][] = [
    ["Id", id],
    ...(renamed_from === undefined ? [] : [["Asked as", renamed_from] as [string, string]]),
    ["Type", type],
    ["Version", `${version ?? ""}`],
    ["Written", time(updated_at)],
    ...Object.entries(metadata).map(([name, value]): [string, string] => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
    ...(entry.overloads ?? []).map((other): [string, string] => ["Same name", other]),
    ...relations.map((relation): [string, string] => [
      relation.type,
      relation.missing ? `${relation.target_id} (gone)` : relation.target_id,
    ]),
    ...documentation.map((by): [string, string] => ["Documented by", by]),
  ];
  const dim = (text: string): string => terminal.paint("dim", text);
  const rows = facts.map(([name, value]) => [printable(name), printable(value)]);
  const lines = entry.content.split("\n").map(printable);
  return `${[...table(rows, [{ paint: dim }, {}], terminal), "", ...lines].join("\n").trimEnd()}\n`;
}

/** What was written at an id by people and agents comes after its text. */
export function formatEntity(entity: EntityAnswer, terminal: Terminal): string {
  const { neighbors, cut_lines, more_neighbors } = entity;
  const others = neighbors
    .filter(({ source }) => source !== entity.id)
    .map(({ source, type }) => printable(`${source} ${type} this`));
  const left = [
    ...(cut_lines === undefined ? [] : [`${cut_lines} more lines`]),
    ...others,
    ...(more_neighbors === undefined ? [] : [`${more_neighbors} more relations`]),
  ];
  const text = formatEntry(entity, terminal);
  return left.length === 0
    ? text
    : `${text}\n${left.map((line) => terminal.paint("dim", line)).join("\n")}\n`;
}

export function formatTransacted({ transaction, operations, repeated }: WriteReceipt): string {
  if (repeated) return `Done before, in transaction #${transaction}.\n`;
  if (operations === 0) return "As it was: nothing changed.\n";
  return `Done: ${counted(operations, "operation")} in transaction #${transaction}.\n`;
}
