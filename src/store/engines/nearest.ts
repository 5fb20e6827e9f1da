/**
 * The nearest rows that count now, from any vector store: what the store cannot leave out is left out here, and more is
 * asked for until there are enough. So an engine that lags can miss something, and never returns what was changed,
 * removed or taken back. Used by retrieve.
 */
import type { RowFilter, RowKey } from "../contract/rows.ts";
import type { LiveVersions, VectorHit, VectorSearch, VectorStore } from "../contract/vectors.ts";
import { partOf } from "./row-filter.ts";

export interface Asked {
  /** Hits, or with `each` the versions that they are of. */
  limit: number;
  each?: "row" | "version";
  live: LiveVersions;
  filter?: RowFilter;
  /** The whole filter, as the knowledge base itself says; only asked of live rows. */
  accepts?: (row: RowKey) => boolean;
}

/** What is left out is a part only: so many more are asked for at first, and from one time to the next. */
const AT_FIRST = 2;
const GROWTH = 4;

/**
 * Best first. Fewer than `limit` only where the store has no more, or gives no more at once. Raises what its `search`
 * raises.
 */
export async function nearestLive(
  store: VectorStore,
  query: Float32Array,
  { limit, each = "row", live, filter, accepts = () => true }: Asked,
): Promise<VectorHit[]> {
  const { capabilities } = store;
  const known = filter && partOf(filter, capabilities.filters);
  const search: Omit<VectorSearch, "limit"> = {
    ...(known && { filter: known }),
    ...(capabilities.live && { live }),
  };
  for (let ask = limit * AT_FIRST; ; ask *= GROWTH) {
    const most = Math.min(ask, capabilities.maxHits);
    const hits = await store.search(query, { ...search, limit: most });
    const kept = firstOf(
      hits.filter((hit) => live.has(hit.vid) && accepts(hit)),
      { limit, each },
    );
    if (kept.enough || hits.length < most || most === capabilities.maxHits) return kept.hits;
  }
}

/** Hits up to where there are `limit` rows or versions; of a row that comes twice the first. */
function firstOf(
  hits: readonly VectorHit[],
  { limit, each }: { limit: number; each: "row" | "version" },
): { hits: VectorHit[]; enough: boolean } {
  const found: VectorHit[] = [];
  const rows = new Set<string>();
  const counted = new Set<number | string>();
  for (const hit of hits) {
    if (counted.size >= limit) break;
    const row = `${hit.vid}/${hit.chunk}`;
    if (rows.has(row)) continue;
    rows.add(row);
    counted.add(each === "row" ? row : hit.vid);
    found.push(hit);
  }
  return { hits: found, enough: counted.size >= limit };
}
