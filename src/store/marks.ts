/** Versions that a mark keeps out of retrieval (quarantine). A mark's body is JSON with `version`. Used by retrieve. */
import type { Store } from "./store.ts";

export function markedVersions(store: Store): Set<number> {
  const versions = new Set<number>();
  for (const vid of store.liveVersions("mark")) {
    const body = store.body(vid);
    if (body) versions.add(JSON.parse(Buffer.from(body).toString()).version);
  }
  return versions;
}
