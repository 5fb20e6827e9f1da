/** `momo digest`: the state as numbers that are equal exactly when the states are. */
import { type CommandContext, defineCommand, explorationOption, homeOption, type Input } from "./command.ts";
import { openPlace } from "./place.ts";

const positionals = [
  {
    name: "path",
    value_name: "PATH",
    kind: "path",
    or_option: true,
    help: "an indexed folder; default the current one",
  },
] as const;

const options = { exploration: explorationOption, home: homeOption } as const;

async function run(context: CommandContext, input: Input<typeof positionals, typeof options>) {
  const { momo } = await openPlace(context, { ...input, indexed: true });
  try {
    return await momo.digestReport({ exploration: input.exploration });
  } finally {
    await momo.close();
  }
}

export const digest = defineCommand({
  summary: "show the state as numbers that are equal exactly when the states are",
  details:
    "Of everything, and of documents, relations, settings, words and the results of a few searches: to see that a " +
    "rollback brought all of it back.",
  examples: [
    { command: "momo digest", help: "the current folder" },
    { command: "momo digest --json", help: "to compare in a script" },
  ],
  positionals,
  options,
  effect: "read",
  run,
});
