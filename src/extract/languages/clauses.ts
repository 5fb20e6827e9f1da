/**
 * Functions written as several definitions of one name (Elixir's clauses, Haskell's signature and equations): they
 * become one entity that spans all of them. Used by elixir.ts and haskell.ts.
 */
import type { Entity } from "../outline.ts";
import type { Definition, Scope, Walk } from "../walk.ts";

export interface Clause extends Omit<Definition, "opens"> {
  /** What the definitions of one function have in common within their scope: `add/2`. */
  key: string;
  /** False for a signature: it says nothing about how the value is computed. */
  decides: boolean;
}

interface Seen {
  entity: Entity;
  callees: Set<string>;
  decides: boolean;
}

const seenIn = new WeakMap<Scope, Map<string, Seen>>();

/**
 * Opens the function's scope for this clause; adds the entity with the first clause. Each further clause is one more
 * way through the function and adds 1 to its complexity. Undefined where nothing can be defined.
 */
export function defineClause(walk: Walk, clause: Clause): { entity: Entity; first: boolean } | undefined {
  const { key, decides, ...definition } = clause;
  const around = walk.scope;
  const known = seenIn.get(around) ?? new Map<string, Seen>();
  const seen = known.get(key);
  if (!seen) {
    const entity = walk.define({ ...definition, opens: "function" });
    if (!entity) return undefined;
    known.set(key, { entity, decides, callees: walk.scope.callees });
    seenIn.set(around, known);
    return { entity, first: true };
  }
  const { entity, callees } = seen;
  entity.end_line = Math.max(entity.end_line, walk.lastLine(definition.end));
  const { qualified } = entity;
  walk.open({ kind: "function", qualified, owner: qualified, end: definition.end });
  walk.scope.counted = entity;
  walk.scope.callees = callees;
  if (decides && seen.decides) walk.branch();
  const first = decides && !seen.decides;
  seen.decides ||= decides;
  return { entity, first };
}
