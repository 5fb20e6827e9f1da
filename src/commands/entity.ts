/** `momo entity`: one thing by its id or name: what it is, its text, what documents it and what it is joined to. */
import { MomoError } from "../errors.ts";
import type { KnowledgeEntry } from "../model/api.ts";
import { relationTypes } from "../model/outline.ts";
import type { RelationRecord } from "../model/rollback.ts";
import type { Momo } from "../momo.ts";
import {
  type CommandContext,
  defineCommand,
  explorationOption,
  homeOption,
  type Input,
  pathOption,
} from "./command.ts";
import { openPlace } from "./place.ts";

export interface EntityAnswer extends KnowledgeEntry {
  /** Relations that somebody wrote at it, in both directions. */
  neighbors: RelationRecord[];
  /** How many are not shown. */
  more_neighbors?: number;
  /** Lines of its text that are not shown. */
  cut_lines?: number;
}

const positionals = [
  {
    name: "id",
    value_name: "ID",
    kind: "word",
    required: true,
    help: "a path, path#Qualified.name, an entry's id, or the bare name of a definition or file",
  },
] as const;

const options = {
  max_lines: {
    type: "integer",
    value_name: "N",
    min: 1,
    help: "at most so many lines of its text; default all",
  },
  direction: {
    type: "string",
    value_name: "DIRECTION",
    choices: ["in", "out", "both"],
    default: "both",
    help: "of the relations that were written at it: those that end there, begin there, or both",
  },
  type: {
    type: "string",
    value_name: "TYPE",
    choices: relationTypes,
    help: "only relations of this type",
  },
  exploration: explorationOption,
  path: pathOption,
  home: homeOption,
} as const;

type EntityInput = Input<typeof positionals, typeof options>;

const MAX_NEIGHBORS = 200;
const MAX_CANDIDATES = 8;

/** Definitions and files of that very name, by search: somebody who knows the name need not know the folder. */
async function idsCalled(momo: Momo, name: string, exploration: string | undefined): Promise<string[]> {
  const where = exploration === undefined ? {} : { exploration };
  const { results } = await momo.search({ query: name, limit: 20, strategy: "words", ...where });
  const dotted = name.replaceAll(/::|#/g, ".");
  const last = name.split(/\.|::|#/).at(-1);
  const ids = results.flatMap(({ path, entity_id = "", entity_name = "" }) => {
    if (path.endsWith(`/${name}`)) return [path];
    const isMeant =
      entity_name === name ||
      entity_name === last ||
      entity_name.endsWith(`.${dotted}`) ||
      entity_id.endsWith(`#${name}`);
    return isMeant ? [entity_id] : [];
  });
  return [...new Set(ids)];
}

async function find(momo: Momo, { id, exploration }: EntityInput): Promise<KnowledgeEntry> {
  const where = exploration === undefined ? {} : { exploration };
  const exact = await momo.get(id, where);
  if (exact) return exact;
  const ids = id.trim() === "" ? [] : await idsCalled(momo, id, exploration);
  if (ids.length > 1)
    throw new MomoError("NAME_AMBIGUOUS", { name: id, ids: ids.slice(0, MAX_CANDIDATES).join(", ") });
  const named = ids[0] === undefined ? undefined : await momo.get(ids[0], where);
  if (!named) throw new MomoError("ENTRY_UNKNOWN", { id });
  return named;
}

function shortened(
  entry: KnowledgeEntry,
  most: number | undefined,
): Pick<EntityAnswer, "content" | "cut_lines"> {
  const lines = most === undefined ? [] : entry.content.split("\n");
  // The end of the last line begins no other one.
  if (lines.at(-1) === "") lines.pop();
  if (most === undefined || lines.length <= most) return { content: entry.content };
  return { content: lines.slice(0, most).join("\n"), cut_lines: lines.length - most };
}

async function run(context: CommandContext, input: EntityInput): Promise<EntityAnswer> {
  const { direction, type, exploration } = input;
  const { momo } = await openPlace(context, { ...input, indexed: true });
  try {
    const entry = await find(momo, input);
    const all = await momo.neighbors(entry.id, {
      direction,
      ...(type && { type }),
      ...(exploration !== undefined && { exploration }),
    });
    return {
      ...entry,
      ...shortened(entry, input.max_lines),
      neighbors: all.slice(0, MAX_NEIGHBORS),
      ...(all.length > MAX_NEIGHBORS && { more_neighbors: all.length - MAX_NEIGHBORS }),
    };
  } finally {
    await momo.close();
  }
}

export const entity = defineCommand({
  summary: "show one thing by its id or name, with what documents it and what it is joined to",
  details:
    "A file, a definition in it, or an entry that somebody wrote. A bare name is looked for; where several things are " +
    "called so, their ids are listed.",
  examples: [
    { command: "momo entity src/errors.ts#MomoError", help: "a definition" },
    { command: "momo entity MomoError --max-lines 20", help: "the same by its name, shortened" },
    { command: "momo entity src/errors.ts --json", help: "a file, for a program" },
  ],
  positionals,
  options,
  effect: "read",
  run,
});
