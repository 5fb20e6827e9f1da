/** A shortest path between two ids, one step of all ends at a time: for graph stores that find none themselves. */
import type { GraphStore, PathQuery } from "../contract/graph.ts";
import type { EdgeRecord } from "../contract/knowledge.ts";

type Asked = Pick<GraphStore, "neighbours">;

/**
 * Of several shortest ones that whose relations came first as versions; so every store that keeps the contract finds the
 * same. Looks at no more than `budget` relations.
 */
export async function findPath(
  graph: Asked,
  { from, to }: { from: string; to: string },
  { depth, budget, ...query }: PathQuery,
): Promise<EdgeRecord[] | undefined> {
  if (from === to) return [];
  /** By which relation each id was reached, and from where. */
  const reached = new Map<string, { edge: EdgeRecord; before: string } | undefined>([[from, undefined]]);
  let ends = [from];
  let left = budget;
  for (let step = 0; step < depth && ends.length > 0 && left > 0; step++) {
    const edges = await graph.neighbours(ends, { ...query, limit: left });
    left -= edges.length;
    const known = new Set(ends);
    ends = [];
    for (const edge of edges) {
      for (const { before, id } of stepsOf(edge, query.direction)) {
        if (!known.has(before) || reached.has(id)) continue;
        reached.set(id, { edge, before });
        ends.push(id);
      }
    }
    if (reached.has(to)) return wayTo(to, reached);
  }
  return undefined;
}

function stepsOf(
  { source, target }: EdgeRecord,
  direction: PathQuery["direction"],
): { before: string; id: string }[] {
  return [
    ...(direction === "in" ? [] : [{ before: source, id: target }]),
    ...(direction === "out" ? [] : [{ before: target, id: source }]),
  ];
}

function wayTo(
  to: string,
  reached: ReadonlyMap<string, { edge: EdgeRecord; before: string } | undefined>,
): EdgeRecord[] {
  const path: EdgeRecord[] = [];
  for (let at = reached.get(to); at; at = reached.get(at.before)) path.push(at.edge);
  return path.reverse();
}
