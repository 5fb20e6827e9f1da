/** `momo checkpoint`: gives the present state a name that momo rewind and momo rollback --after understand. */
import { MomoError } from "../errors.ts";
import type { Checkpoint } from "../model/rollback.ts";
import {
  type CommandContext,
  defineCommand,
  explorationOption,
  homeOption,
  type Input,
  pathOption,
  waitOption,
} from "./command.ts";
import { openPlace } from "./place.ts";
import { authorOf, writerOptions } from "./who.ts";

/** The one that was set, all that there are, or the name of the one that was removed. */
export type CheckpointAnswer = Checkpoint | { checkpoints: Checkpoint[] } | { removed: string };

const positionals = [
  {
    name: "name",
    value_name: "NAME",
    kind: "word",
    help: "name to give to the state of now; without it, list them",
  },
] as const;

const options = {
  remove: { type: "boolean", help: "forget the checkpoint NAME; the state it names stays in the history" },
  ...writerOptions,
  exploration: explorationOption,
  path: pathOption,
  home: homeOption,
  wait: waitOption,
} as const;

async function run(
  context: CommandContext,
  input: Input<typeof positionals, typeof options>,
): Promise<CheckpointAnswer> {
  const { name, exploration } = input;
  if (input.remove && name === undefined)
    throw new MomoError("ARGUMENT_MISSING", {
      argument: "NAME",
      usage: "usage: momo checkpoint NAME --remove",
    });
  const by = { ...authorOf(context, input), exploration };
  const { momo } = await openPlace(context, { ...input, indexed: true });
  try {
    if (name === undefined) return { checkpoints: await momo.checkpoints({ exploration }) };
    if (!input.remove) return await momo.checkpoint(name, by);
    await momo.removeCheckpoint(name, by);
    return { removed: name };
  } finally {
    await momo.close();
  }
}

export const checkpoint = defineCommand({
  summary: "give the present state a name, or list such names",
  details:
    "momo rewind NAME goes back to it, momo rollback --after NAME takes back what came later. Setting a name again " +
    "moves it. momo audit compact keeps what a checkpoint needs.",
  examples: [
    { command: "momo checkpoint before-cleanup", help: "name the state of now" },
    { command: "momo checkpoint", help: "list them" },
    { command: "momo checkpoint before-merge --agent alice", help: "in the name of an agent" },
    { command: "momo checkpoint before-merge --remove", help: "forget a name" },
  ],
  positionals,
  options,
  effect: "write",
  effectOf: ({ name }) => (name === undefined ? "read" : "write"),
  run,
});
