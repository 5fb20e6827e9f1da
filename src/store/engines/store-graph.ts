/** The graph store that Momo brings: the relations of the knowledge base itself, by the indexes of their ends. */
import type { GraphStore, NeighbourQuery } from "../contract/graph.ts";
import type { EdgeRecord } from "../contract/knowledge.ts";
import type { StoreReader } from "../contract/reader.ts";
import { findPath } from "./path.ts";

export function openStoreGraph(store: StoreReader): GraphStore {
  const neighbours = async (
    ids: readonly string[],
    { types, direction, limit }: NeighbourQuery,
  ): Promise<EdgeRecord[]> => {
    const found = new Map<number, EdgeRecord>();
    store.snapshot(() => {
      for (const id of new Set(ids)) {
        if (direction !== "in") for (const edge of store.edges(id, "source")) found.set(edge.vid, edge);
        if (direction !== "out") for (const edge of store.edges(id, "target")) found.set(edge.vid, edge);
      }
    });
    return [...found.values()]
      .filter(({ type }) => types?.includes(type) ?? true)
      .sort((a, b) => a.vid - b.vid)
      .slice(0, limit);
  };
  return {
    capabilities: { paths: true, live: true },
    neighbours,
    path: (from, to, query) => findPath({ neighbours }, { from, to }, query),
    close: async () => undefined,
  };
}
