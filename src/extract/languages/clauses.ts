/**
 * Functions written as several definitions of one name (Elixir's clauses, Haskell's signature and equations): they
 * become one entity that spans all of them. Used by elixir.ts and haskell.ts.
 */
import type { Entity } from "../../model/outline.ts";
import type { Definition, Scope, Walk } from "../walk.ts";

export interface Clause extends Omit<Definition, "opens"> {
  /** What the definitions of one function have in common within their scope: `add/2`. */
  key: string;
  /** False for a signature: it says nothing about how the value is computed. */
  hasBody: boolean;
}

interface Seen {
  entity: Entity;
  hasBody: boolean;
}

const seenIn = new WeakMap<Scope, Map<string, Seen>>();

/**
 * Adds the entity with the first clause, and opens the function's scope for each that has a body. Each further body
 * is one more way through the function and adds 1 to its complexity. `first` is true for the first clause with a body.
 * Undefined where nothing can be defined.
 */
export function defineClause(walk: Walk, clause: Clause): { entity: Entity; first: boolean } | undefined {
  const { key, hasBody, ...definition } = clause;
  const around = walk.scope;
  const known = seenIn.get(around) ?? new Map<string, Seen>();
  const seen = known.get(key);
  if (seen) return addClause(walk, seen, clause);
  const entity = walk.define({ ...definition, ...(hasBody && { opens: "function" }) });
  if (!entity) return undefined;
  known.set(key, { entity, hasBody });
  seenIn.set(around, known);
  return { entity, first: hasBody };
}

function addClause(walk: Walk, seen: Seen, { hasBody, end }: Clause): { entity: Entity; first: boolean } {
  const { entity } = seen;
  if (!hasBody) return { entity, first: false };
  const first = !seen.hasBody;
  seen.hasBody = true;
  walk.openBody(entity, end);
  return { entity, first };
}
