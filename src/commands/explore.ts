/** `momo explore`: tries something out on a branch that nobody else sees, then merges or discards it. */
import { MomoError } from "../errors.ts";
import type { Exploration, ExplorationComparison, WriteReceipt } from "../model/rollback.ts";
import type { Momo } from "../momo.ts";
import {
  type CommandContext,
  defineCommand,
  homeOption,
  type Input,
  pathOption,
  waitOption,
} from "./command.ts";
import { openPlace } from "./place.ts";
import { readSeconds } from "./time.ts";
import { authorOf, type WrittenBy, writerOptions } from "./who.ts";

export type ExploreAnswer =
  | Exploration
  | { explorations: Exploration[] }
  | ExplorationComparison
  | (WriteReceipt & { merged: string })
  | { discarded: string };

const positionals = [
  {
    name: "action",
    value_name: "ACTION",
    kind: "word",
    choices: ["start", "list", "compare", "merge", "discard"],
    help: "what to do; default list",
  },
  {
    name: "name",
    value_name: "NAME",
    kind: "word",
    or_option: true,
    help: "the exploration; start finds a name",
  },
] as const;

const options = {
  ttl: {
    type: "string",
    value_name: "TIME",
    help: "start: gone after so many seconds, or 30m, 2h, 7d; default 1h",
  },
  pin: { type: "boolean", help: "start: stays until it is merged or discarded" },
  max_operations: {
    type: "integer",
    value_name: "N",
    min: 1,
    help: "start: may write so much; default 100000",
  },
  max_bytes: { type: "integer", value_name: "N", min: 1, help: "start: of so many bytes; default 268435456" },
  parent: { type: "string", value_name: "NAME", help: "start: lies over this exploration instead" },
  query: {
    type: "strings",
    value_name: "QUERY",
    help: "compare: what a search for this finds on either side",
  },
  prefer: {
    type: "string",
    value_name: "SIDE",
    choices: ["exploration", "base"],
    help: "merge: which one to keep where both sides changed the same; default: merge nothing then",
  },
  ...writerOptions,
  path: pathOption,
  home: homeOption,
  wait: waitOption,
} as const;

type ExploreInput = Input<typeof positionals, typeof options>;

interface Asked {
  momo: Momo;
  input: ExploreInput;
  by: WrittenBy;
}

function start({ momo, input, by }: Asked): Promise<Exploration> {
  const { name, ttl, pin, max_operations, max_bytes, parent } = input;
  return momo.explore({
    ...by,
    pinned: pin,
    ...(name !== undefined && { name }),
    ...(ttl !== undefined && { ttl_seconds: readSeconds({ name: "--ttl", text: ttl }) }),
    ...(max_operations !== undefined && { max_operations }),
    ...(max_bytes !== undefined && { max_bytes }),
    ...(parent !== undefined && { parent }),
  });
}

function needed({ action, name }: ExploreInput): string {
  if (name !== undefined) return name;
  throw new MomoError("ARGUMENT_MISSING", { argument: "NAME", usage: `usage: momo explore ${action} NAME` });
}

/** Before anything is opened. */
function checkWords(input: ExploreInput): void {
  const { action = "list", name } = input;
  if (action !== "start" && action !== "list") needed(input);
  if (action === "list" && name !== undefined)
    throw new MomoError("ARGUMENT_UNEXPECTED", { argument: name, usage: "usage: momo explore list" });
}

async function answer(asked: Asked): Promise<ExploreAnswer> {
  const { momo, input, by } = asked;
  switch (input.action) {
    case "start":
      return start(asked);
    case "compare":
      return momo.compareExploration(needed(input), input.query);
    case "merge": {
      const { prefer } = input;
      const receipt = await momo.mergeExploration(needed(input), { ...by, ...(prefer && { prefer }) });
      return { merged: needed(input), ...receipt };
    }
    case "discard":
      await momo.discardExploration(needed(input), by);
      return { discarded: needed(input) };
    default:
      return { explorations: await momo.explorations() };
  }
}

async function run(context: CommandContext, input: ExploreInput): Promise<ExploreAnswer> {
  checkWords(input);
  const { momo } = await openPlace(context, { ...input, indexed: true });
  try {
    const by = authorOf(context, input);
    return await answer({ momo, input, by });
  } finally {
    await momo.close();
  }
}

export const explore = defineCommand({
  summary: "try something out where nobody else sees it, then merge or discard it",
  details:
    "momo doc, search, history, rollback and checkpoint work in an exploration with --exploration NAME. compare shows " +
    "what it changed; merge makes that one transaction of the knowledge base, which can be taken back like any other; " +
    "discard leaves nothing but a line in the history.",
  examples: [
    { command: "momo explore start trial --ttl 2h", help: "begin" },
    {
      command: 'momo explore compare trial --query "exit codes"',
      help: "what it changed, and what a search finds",
    },
    { command: "momo explore merge trial", help: "make it part of the knowledge base" },
    { command: "momo explore", help: "list the open ones" },
  ],
  positionals,
  options,
  effect: "write",
  effectOf: ({ action = "list" }) => (action === "list" || action === "compare" ? "read" : "write"),
  run,
});
