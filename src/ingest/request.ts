/** From what a caller asks to index to one ingest run: paths below the root, settings, limits. Used by momo.ts. */
import { realpathSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { MomoError } from "../errors.ts";
import type { IngestRequest, IngestStats } from "../model/api.ts";
import type { Store } from "../store/contract/store.ts";
import { ingest } from "./ingest.ts";

export interface IngestSettings {
  max_file_size_mb: number;
  workers: number;
  patterns: readonly string[];
  ignore_patterns: readonly string[];
}

export interface IngestContext {
  root: string;
  home: string;
  config: IngestSettings;
  request: IngestRequest;
}

export async function runIngest(
  store: Store,
  { root, home, config, request }: IngestContext,
): Promise<IngestStats> {
  const under = request.path === undefined ? "" : below(root, request.path);
  const patterns = request.patterns?.length ? request.patterns : config.patterns;
  return ingest(store, {
    root,
    home,
    patterns,
    ignore: [...config.ignore_patterns, ...(request.ignore ?? [])],
    max_bytes: config.max_file_size_mb * 1024 * 1024,
    workers: config.workers,
    ...(under && { under }),
    ...(request.on_progress && { on_progress: request.on_progress }),
    ...(request.signal && { signal: request.signal }),
  });
}

function below(root: string, path: string): string {
  const full = resolve(root, path);
  let real: string;
  try {
    real = realpathSync(full);
  } catch (cause) {
    throw new MomoError("PATH_MISSING", { path }, cause);
  }
  const inside = relative(root, real).split(sep).join("/");
  if (inside === ".." || inside.startsWith("../")) throw new MomoError("PATH_OUTSIDE_ROOT", { path, root });
  return inside;
}
