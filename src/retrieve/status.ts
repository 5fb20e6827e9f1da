/** What the knowledge base holds, what it left out and why, and how fresh it is. Used by momo.ts. */
import { statSync } from "node:fs";
import { join } from "node:path";
import type { Status } from "../model/api.ts";
import type { ScanRow } from "../store/contract/derived.ts";
import type { Store } from "../store/contract/store.ts";
import { engineHealth } from "../store/engines/health.ts";
import type { LexicalIndex } from "../store/lexical/index.ts";
import { countEntities } from "./entries.ts";

const EXAMPLES = 5;

export interface StatusRequest {
  root: string | undefined;
  home: string;
  index: LexicalIndex;
}

export function status(store: Store, { root, home, index }: StatusRequest): Status {
  const rows = store.scan();
  const { byType, byLanguage, chunks } = countEntities(index);
  const indexed = rows.filter(({ skipped }) => !skipped);
  const engines = engineHealth(store);
  const [last] = store.history({ agent: "indexer", limit: 1 });
  return {
    root: root ?? store.meta("root"),
    home,
    files: store.liveVersions("file").length,
    entries: store.liveVersions("entry").length,
    entities: Object.values(byType).reduce((sum, count) => sum + count, 0),
    chunks,
    bytes: indexed.reduce((sum, { size }) => sum + size, 0),
    database_bytes: statSync(store.path).size,
    encrypted: store.encrypted,
    languages: byLanguage,
    entity_types: byType,
    skipped: grouped(rows, ({ skipped }) => skipped?.split(":")[0]),
    warnings: grouped(indexed, ({ warning }) => warning),
    segments: store.segments().length,
    seq: store.seq(),
    digest: store.digest(),
    last_indexed_at: last?.at,
    stale_files: root ? countStale(root, rows) : 0,
    ...(engines.length > 0 && { engines }),
  };
}

function grouped(rows: ScanRow[], reason: (row: ScanRow) => string | undefined): Status["skipped"] {
  const groups: Status["skipped"] = {};
  for (const row of rows) {
    const name = reason(row);
    if (!name) continue;
    groups[name] ??= { count: 0, examples: [] };
    groups[name].count++;
    if (groups[name].examples.length < EXAMPLES) groups[name].examples.push(row.path);
  }
  return groups;
}

/** Indexed files that changed or vanished since; new files are not looked for. */
function countStale(root: string, rows: ScanRow[]): number {
  let stale = 0;
  for (const { path, size, mtime, skipped } of rows) {
    if (skipped) continue;
    const now = statSync(join(root, path), { throwIfNoEntry: false });
    if (!now || now.size !== size || now.mtimeMs !== mtime) stale++;
  }
  return stale;
}
