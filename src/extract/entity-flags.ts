/**
 * What an entity is to others, from its head alone: exported, static, abstract, a constructor; and its parameter types
 * where they tell definitions of one name apart. Used by walk.ts when all entities are known.
 */
import { type Entity, EntityFlag } from "../model/outline.ts";
import type { LanguageRow } from "./language-table.ts";

export function markEntities(entities: readonly Entity[], language: LanguageRow): void {
  const exported = new Set(entities.filter(({ type }) => type === "export").map(({ name }) => name));
  for (const entity of entities) {
    if (entity.type === "import" || entity.type === "export") continue;
    const flags = flagsOf(entity, { language, exported });
    if (flags > 0) entity.flags = flags;
    const types = language.overloads && overloadOf(entity);
    if (types) entity.overload = types;
  }
}

interface Known {
  language: LanguageRow;
  /** Names in export statements and lists of the file. */
  exported: ReadonlySet<string>;
}

function flagsOf(entity: Entity, known: Known): number {
  const modifiers = wordsBefore(entity);
  const isStatic = modifiers.has("static") || hasDecorator(entity, /^(?:static|class)method\b/);
  const isAbstract =
    modifiers.has("abstract") ||
    hasDecorator(entity, /^(?:abc\.)?abstract/) ||
    (modifiers.has("virtual") && /=\s*0\s*$/.test(entity.signature ?? ""));
  return (
    (isExported(entity, { ...known, modifiers }) ? EntityFlag.exported : 0) |
    (isStatic || isSelf(entity) ? EntityFlag.static : 0) |
    (isAbstract ? EntityFlag.abstract : 0) |
    (isConstructor(entity, known.language) ? EntityFlag.constructor : 0)
  );
}

/** The words of the head that stand before the name. */
function wordsBefore({ signature = "", name }: Entity): ReadonlySet<string> {
  const at = signature.indexOf(name);
  return new Set(at < 0 ? [] : signature.slice(0, at).split(/[^\w]+/));
}

const hasDecorator = ({ decorators = [] }: Entity, pattern: RegExp): boolean =>
  decorators.some((one) => pattern.test(one));

/** Ruby's `def self.name`. */
const isSelf = ({ signature = "", name }: Entity): boolean => signature.startsWith(`def self.${name}`);

const hidden = ["private", "protected", "internal", "fileprivate", "defp", "defmacrop"];

function isExported(
  { name, qualified }: Entity,
  { language, exported, modifiers }: Known & { modifiers: ReadonlySet<string> },
): boolean {
  switch (language.exports) {
    case "named":
      return name === qualified && exported.has(name);
    case "public":
      return modifiers.has("public") || modifiers.has("pub") || modifiers.has("open");
    case "capital":
      return /^\p{Lu}/u.test(name);
    case "no-underscore":
      return exported.has(name) || (exported.size === 0 && !/^_(?!_\w+__$)/.test(name));
    case "not-static":
      return !modifiers.has("static");
    default:
      return !hidden.some((word) => modifiers.has(word));
  }
}

function isConstructor({ type, name, qualified }: Entity, { constructors }: LanguageRow): boolean {
  if (type !== "method" || constructors === undefined) return false;
  if (constructors !== "as its type") return constructors.has(name);
  const owner = qualified.slice(0, -name.length - 1);
  return owner.slice(owner.lastIndexOf(".") + 1) === name.split(".", 1)[0];
}

/** Longer ones are cut: what is the same up to here is counted. */
const longest = 300;

/** `(int,Map<String,int>)`, and `const` after it in C++. */
function overloadOf({ parameters, signature = "", type }: Entity): string | undefined {
  if (!parameters || (type !== "function" && type !== "method")) return undefined;
  const types = parameters.map((one) =>
    (one.type ?? "").replace(/\s*([^\w\s])\s*/g, "$1").replace(/\s+/g, " "),
  );
  const isConst = /\)\s*const\b[^()]*$/.test(signature);
  return `(${types.join(",").slice(0, longest)})${isConst ? "const" : ""}`;
}
