/**
 * Relations that count now, from any graph store: what it says is joined to the heads, so one that lags can miss a
 * relation and never returns one that was changed, removed or taken back. Used where an engine is set.
 */
import type { GraphStore, NeighbourQuery } from "../contract/graph.ts";
import type { EdgeRecord } from "../contract/knowledge.ts";
import type { LiveVersions } from "../contract/vectors.ts";
import { findPath } from "./path.ts";

const AT_FIRST = 2;
const GROWTH = 4;

export function liveGraph(graph: GraphStore, live: LiveVersions): GraphStore {
  if (graph.capabilities.live) return graph;
  const neighbours = async (ids: readonly string[], query: NeighbourQuery): Promise<EdgeRecord[]> => {
    for (let limit = query.limit * AT_FIRST; ; limit *= GROWTH) {
      const found = await graph.neighbours(ids, { ...query, limit });
      const kept = found.filter(({ vid }) => live.has(vid));
      if (kept.length >= query.limit || found.length < limit) return kept.slice(0, query.limit);
    }
  };
  return {
    capabilities: { paths: true, live: true },
    neighbours,
    path: async (from, to, query) => {
      const path = graph.capabilities.paths ? await graph.path(from, to, query) : undefined;
      if (path?.every(({ vid }) => live.has(vid))) return path;
      // There is none, or one that leads over what does not count: there may be another.
      return findPath({ neighbours }, { from, to }, query);
    },
    close: () => graph.close(),
  };
}
