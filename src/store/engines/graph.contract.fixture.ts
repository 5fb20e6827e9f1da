/**
 * What every graph store must do, as tests. An adapter's own test is a call of it:
 *
 *     graphStoreContract({ name: "the knowledge base", open: async (edges) => openStoreGraph(filled(edges)) });
 *
 * Used by the tests of the adapters.
 */
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { GraphStore, NeighbourQuery } from "../contract/graph.ts";
import type { EdgeRecord } from "../contract/knowledge.ts";
import type { EdgeRow } from "../contract/rows.ts";
import { keyUuid } from "./key-id.ts";

export interface GraphContract {
  name: string;
  /** A store with these relations, whose versions are numbered from 1 in this order. */
  open: (edges: readonly EdgeRow[]) => Promise<GraphStore>;
  /** Tests, by a part of their name, that an adapter cannot pass, and why; reported as skipped. */
  skip?: Readonly<Record<string, string>>;
}

export const edgeRow = (vid: number, ...[source, type, target]: [string, string, string]): EdgeRow => ({
  vid,
  id: keyUuid("relation", `r${vid}`),
  key: `r${vid}`,
  kind: "relation",
  seq: vid,
  mark: vid,
  source,
  type,
  target,
});

/** a -> b -> c -> d, a short cut by another type, a circle back, and one apart. */
const edges = [
  ["a", "calls", "b"],
  ["b", "calls", "c"],
  ["c", "calls", "d"],
  ["a", "imports", "d"],
  ["d", "calls", "a"],
  ["b", "calls", "b"],
  ["x", "calls", "y"],
  ["a", "calls", "b"],
].map(([source, type, target], i) => edgeRow(i + 1, source!, type!, target!));
const all = { limit: 100 };
const bounds = { depth: 5, budget: 1000 };
const vids = (found: readonly EdgeRecord[] | undefined): number[] | undefined => found?.map(({ vid }) => vid);

export function graphStoreContract({ name, open, skip = {} }: GraphContract): void {
  const opened: GraphStore[] = [];
  afterEach(async () => {
    for (const graph of opened.splice(0)) await graph.close();
  });
  const filled = async (rows: readonly EdgeRow[] = edges): Promise<GraphStore> => {
    const graph = await open(rows);
    opened.push(graph);
    return graph;
  };
  const test = (title: string, work: () => Promise<void>): void => {
    const reason = Object.entries(skip).find(([part]) => title.includes(part))?.[1];
    it(title, async (context) => {
      if (reason !== undefined) context.skip(reason);
      await work();
    });
  };
  describe(`${name}, as every graph store`, () => {
    asked(test, filled);
    paths(test, filled);
  });
}

type Test = (title: string, work: () => Promise<void>) => void;
type Filled = (rows?: readonly EdgeRow[]) => Promise<GraphStore>;

function asked(test: Test, filled: Filled): void {
  test("finds relations at an id by direction and type, by version", async () => {
    const graph = await filled();
    const at = async (id: string, query: Omit<NeighbourQuery, "limit">): Promise<unknown> =>
      vids(await graph.neighbours([id], { ...query, ...all }));
    expect(await at("a", { direction: "out" })).toEqual([1, 4, 8]);
    expect(await at("a", { direction: "in" })).toEqual([5]);
    expect(await at("a", { direction: "both" })).toEqual([1, 4, 5, 8]);
    expect(await at("a", { direction: "out", types: ["imports", "extends"] })).toEqual([4]);
    expect(await at("a", { direction: "out", types: [] })).toEqual([]);
    expect(await at("b", { direction: "both" })).toEqual([1, 2, 6, 8]);
    expect(await at("nothing", { direction: "both" })).toEqual([]);
    const [first] = await graph.neighbours(["a"], { direction: "out", limit: 1 });
    expect(first).toEqual({ vid: 1, key: "r1", source: "a", type: "calls", target: "b" });
  });

  test("finds those of many ids at once, each once, and no more than asked for", async () => {
    const graph = await filled();
    const query = { direction: "both" as const };
    expect(vids(await graph.neighbours(["a", "b", "a"], { ...query, ...all }))).toEqual([1, 2, 4, 5, 6, 8]);
    expect(vids(await graph.neighbours(["a", "b"], { ...query, limit: 3 }))).toEqual([1, 2, 4]);
    expect(vids(await graph.neighbours([], { ...query, ...all }))).toEqual([]);
  });

  test("agrees with a plain list", async () => {
    const id = fc.constantFrom<string>("a", "b", "c", "d'\"", "ü/x.ts#f~2");
    const type = fc.constantFrom("calls", "tests");
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(id, type, id), { maxLength: 12 }),
        fc.array(id, { maxLength: 3 }),
        fc.constantFrom("out" as const, "in" as const, "both" as const),
        async (made, ids, direction) => {
          const rows = made.map(([source, own, target], i) => edgeRow(i + 1, source, own, target));
          const graph = await filled(rows);
          const expected = rows.filter(
            ({ source, target }) =>
              (direction !== "in" && ids.includes(source)) || (direction !== "out" && ids.includes(target)),
          );
          expect(vids(await graph.neighbours(ids, { direction, ...all }))).toEqual(vids(expected));
        },
      ),
      { numRuns: 25 },
    );
  });
}

function paths(test: Test, filled: Filled): void {
  test("finds a shortest path, in the direction and by the types that are asked for", async () => {
    const graph = await filled();
    const path = async (from: string, to: string, query: object = {}): Promise<unknown> =>
      vids(await graph.path(from, to, { direction: "out", ...bounds, ...query }));
    expect(await path("a", "d")).toEqual([4]);
    expect(await path("a", "d", { types: ["calls"] })).toEqual([1, 2, 3]);
    expect(await path("d", "b")).toEqual([5, 1]);
    expect(await path("c", "a", { direction: "in" })).toEqual([2, 1]);
    expect(await path("c", "a", { direction: "both", types: ["calls"] })).toHaveLength(2);
    expect(await path("a", "a")).toEqual([]);
    expect(await path("a", "x")).toBeUndefined();
    expect(await path("nothing", "a")).toBeUndefined();
  });

  test("goes no further than it may", async () => {
    const graph = await filled();
    const query = { direction: "out" as const, types: ["calls"] };
    expect(vids(await graph.path("a", "d", { ...query, depth: 3, budget: 100 }))).toEqual([1, 2, 3]);
    expect(await graph.path("a", "d", { ...query, depth: 2, budget: 100 })).toBeUndefined();
    expect(await graph.path("a", "d", { ...query, depth: 9, budget: 1 })).toBeUndefined();
  });
}
