/** `momo ingest` and `momo status` for people. Used by format.ts. */
import { skipReasons } from "../collect/skip.ts";
import type { IngestAnswer } from "../commands/ingest.ts";
import type { Status } from "../model/api.ts";
import { age, bytes, count, counted, duration, time } from "./quantity.ts";
import { type Column, table } from "./table.ts";
import { printable, type Terminal } from "./terminal.ts";

type Groups = Status["skipped"];

/** Label and value, the label dimmed. */
export function pairs(rows: readonly (readonly [string, string])[], terminal: Terminal): string[] {
  return table(rows, [{ paint: (text) => terminal.paint("dim", text) }, {}], terminal);
}

const heading = (text: string, terminal: Terminal): string => terminal.paint("bold", text);

const sentences: Readonly<Record<string, string>> = skipReasons;

/** Reason, how many, what it means and examples. */
function groupLines(groups: Groups, terminal: Terminal): string[] {
  const entries = Object.entries(groups).sort(([, a], [, b]) => b.count - a.count);
  const rows = entries.map(([reason, { count: files, examples }]) => {
    const paths = printable(examples.join(", "));
    return [
      `  ${reason}`,
      count(files),
      Object.hasOwn(sentences, reason) ? `${sentences[reason]}: ${paths}` : paths,
    ];
  });
  const columns: Column[] = [{}, { align: "right" }, { paint: (text) => terminal.paint("dim", text) }];
  return table(rows, columns, terminal);
}

function section(title: string, lines: readonly string[], terminal: Terminal): string[] {
  return lines.length > 0 ? ["", heading(title, terminal), ...lines] : [];
}

const leftOut = (groups: Groups | undefined, title: string, terminal: Terminal): string[] =>
  section(title, groups ? groupLines(groups, terminal) : [], terminal);

const changes = ({ created, updated, removed, unchanged }: IngestAnswer): string =>
  `${count(created)} new, ${count(updated)} changed, ${count(removed)} removed, ${count(unchanged)} as before`;

function renamedRows({ renamed, renames_by_content_only }: IngestAnswer): [string, string][] {
  const { files = 0, definitions = 0 } = renamed ?? {};
  const found = [
    ...(files > 0 ? [counted(files, "file")] : []),
    ...(definitions > 0 ? [counted(definitions, "definition")] : []),
  ].join(", ");
  const rest = "so much changed that others were not looked for";
  if (!renames_by_content_only) return found === "" ? [] : [["Renamed", found]];
  return [["Renamed", found === "" ? `unknown: ${rest}` : `${found}; ${rest}`]];
}

function embeddingRows({ embedding }: IngestAnswer): [string, string][] {
  if (!embedding) return [];
  const { embedded, remaining, warning } = embedding;
  const left = remaining > 0 ? `, ${count(remaining)} without a vector` : "";
  return [
    ["Embedded", `${counted(embedded, "chunk")}${left}`],
    ...(warning === undefined ? [] : [["Warning", printable(warning)] as [string, string]]),
  ];
}

export function formatIngest(stats: IngestAnswer, terminal: Terminal): string {
  const seconds = stats.processing_time_seconds;
  const rate = seconds > 0 && stats.bytes > 0 ? `, ${bytes(Math.round(stats.bytes / seconds))}/s` : "";
  const failed = stats.failed_files > 0 ? `, ${count(stats.failed_files)} failed` : "";
  const lines = [
    ...pairs(
      [
        ["Indexed", printable(stats.root)],
        ["Files", `${count(stats.successful_files)} of ${count(stats.total_files)}${failed}`],
        ["Left out", count(stats.skipped_files)],
        ["Changes", changes(stats)],
        ...renamedRows(stats),
        ["Entities read", count(stats.total_entities)],
        ...embeddingRows(stats),
        ["Time", `${duration(seconds * 1000)}${rate}`],
      ],
      terminal,
    ),
    ...leftOut(stats.skipped, "Left out", terminal),
    ...leftOut(stats.warnings, "Warnings", terminal),
  ];
  return `${lines.join("\n")}\n`;
}

function languageLines({ languages }: Status, terminal: Terminal): string[] {
  const entries = Object.entries(languages).sort(([, a], [, b]) => b.files - a.files);
  const rows = entries.map(([name, { files, entities }]) => [
    `  ${name}`,
    counted(files, "file"),
    entities > 0 ? counted(entities, "entity", "entities") : "",
  ]);
  return table(rows, [{}, { align: "right" }, { align: "right" }], terminal);
}

function entityLines({ entity_types }: Status, terminal: Terminal): string[] {
  const entries = Object.entries(entity_types).sort(([, a], [, b]) => b - a);
  return table(
    entries.map(([name, total]) => [`  ${name}`, count(total)]),
    [{}, { align: "right" }],
    terminal,
  );
}

function engineLines({ engines = [] }: Status, terminal: Terminal): string[] {
  const rows = engines.map(({ name, state, behind, error }) => [
    `  ${printable(name)}`,
    state,
    behind > 0 ? `${counted(behind, "operation")} behind` : "",
    error === undefined ? "" : printable(error),
  ]);
  return table(rows, [{}, {}, { align: "right" }, {}], terminal);
}

const database = ({ database_bytes, segments, encrypted }: Status): string =>
  `${bytes(database_bytes)}, ${counted(segments, "segment")}${encrypted ? ", encrypted" : ""}`;

export function formatStatus(status: Status, terminal: Terminal): string {
  const { last_indexed_at: indexed, stale_files: stale } = status;
  const entries: [string, string][] =
    status.entries > 0 ? [["Entries", `${count(status.entries)} (momo doc list)`]] : [];
  const lines = [
    ...pairs(
      [
        ["Root", printable(status.root ?? "none")],
        ["Knowledge base", printable(status.home)],
        ["Files", `${count(status.files)}, ${bytes(status.bytes)}`],
        ["Entities", count(status.entities)],
        ["Chunks", count(status.chunks)],
        ...entries,
        ["Database", database(status)],
        ["Journal", `${counted(status.seq, "operation")}, state ${status.digest.slice(0, 16)}`],
        ["Last indexed", indexed ? `${time(indexed)}, ${age(indexed, Date.now())}` : "never"],
        ["Up to date", stale > 0 ? `no, ${counted(stale, "file")} changed since: momo ingest` : "yes"],
      ],
      terminal,
    ),
    ...section("Engines", engineLines(status, terminal), terminal),
    ...section("Languages", languageLines(status, terminal), terminal),
    ...section("Entities", entityLines(status, terminal), terminal),
    ...leftOut(status.skipped, "Left out", terminal),
    ...leftOut(status.warnings, "Warnings", terminal),
  ];
  return `${lines.join("\n")}\n`;
}
