/**
 * Ids of a file's entities: `<path>#<Qualified.name>`. Where a name is shared, in a language that tells definitions
 * apart by their parameters, the types of the parameters follow (`#O.put(int)`), and `~2` for what is still the same
 * (docs/decisions/0018). Used by retrieve and knowledge.
 */
import type { Place } from "./outline-columns.ts";

type Named = Pick<Place, "qualified" | "type" | "overload">;

export function entityIds(path: string, entities: readonly Named[]): string[] {
  const shared = sharedNames(entities);
  return numbered(
    entities.map(({ qualified, overload }) =>
      overload !== undefined && shared.has(qualified) ? `${qualified}${overload}` : qualified,
    ),
  ).map((name) => `${path}#${name}`);
}

/**
 * The entity of every id that names one. What an id was before a definition of the same name came or went still does:
 * `#O.put(int)` for one whose name is no longer shared, `#O.put` and `#O.put~2` for the first and the second of those
 * that share it.
 */
export function knownIds(path: string, entities: readonly Named[]): Map<string, number> {
  const known = new Map(entityIds(path, entities).map((id, at) => [id, at]));
  const whole = numbered(entities.map(({ qualified, overload = "" }) => `${qualified}${overload}`));
  const plain = numbered(entities.map(({ qualified }) => qualified));
  for (const names of [whole, plain])
    names.forEach((name, at) => {
      const id = `${path}#${name}`;
      if (!known.has(id)) known.set(id, at);
    });
  return known;
}

function sharedNames(entities: readonly Named[]): ReadonlySet<string> {
  const once = new Set<string>();
  const shared = new Set<string>();
  for (const { qualified, type } of entities) {
    // The import or export of a name is not another definition of it.
    if (type === "import" || type === "export") continue;
    if (once.has(qualified)) shared.add(qualified);
    once.add(qualified);
  }
  return shared;
}

/** `~2` for the second one of a name. */
function numbered(names: string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}~${count}`;
  });
}
