/** The seam of graph search: what is related to what. Every implementation passes engines/graph.contract.fixture.ts. */
import type { EdgeRecord } from "./knowledge.ts";

export interface NeighbourQuery {
  /** Relations of these types only; default all. */
  types?: readonly string[];
  /** `out`: the id is the source. */
  direction: "out" | "in" | "both";
  limit: number;
}

export interface PathQuery {
  types?: readonly string[];
  direction: "out" | "in" | "both";
  /** The most relations of a path. */
  depth: number;
  /** The most relations that are looked at: `undefined` as an answer may then mean that it was not found. */
  budget: number;
}

export interface GraphCapabilities {
  /** Finds paths itself; otherwise engines/path.ts does it by neighbours, one step of all ends at a time. */
  paths: boolean;
  /** Knows only live relations: it reads the knowledge base itself, and nothing has to be joined. */
  live: boolean;
}

export interface GraphStore {
  readonly capabilities: GraphCapabilities;
  /** Live relations at any of these ids, by version; one that has both ends among them once. */
  neighbours(ids: readonly string[], query: NeighbourQuery): Promise<EdgeRecord[]>;
  /** A shortest path, its relations in order; none where both ids are one; undefined where there is no path. */
  path(from: string, to: string, query: PathQuery): Promise<EdgeRecord[] | undefined>;
  close(): Promise<void>;
}
