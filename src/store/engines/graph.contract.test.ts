/** The knowledge base and an engine that lags keep the contract of graph stores. */
import { expect, test } from "vitest";
import type { GraphStore } from "../contract/graph.ts";
import type { EdgeRow } from "../contract/rows.ts";
import type { Store } from "../contract/store.ts";
import { openNew, relation, write } from "../knowledge.fixture.ts";
import { edgeRow, graphStoreContract } from "./graph.contract.fixture.ts";
import { liveGraph } from "./live-graph.ts";
import { MemoryGraph } from "./memory-engine.fixture.ts";
import { openStoreGraph } from "./store-graph.ts";

const filled = (edges: readonly EdgeRow[]): Store => {
  const store = openNew();
  for (const { key, source, type, target } of edges) write(store, relation(key, { source, type, target }));
  return store;
};

graphStoreContract({ name: "the knowledge base", open: async (edges) => openStoreGraph(filled(edges)) });

const engine = async (edges: readonly EdgeRow[]): Promise<MemoryGraph> => {
  const graph = new MemoryGraph();
  await graph.upsert(edges);
  return graph;
};
graphStoreContract({ name: "the engine of the tests", open: engine });

/** It holds dead relations beside the live ones. */
const stale = async (edges: readonly EdgeRow[]): Promise<GraphStore> => {
  const dead = edges.flatMap(({ source, target }, i) => [
    edgeRow(1000 + i, source, "calls", "d"),
    edgeRow(2000 + i, "a", "calls", target),
  ]);
  const live = new Set(edges.map(({ vid }) => vid));
  return liveGraph(await engine([...dead, ...edges]), live);
};
graphStoreContract({ name: "an engine that lags, joined to what is live", open: stale });

test("what was removed is no neighbour and no step of a path, whatever the engine says", async () => {
  const edges = [edgeRow(1, "a", "calls", "b"), edgeRow(2, "b", "calls", "c"), edgeRow(3, "a", "calls", "c")];
  const store = filled(edges);
  const lagging = await engine(edges);
  const live = new Set(store.liveVersions("relation"));
  const query = { direction: "out" as const, depth: 5, budget: 100 };
  expect((await liveGraph(lagging, live).path("a", "c", query))?.map(({ vid }) => vid)).toEqual([3]);
  write(store, relation("r3", { source: "a", type: "calls", target: "z" }));
  const now = liveGraph(lagging, new Set(store.liveVersions("relation")));
  expect((await now.path("a", "c", query))?.map(({ vid }) => vid)).toEqual([1, 2]);
  const finding = Object.assign(Object.create(lagging), { capabilities: { paths: true, live: false } });
  const found = liveGraph(finding, new Set(store.liveVersions("relation")));
  expect((await found.path("a", "c", query))?.map(({ vid }) => vid)).toEqual([1, 2]);
  expect(await now.neighbours(["a"], { direction: "out", limit: 9 })).toMatchObject([{ vid: 1 }]);
});
